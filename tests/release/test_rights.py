"""The documented rights of whoever is on call."""

from __future__ import annotations

from tests.world.deployer import rights, rights_of

from .conftest import Shop


def test_the_documented_rights_are_those_that_the_commands_need_and_no_others(shop: Shop) -> None:
    shop.release("api", "worker")
    shop.server.calls.reset()
    for command in ("status", "history", "rollback"):
        shop.run(command)
    assert rights_of(shop.server.calls.shown()["calls"]) == rights("Rollback", of="operator")
