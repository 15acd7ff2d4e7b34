"""A photograph drawn anew: its pixels and nothing else of it.

What a camera wrote beside them (where it was, when, whose it is), a second file hidden behind the
picture and any trick of its encoding stay behind. How the camera was held is followed first.
"""

from __future__ import annotations

import io
import warnings
from typing import Any, Final

from wearwhy.errors import FormatError, InputError, NotInstalled, TooLarge
from wearwhy.learn.images.parts import part
from wearwhy.service.uploads.limits import BOUNDS, SIDE, Bounds, Kind

_FORMATS: Final = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
_QUALITY: Final = 88


def prepare() -> None:
    """Import the decoders, as far as they are installed."""
    try:
        pillow = part("PIL.Image")
    except NotInstalled:
        return
    small = pillow.new("RGBA", (2, 2), (1, 2, 3, 4))
    for ending, name in _FORMATS.items():
        out = io.BytesIO()
        (small.convert("RGB") if name == "JPEG" else small).save(out, name)
        drawn_anew(out.getvalue(), ending, BOUNDS[Kind.PHOTOGRAPH])


def drawn_anew(data: bytes, ending: str, bounds: Bounds) -> tuple[dict[str, Any], bytes]:
    """Return a photograph's pixels as a file of ours: JPEG, or PNG where one can see through it.

    Returns:
        `{"ending", "width", "height"}`, and the file.

    Raises:
        NotInstalled: WW-EXTRA-IMAGES.
        TooLarge: WW-IMAGE-PIXELS.
        FormatError: WW-IMAGE-BROKEN.
    """
    pillow = part("PIL.Image")
    upright = part("PIL.ImageOps").exif_transpose
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's warnings are refused below, or of no use
        try:
            # One decoder, the one its first bytes call for: the others never see them.
            with pillow.open(io.BytesIO(data), formats=(_FORMATS[ending],)) as picture:
                _bound(picture.size, bounds)
                picture.draft("RGB", (SIDE, SIDE))
                return _written(_fitting(pillow, upright(picture)))
        except (InputError, TooLarge, MemoryError):
            raise
        except pillow.DecompressionBombError as error:
            raise _too_large("too many", bounds) from error
        except Exception as error:  # what a decoder raises on damaged bytes is nowhere written
            raise FormatError(
                "WW-IMAGE-BROKEN",
                "This is no picture that can be read.",
                note=type(error).__name__,
                hint="Photographs are read as JPEG, PNG and WebP.",
            ) from error


def _bound(size: tuple[int, int], bounds: Bounds) -> None:
    if size[0] * size[1] > bounds.pixels:
        raise _too_large(f"{size[0]:,} × {size[1]:,}", bounds)


def _too_large(what: str, bounds: Bounds) -> TooLarge:
    return TooLarge(
        "WW-IMAGE-PIXELS",
        f"The picture has {what} pixels; at most {bounds.pixels:,} are decoded.",
        hint=f"Save it smaller: {SIDE} pixels a side are all that is kept.",
    )


def _fitting(pillow: Any, picture: Any) -> Any:
    """Return the picture in eight bits a colour, at most so large as one is kept."""
    if picture.mode.startswith("I") or picture.mode == "F":
        low, high = picture.getextrema()
        scale = 255 / (high - low) if high > low else 0
        picture = picture.point(lambda value: (value - low) * scale).convert("L")
    clear = picture.has_transparency_data
    whole = picture.convert("RGBA" if clear else "RGB")
    if max(whole.size) > SIDE:
        whole.thumbnail((SIDE, SIDE), pillow.Resampling.LANCZOS)
    # A picture of ours with these pixels: what else the file said hangs on the other one.
    clean = pillow.new(whole.mode, whole.size)
    clean.paste(whole)
    return clean


def _written(picture: Any) -> tuple[dict[str, Any], bytes]:
    out = io.BytesIO()
    ending = ".png" if picture.mode == "RGBA" else ".jpg"
    if ending == ".png":
        picture.save(out, "PNG")
    else:
        picture.save(out, "JPEG", quality=_QUALITY)
    width, height = picture.size
    return {"ending": ending, "width": width, "height": height}, out.getvalue()
