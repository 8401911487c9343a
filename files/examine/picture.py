"""JPG and PNG: decoded, turned upright, and written anew from nothing but their pixels.

What stood beside the pixels goes: EXIF with its place of capture, comments, thumbnails, colour profiles, further
frames, whatever followed the end.
"""

import warnings

from PIL import Image, ImageOps

from files.examine import MOST_PIXELS, Unreadable

FORMATS = {"jpg": "JPEG", "png": "PNG"}
OPTIONS = {"jpg": {"quality": 90}, "png": {}}


def write_anew(source, kind, target):
    # Pillow asks by the size in the header, before it makes room for a single pixel, and warns; here a warning refuses.
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(source, formats=[FORMATS[kind]]) as picture:
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            pixels = _plain(upright, kind)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Unreadable("pixels", most=MOST_PIXELS // 1_000_000) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Unreadable("damaged") from error
    # A picture of its own: what the formats write by themselves from the one that was opened cannot come along.
    fresh = Image.new(pixels.mode, pixels.size)
    fresh.paste(pixels)
    fresh.save(target, FORMATS[kind], **OPTIONS[kind])


def _plain(picture, kind):
    """In grey, in colours, or, for PNG, in colours that let something through."""
    if picture.mode.startswith("I"):
        # 16 bits of grey; converted as they are, all that is not nearly black would become white.
        picture = picture.convert("I").point(lambda value: value * (1 / 256))
        return picture.convert("L")
    if kind == "png" and picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")
