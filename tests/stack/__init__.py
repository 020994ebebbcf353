"""The whole stack's tests; the story's assertions are explained as those of test modules are."""

import pytest

pytest.register_assert_rewrite("tests.stack.story", "tests.stack.project")
