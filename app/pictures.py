"""Pictures and their thumbnails: which keys they have, and how one becomes the other."""

from __future__ import annotations

import io
import re

from PIL import Image, ImageOps

PICTURES = "pictures/"
THUMBNAILS = "thumbnails/"
# The longest side, in pixels.
SIZES = (128, 512)
# What one function of 512 MB can decode: four bytes a pixel, and a copy of it.
LARGEST_PIXELS = 40_000_000

_KEY = re.compile(r"pictures/[\w.+-]+(?:/[\w.+-]+)*", re.ASCII)
_LONGEST_KEY = 512


class PictureError(Exception):
    """A key or a picture that no thumbnail can be made of."""


def checked_key(key: str) -> str:
    """Gives back the key of a picture, once it is one.

    Args:
        key: an object key such as `pictures/2026/cat.jpg`.

    Raises:
        PictureError: the key lies elsewhere, climbs out, or has odd characters.
    """
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key) or ".." in key.split("/"):
        raise PictureError(
            f"not a picture's key: {key[:80]!r} (wanted: {PICTURES}NAME, of letters, digits and . _ + - /)"
        )
    return key


def thumbnail_key(key: str, size: int) -> str:
    """The key of a picture's thumbnail of that size, for instance `thumbnails/128/2026/cat.jpg.jpg`."""
    return f"{THUMBNAILS}{size}/{key.removeprefix(PICTURES)}.jpg"


def thumbnail(picture: bytes, size: int) -> bytes:
    """Makes a JPEG whose longest side is at most `size` pixels; a smaller picture keeps its size.

    Args:
        picture: the file's bytes, in any format that Pillow reads.
        size: pixels.

    Raises:
        PictureError: Pillow cannot read it, or it has more than LARGEST_PIXELS.
    """
    try:
        with Image.open(io.BytesIO(picture)) as image:
            return _shrunk(image, size)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureError(f"not a readable picture: {error}") from error


def _shrunk(image: Image.Image, size: int) -> bytes:
    # A JPEG is decoded at a fraction of its size where that is enough.
    image.draft("RGB", (size, size))
    if image.width * image.height > LARGEST_PIXELS:
        raise PictureError(f"too large: {image.width} x {image.height} pixels, at most {LARGEST_PIXELS:,}")
    ImageOps.exif_transpose(image, in_place=True)
    thumbnail = image.convert("RGB")
    thumbnail.thumbnail((size, size))
    out = io.BytesIO()
    thumbnail.save(out, "JPEG", quality=85)
    return out.getvalue()
