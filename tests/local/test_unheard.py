from __future__ import annotations

import os
import sys

import pytest

from local.unheard import finishing


def test_what_nobody_reads_any_more_is_dropped_and_the_work_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with finishing():
            print("first")
            assert os.read(reader, 100) == b"first\n"
            os.close(reader)
            print("second")
            print("third")
        stream.flush()
