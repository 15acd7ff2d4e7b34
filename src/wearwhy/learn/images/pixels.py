"""A photograph's bytes as what the network looks at: a white square with the whole picture in it.

Nothing is cut off: a dress is told by its hem. What is seen through a picture is white, as shops
show their goods. A camera's note of how it was held is followed.
"""

from __future__ import annotations

import io
import warnings
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wearwhy.errors import FormatError, InputError, Place, ValueRefused
from wearwhy.learn.images.parts import SIDE, part

FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP")
"""What is decoded; no other decoder of Pillow sees the bytes."""
MOST_PIXELS: Final = 64_000_000
"""A larger picture is refused: decoded, it takes four bytes a pixel."""
_WHITE: Final = (255, 255, 255)
_NEAR: Final = 2 * SIDE


def pixels(data: bytes, name: str) -> NDArray[np.uint8]:
    """Return a picture as (side, side, 3) bytes of red, green and blue.

    Args:
        data: of a file in one of `FORMATS`; of an animation, its first frame.
        name: of the file, for errors.

    Raises:
        NotInstalled: WW-EXTRA-IMAGES.
        ValueRefused: WW-IMAGE-PIXELS, where the picture is larger than it may be.
        FormatError: WW-IMAGE-BROKEN, where it is none, or a damaged one.
    """
    pillow = part("PIL.Image")
    with warnings.catch_warnings():
        # What Pillow warns of is either refused here or of no use to who has the photographs.
        warnings.simplefilter("ignore")
        try:
            with pillow.open(io.BytesIO(data), formats=FORMATS) as picture:
                _bounded(picture.size, name)
                picture.draft("RGB", (_NEAR, _NEAR))
                return _squared(pillow, picture)
        except InputError:
            raise
        except pillow.DecompressionBombError as error:
            raise _too_large(name) from error
        except Exception as error:  # what a decoder raises on damaged bytes is nowhere written
            raise FormatError(
                "WW-IMAGE-BROKEN",
                f"'{name}' is no picture that can be read.",
                note=str(error) or type(error).__name__,
                hint="Pictures are read in the formats JPEG, PNG, WebP and GIF.",
                place=Place(name),
            ) from error


def _bounded(size: tuple[int, int], name: str) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise _too_large(name, size)


def _too_large(name: str, size: tuple[int, int] | None = None) -> ValueRefused:
    wide = f"{size[0]:,} × {size[1]:,}" if size else "too many"
    return ValueRefused(
        "WW-IMAGE-PIXELS",
        f"'{name}' has {wide} pixels; at most {MOST_PIXELS:,} are decoded.",
        hint="Save it smaller: 448 pixels a side are all that is looked at.",
        place=Place(name),
    )


def _squared(pillow: Any, picture: Any) -> NDArray[np.uint8]:
    """Return a decoded picture turned upright, shrunk or grown to fit, in the middle of white."""
    upright = part("PIL.ImageOps").exif_transpose(picture)
    if upright.mode.startswith("I"):  # sixteen bits of grey, which Pillow would cut off, not scale
        grey = np.asarray(upright, dtype=np.float64) / 257
        upright = pillow.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    clear = upright.has_transparency_data
    whole = upright.convert("RGBA" if clear else "RGB")
    scale = SIDE / max(whole.size)
    fitting = tuple(max(1, round(length * scale)) for length in whole.size)
    small = whole.resize(fitting, pillow.Resampling.BICUBIC)
    square = pillow.new("RGB", (SIDE, SIDE), _WHITE)
    at = tuple((SIDE - length) // 2 for length in fitting)
    square.paste(small, at, small if clear else None)
    return np.asarray(square, dtype=np.uint8)
