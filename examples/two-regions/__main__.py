"""Two layers shared by five functions, in each of two regions; a region's functions go live together."""

import sys
from pathlib import Path

import pulumi
import pulumi_aws as aws

# The components lie two folders up; a program of your own has `components/` and `build/` beside it.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from components.bucket import ArtifactBucket
from components.function import PythonFunction
from components.layer import LambdaLayer
from components.release import Release
from components.released import ReleasedFunctionArgs

REGIONS = {"west": "us-west-2", "east": "us-east-1"}
# Each layer's lock is `layers/NAME.txt`; a function's first layer is the one that its smoke test is about.
FUNCTIONS = {
    "front": ["web"],
    "search": ["web", "data"],
    "ingest": ["data"],
    "report": ["data", "web"],
    "sweep": ["data"],
}
settings = pulumi.Config("lamina")
PYTHON, ARCHITECTURE = settings.require("python"), settings.require("architecture")


def deploy(name: str, region: str) -> Release:
    """Everything in one region: its bucket, its layer versions, its functions, and their release.

    The provider says where. The second region finds the layers' wheels in the cache, and as the content
    decides the digest, both regions have the same layers.
    """
    within = pulumi.ResourceOptions(provider=aws.Provider(name, region=region))
    artifacts = ArtifactBucket(f"{name}-artifacts", {"force_destroy": True}, within)
    layers = {
        each: LambdaLayer(
            f"{name}-{each}",
            {
                "directory": ".",
                "lock": f"layers/{each}.txt",
                "python": PYTHON,
                "architecture": ARCHITECTURE,
                "bucket": artifacts.name,
            },
            within,
        )
        for each in ("web", "data")
    }

    def function(short: str) -> ReleasedFunctionArgs:
        attached = [layers[each] for each in FUNCTIONS[short]]
        made = PythonFunction(
            f"{name}-{short}",
            {
                "directory": ".",
                "source": "service",
                "handler": f"service.handlers.{short}",
                "python": PYTHON,
                "architecture": ARCHITECTURE,
                "bucket": artifacts.name,
                "layers": [each.arn for each in attached],
                "layer_sizes": [each.unzipped_size for each in attached],
                "largest_packages": [each.largest for each in attached],
            },
            within,
        )
        return {
            "function_name": made.function_name,
            "version": made.version,
            "qualified_arn": made.qualified_arn,
            "layer_arn": attached[0].arn,
            "layer_digest": attached[0].digest,
            "code_digest": made.code_digest,
            "code_sha256": made.code_sha256,
            "event": "{}",
            "expect": pulumi.Output.json_dumps({"function": made.function_name}),
        }

    release = Release(
        f"{name}-release",
        {"functions": {short: function(short) for short in FUNCTIONS}, "bucket": artifacts.name},
        within,
    )
    pulumi.export(
        name, {"digests": {each: layer.digest for each, layer in layers.items()}, "live": release.alias_arns}
    )
    return release


for name, region in REGIONS.items():
    deploy(name, region)
