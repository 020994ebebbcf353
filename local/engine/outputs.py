"""Outputs: what components and the stack give, as the program registers it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .errors import ResourceError
from .journal import Journal, StoppedError
from .urn import STACK_TYPE
from .values import Properties, with_hashes


class Outputs:
    """Writes down a component's outputs at once, and the stack's once the program has ended.

    Attributes:
        of_stack: what the stack gives, as far as the program has said.
    """

    def __init__(self, journal: Journal, folder: Path) -> None:
        """Takes where to keep account, and where assets lie."""
        self._journal = journal
        self._folder = folder
        self.of_stack: Properties = {}

    def register(self, urn: str, outputs: Properties) -> None:
        """Notes what a component gives.

        Raises:
            StoppedError: the component was never registered, or the run has failed.
            ResourceError: an asset among them cannot be read.
        """
        try:
            outputs = with_hashes(outputs, self._folder)
        except OSError as error:
            raise ResourceError(urn, f"{error.filename} cannot be read: {error.strerror}") from error
        with self._journal.lock:
            resource = self._journal.registered.get(urn)
            if resource is None:
                raise StoppedError
            if resource.type == STACK_TYPE:
                self.of_stack = outputs
            else:
                self._journal.amend(resource, replace(resource, outputs=outputs))

    def settle(self, *, whole: bool) -> None:
        """Writes down what the stack gives, once the program has ended.

        Args:
            whole: whether the program registered all that it wanted. If not, what it gave stands over what
                the stack gave before, as the real engine has it (pkg/resource/deploy/step_executor.go).
        """
        with self._journal.lock:
            registered = self._journal.registered.values()
            stack = next((each for each in registered if each.type == STACK_TYPE), None)
            if stack is not None:
                outputs = self.of_stack if whole else {**stack.outputs, **self.of_stack}
                self._journal.amend(stack, replace(stack, outputs=outputs))
