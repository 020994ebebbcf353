"""The whole stack's tests; the story's assertions are explained as those of test modules are."""

import pytest

pytest.register_assert_rewrite(
    *(f"tests.stack.{each}" for each in ("beginning", "changes", "end", "lock", "project"))
)
