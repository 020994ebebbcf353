"""Taking over what is there: the resources that a mapping names are imported, and keep their names in AWS.

A transformation of the stack does it, not a transform: the SDK calls it in the program itself, before it
tells the engine of a resource, so that no server is needed by which the engine would call back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pulumi

from build.adopt.file import read_mapping
from build.adopt.mapping import Adopted
from build.adopt.program import ADOPTABLE
from build.errors import UserError

# As `python -m build adopt --stack STACK` calls it.
_FILE = "adopt.{}.yaml"


def take_over(adopt: str | None, names: str | None, directory: str = ".") -> None:
    """Has all resources that are registered from now on imported, or named, as mappings say.

    What is imported is protected as well. What is protected is never deleted or replaced: a preview in which
    AWS could not make it what the program wants fails, says for each such resource which property differs,
    and touches nothing.

    Args:
        adopt: the mapping whose resources are imported, and keep their names; nothing is unless given.
        names: the mapping whose resources keep their names, with nothing else done to them; unless given,
            `adopt.STACK.yaml` if it is there, so that names stay when `adopt` is given no more.
        directory: the Pulumi project's folder, from where both are found.

    Raises:
        UserError: a mapping cannot be read, is wrong, is another stack's, or the two differ in a name.
    """
    names = names or _of_stack(directory)
    imported, kept = _entries(adopt, directory), _entries(names, directory)
    _check_same(kept, imported)
    if adopt is not None and names is None:
        pulumi.log.warn(
            f"the resources of {adopt} keep their names in AWS while lamina:adopt is set; before you take "
            f"it out, set lamina:names to the same file, or call that {_FILE.format(pulumi.get_stack())}"
        )
    named = {**kept, **imported}
    if not named:
        return

    def transformed(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        path = path_of(args)
        if path not in named:
            return None
        props = {**args.props, **_name(named[path])}
        opts = args.opts
        if path in imported:
            taken = pulumi.ResourceOptions(import_=imported[path].id, protect=True)
            opts = pulumi.ResourceOptions.merge(opts, taken)
        return pulumi.ResourceTransformationResult(props, opts)

    pulumi.runtime.register_stack_transformation(transformed)


def _of_stack(directory: str) -> str | None:
    file = _FILE.format(pulumi.get_stack())
    return file if Path(directory, file).is_file() else None


def path_of(args: pulumi.ResourceTransformationArgs) -> str:
    """A resource's path in the program, as a mapping names it: `COMPONENT/TYPE/NAME`."""
    parent = args.opts.parent
    component = parent.pulumi_resource_type.rpartition(":")[2] if parent is not None else ""
    return f"{component}/{args.type_.rpartition(':')[2]}/{args.name}"


def _name(entry: Adopted) -> Mapping[str, str]:
    return {ADOPTABLE[entry.resource].name: entry.name} if entry.name else {}


def _entries(file: str | None, directory: str) -> dict[str, Adopted]:
    if file is None:
        return {}
    mapping = read_mapping(Path(directory, file))
    stack = pulumi.get_stack()
    if mapping.stack and mapping.stack != stack:
        raise UserError(
            f"{file} is for the stack {mapping.stack}, and this is {stack}: what belongs to one stack would "
            "become another's"
        )
    return {each.resource: each for each in mapping.adopted}


def _check_same(names: Mapping[str, Adopted], imported: Mapping[str, Adopted]) -> None:
    """Refuses names that taking lamina:adopt out of the settings would change."""
    faults = [
        f"{path} gets the name {names[path].name} by lamina:names (or the stack's own mapping), and "
        f"{imported[path].name} by lamina:adopt"
        for path in imported
        if path in names and names[path].name != imported[path].name
    ]
    if faults:
        raise UserError(*faults)
