"""Which keys are pictures, and what becomes of a picture."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.pictures import PictureError, checked_key, thumbnail, thumbnail_key


def picture(width: int, height: int, kind: str = "PNG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("key", ["pictures/cat.jpg", "pictures/2026/a_b-c+d.PNG", "pictures/..cat"])
def test_a_key_below_pictures_is_accepted(key: str) -> None:
    assert checked_key(key) == key


@pytest.mark.parametrize(
    "key",
    [
        "cat.jpg",
        "pictures/",
        "pictures/a//b",
        "pictures/../x",
        "pictures/ä.jpg",
        "pictures/a b",
        "pictures/" + "a" * 600,
    ],
)
def test_any_other_key_is_refused_by_name(key: str) -> None:
    with pytest.raises(PictureError, match="not a picture's key"):
        checked_key(key)


@given(st.sampled_from([128, 512]), st.integers(1, 700), st.integers(1, 700))
def test_a_thumbnail_is_a_jpeg_no_larger_than_asked_nor_than_the_picture(
    size: int, width: int, height: int
) -> None:
    with Image.open(io.BytesIO(thumbnail(picture(width, height), size))) as made:
        assert made.format == "JPEG"
        assert max(made.size) == min(size, max(width, height))


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("GIF", "P"), ("TIFF", "CMYK"), ("JPEG", "L")])
def test_every_usual_kind_of_picture_gets_a_thumbnail(kind: str, mode: str) -> None:
    assert thumbnail(picture(20, 10, kind, mode), 8).startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    "content", [b"", b"not a picture", picture(40, 40)[:60]], ids=["empty", "text", "cut"]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PictureError, match="not a readable picture"):
        thumbnail(content, 8)


def test_two_pictures_never_share_a_thumbnail() -> None:
    keys = ["pictures/a.jpg", "pictures/a.png", "pictures/b/a.jpg"]
    assert len({thumbnail_key(key, size) for key in keys for size in (128, 512)}) == 6
