"""States on disk that other programs wrote."""

from __future__ import annotations

import json

from .conftest import Demo


def test_a_state_that_names_hooks_is_read_and_one_that_names_more_is_refused(demo: Demo) -> None:
    demo.up('thing("a")')
    path = demo.folder / "state/demo/test.json"
    kept = json.loads(path.read_text())
    # As the real engine writes it (pkg/resource/stack/deployment.go, `DeploymentSchemaVersionLatest`).
    path.write_text(json.dumps({**kept, "version": 4, "features": ["hooks"]}))
    assert demo.up() == []
    path.write_text(json.dumps({**kept, "version": 4, "features": ["hooks", "views"]}))
    demo.up(code=1)
    assert "has what the stand-in does not know: views" in demo.err
    path.write_text(json.dumps({**kept, "version": 5}))
    demo.up(code=1)
    assert "is not a deployment of version 3 or 4" in demo.err
