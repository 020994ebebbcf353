"""The layer: built from its lock and verified while the program runs, published once for each content."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from build.cache import Cache
from build.console import size_of
from build.layer import build_layer
from build.remote.environment import remote_cache
from build.target import Target
from build.tree.manifest import BuiltLayer
from build.tree.options import LayerOptions, preferences, settled
from build.verify import Verdict, Wanted, refusal, verify_layer
from build.verify.findings import WARNING, Finding

from .builds import RefusedError, in_background
from .names import BUILD_FOLDER, LONGEST_LAYER_NAME, asset_of, physical_name

# The keys of a layer's manifest, in the names that Pulumi shows.
MANIFEST = (
    *("options", "digest", "runtime", "architecture"),
    *("zipSize", "unzippedSize", "files", "packages"),
)


class LambdaLayerArgs(TypedDict):
    """What a layer is made of, and for whom."""

    directory: str
    """The Pulumi project's folder: `lock` and what is built are found from there."""
    lock: str
    """The lock file's path in that folder."""
    python: str
    """The Python version of the functions, such as `3.12`."""
    architecture: str
    """`x86_64` or `arm64`."""
    bucket: pulumi.Input[str]
    """The name of the bucket that the layer's zip goes through."""
    layer_name: NotRequired[str]
    """The layer's name in AWS; `<project>-<stack>-<name>` unless given."""
    bytecode: NotRequired[bool]
    """Whether every source is compiled, so that no cold start compiles; needs that Python where this runs."""
    slim: NotRequired[bool]
    """Whether what no import needs is left out: tests, stubs, headers, static libraries."""
    exclude: NotRequired[Sequence[str]]
    """What is left out: packages by name, and files by patterns as `.gitignore` has them."""
    prefer: NotRequired[Sequence[str]]
    """Whose file counts where two packages ship different ones for a path: each as `PATH=PACKAGE`."""
    require: NotRequired[Sequence[str]]
    """Modules that must be there and, where an interpreter of that Python is, must be importable."""
    verify: NotRequired[bool]
    """Whether a layer that would not work is refused, also by a preview; it is unless this is false."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What became of a layer's lock; there is no verdict where nothing was verified."""

    built: BuiltLayer
    options: LayerOptions
    verdict: Verdict | None


class LambdaLayer(pulumi.ComponentResource):
    """A layer version whose identity is its content.

    It is built while the program goes on, and beside the other layers of the program; what is wrong with any
    of them ends the run, also a preview, once all are built. Object and version are made when their names are
    known. So what is to wait for a layer takes one of its outputs, or in Python depends on `published`, the
    version itself: a plain `depends_on=[layer]` is read before there is anything to wait for.

    Its own inputs are the layer's manifest, so a preview shows what would be published before anything is
    uploaded. Object and version are named by the digest: a new digest is a new resource beside the old one,
    and going back from a release that failed finds the old one where it was. Published versions are never
    deleted with their resource, because other stacks may attach them.
    """

    arn: pulumi.Output[str]
    """The version's ARN, with the version's number."""
    version: pulumi.Output[str]
    """The version's number."""
    digest: pulumi.Output[str]
    """The content's digest: 64 hexadecimal digits."""
    unzipped_size: pulumi.Output[int]
    """The size of all its files, in bytes; functions check it with `layer_sizes`."""
    largest: pulumi.Output[str]
    """Its largest packages with their sizes, for people; empty where it is not verified."""

    def __init__(self, name: str, args: LambdaLayerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # Whoever gave them may change them for the next layer meanwhile.
        args = args.copy()
        made = in_background(f"layer {name}", partial(_build, name, args))
        shown = made.apply(lambda made: manifest(made.built, made.options))
        props = {key: shown.apply(itemgetter(key)) for key in MANIFEST}
        super().__init__("lamina:index:LambdaLayer", name, props, opts)
        # Of Python programs alone: other languages' schemas know no resources of other packages.
        self.published = made.apply(lambda made: self._publish(name, args, made))
        self.arn = self.published.apply(lambda version: version.arn)
        self.version = self.published.apply(lambda version: version.version)
        self.digest = made.apply(lambda made: made.built.digest)
        self.unzipped_size = made.apply(lambda made: made.built.unzipped_size)
        self.largest = made.apply(lambda made: largest(made.verdict))
        self.register_outputs(
            {
                "arn": self.arn,
                "version": self.version,
                "digest": self.digest,
                "unzippedSize": self.unzipped_size,
                "largest": self.largest,
            }
        )

    def _publish(self, name: str, args: LambdaLayerArgs, made: _Made) -> aws.lambda_.LayerVersion:
        built = made.built
        pulumi.log.info(summary(built), resource=self)
        for finding in made.verdict.findings if made.verdict else ():
            # Notes are for those who look closer: some are of no consequence to what goes through a bucket.
            say = pulumi.log.warn if finding.level == WARNING else pulumi.log.debug
            say(one_line(finding), resource=self)
        identity = f"{name}-{built.digest}"
        zipped = aws.s3.BucketObjectv2(
            identity,
            bucket=args["bucket"],
            key=f"layers/{name}/{built.digest}.zip",
            source=asset_of(built.zip, args["directory"]),
            content_type="application/zip",
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Every input of a layer version replaces it, so nothing volatile may be among them.
        return aws.lambda_.LayerVersion(
            identity,
            layer_name=args.get("layer_name") or physical_name(name, LONGEST_LAYER_NAME),
            description=built.digest,
            s3_bucket=zipped.bucket,
            s3_key=zipped.key,
            compatible_runtimes=[built.runtime],
            compatible_architectures=[built.architecture],
            skip_destroy=True,
            opts=pulumi.ResourceOptions(parent=self),
        )


def manifest(built: BuiltLayer, options: LayerOptions) -> dict[str, object]:
    """What a preview shows of a layer.

    Args:
        built: the layer.
        options: with the interpreter that compiled it.

    Returns:
        Digest, target, sizes in bytes, the version of each package, and the options that were given (None
        where none were): all that explains why a digest changed. Its keys are `MANIFEST`.
    """
    return {
        "options": options.as_json() or None,
        "digest": built.digest,
        "runtime": built.runtime,
        "architecture": built.architecture,
        "zipSize": built.zip_size,
        "unzippedSize": built.unzipped_size,
        "files": built.files,
        "packages": {package.name: package.version for package in built.packages},
    }


def summary(built: BuiltLayer) -> str:
    """The line that every preview and update has of a layer; the packages by name are in the details."""
    size = f"{built.zip_size / 1e6:.1f} MB zipped, {built.unzipped_size / 1e6:.1f} MB unzipped"
    target = f"{built.runtime} on {built.architecture}"
    return f"layer {built.digest[:12]} for {target}: {len(built.packages)} packages, {size}"


def largest(verdict: Verdict | None) -> str:
    """The three largest packages as `name 1.2 MB`, the largest first; empty where nothing was verified."""
    return ", ".join(
        f"{each.package} {size_of(each.size)}" for each in (verdict.largest[:3] if verdict else ())
    )


def one_line(finding: Finding) -> str:
    """A finding as one diagnostic, whatever a package's own words in it are."""
    return " ".join(str(finding).split())


def _build(name: str, args: LambdaLayerArgs) -> _Made:
    folder = Path(args["directory"])
    cache = Cache.default()
    target = Target(python=args["python"], architecture=args["architecture"])
    wanted = Wanted.of(args.get("require", ()))
    options = LayerOptions(
        prefer=preferences(args.get("prefer", ())),
        exclude=tuple(sorted(set(args.get("exclude", ())))),
        slim=bool(args.get("slim", False)),
        bytecode=bool(args.get("bytecode", False)),
    )
    options = settled(options, target, cache)
    built = build_layer(
        folder / args["lock"],
        target=target,
        name=name,
        output=folder / BUILD_FOLDER,
        options=options,
        cache=cache,
        # That of LAMINA_REMOTE, if it is set: a runner with an empty cache then builds nothing.
        remote=remote_cache(),
    )
    if not args.get("verify", True):
        return _Made(built, options, None)
    verdict = verify_layer(built, target, cache, wanted)
    if verdict.errors:
        # Each as a diagnostic of its own: a reader sees all of them in the preview.
        reasons = [one_line(finding) for finding in verdict.errors]
        raise RefusedError(reasons, str(refusal(verdict, f"the layer {name}")))
    return _Made(built, options, verdict)
