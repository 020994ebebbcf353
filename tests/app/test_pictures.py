"""Which keys are pictures, and what becomes of a picture."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.pictures import PictureError, checked_key, thumbnail, thumbnail_key

from .conftest import picture


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


def test_a_picture_too_large_to_decode_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(PictureError, match=r"too large: 8000 x 5001 pixels, at most 40,000,000"):
        thumbnail(picture(8000, 5001, mode="1"), 8)


def test_a_large_jpeg_is_decoded_at_the_size_that_is_needed() -> None:
    with Image.open(io.BytesIO(thumbnail(picture(8000, 5001, "JPEG", mode="L"), 128))) as made:
        assert made.size == (128, 80)


def test_a_thumbnail_stands_upright_whatever_the_camera_did() -> None:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # Exif 2.3, tag Orientation: to be turned clockwise by 90 degrees
    Image.new("RGB", (40, 20)).save(out, "JPEG", exif=exif)
    with Image.open(io.BytesIO(thumbnail(out.getvalue(), 20))) as made:
        assert made.size == (10, 20)
        assert made.getexif() == {}
