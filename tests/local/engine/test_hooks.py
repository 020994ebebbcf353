"""Error hooks: the program is asked when a step of one of its resources fails."""

from __future__ import annotations

import pytest

from local.engine.hooks import ErrorHooks
from local.engine.providers import ProviderGoneError
from local.engine.state import ON_ERROR, Resource

from .conftest import Demo

HOOKED = """
    def hooked(name, tell, **inputs):
        hook = pulumi.ErrorHook(name + "-hook", tell)
        return thing(name, Opts(hooks=pulumi.ResourceHookBinding(on_error=[hook])), **inputs)
"""


def test_a_hook_is_told_what_failed_and_the_run_fails_as_ever(demo: Demo) -> None:
    demo.up(
        HOOKED
        + """
    async def tell(args):
        pulumi.log.error(f"{args.name} {args.failed_operation}: {args.errors} {args.new_inputs['fail']}")
        return False
    hooked("a", tell, fail="no luck")
    thing("b", Opts(depends_on=[]), slow=0.1)
    """,
        code=1,
    )
    assert "a create: ['no luck'] no luck" in demo.out + demo.err
    assert "a" not in demo.state()


def test_a_step_is_tried_again_as_often_as_its_hook_wants(demo: Demo) -> None:
    demo.up(
        HOOKED
        + """
    hooked("a", lambda args: len(args.errors) < 3, fail="no luck")
    """,
        code=1,
    )
    assert "retrying create due to on-error hook request (2/100)" in demo.out + demo.err
    assert "(3/100)" not in demo.out + demo.err


def test_an_update_tells_what_was_before(demo: Demo) -> None:
    text = HOOKED + "    hooked('a', lambda args: print(args.failed_operation, args.old_inputs), {})\n"
    demo.up(text.format("x=1"))
    demo.up(text.format("x=2, failUpdate='no luck'"), code=1)
    assert "update {" in demo.out + demo.err
    assert demo.state()["a"]["inputs"]["x"] == 1


def test_a_hook_that_fails_is_named(demo: Demo) -> None:
    demo.up(
        HOOKED
        + """
    def broken(args):
        raise ValueError("broken")
    hooked("a", broken, fail="no luck")
    """,
        code=1,
    )
    assert 'error hooks execution failed: error hook "a-hook" failed: broken' in demo.out + demo.err


def test_the_state_says_which_hooks_a_resource_has(demo: Demo) -> None:
    demo.up(HOOKED + "    hooked('a', lambda args: False)\n")
    assert demo.state()["a"]["resourceHooks"] == {"OnError": ["a-hook"]}
    assert demo.up() == []


@pytest.mark.parametrize("kind", ["before_create", "after_delete"])
def test_other_hooks_are_refused_by_name(demo: Demo, kind: str) -> None:
    demo.up(
        f"""
    from pulumi.runtime.resource_hooks import StubResourceHook
    binding = pulumi.ResourceHookBinding({kind}=[StubResourceHook("h")])
    thing("a", Opts(hooks=binding))
    """,
        code=1,
    )
    assert "hooks" in demo.out + demo.err


def test_a_hook_is_heard_also_when_another_step_failed_before(demo: Demo) -> None:
    demo.up(
        HOOKED
        + """
    def tell(args):
        pulumi.log.error("heard in the end")
        return False
    hooked("a", tell, slow=0.6, fail="first")
    thing("b", slow=0.1, fail="second")
    """,
        code=1,
    )
    assert "second" in demo.out + demo.err
    assert "heard in the end" in demo.out + demo.err


def test_a_hook_that_fails_hides_no_provider_that_has_gone() -> None:
    urn = "urn:pulumi:test::demo::aws:test/thing:Thing::a"

    def vanish() -> None:
        raise ProviderGoneError(urn, "gone")

    thing = Resource(urn=urn, type="aws:test/thing:Thing", resource_hooks={ON_ERROR: ["unknown"]})
    with pytest.raises(ProviderGoneError, match=r'gone; error hooks .* "unknown" was not registered'):
        ErrorHooks(lambda _: None).watched("create", thing, None, vanish)
