"""JPG and PNG: decoded, turned upright, and written anew from nothing but their pixels.

What stood beside the pixels goes: EXIF with its place of capture, comments, thumbnails, colour profiles, further
frames, whatever followed the end. Only the time of capture is read before, and told.
"""

import warnings

from PIL import Image

from files.examine import MOST_PIXELS, Unreadable

FORMATS = {"jpg": "JPEG", "png": "PNG"}
OPTIONS = {"jpg": {"quality": 90}, "png": {}}
# The numbers by which EXIF knows which way is up, its part about the capture, the time of it, and how far that is
# from UTC.
ORIENTATION, CAPTURE, TAKEN, OFFSET = 0x0112, 0x8769, 0x9003, 0x9011
# What brings a picture upright that was stored in this orientation; 1 is upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
LONGEST = 30


def write_anew(source, kind, target):
    """Write the picture anew; gives `[time, offset]` as the camera wrote them, each "" where there is none."""
    # Pillow asks by the size in the header, before it makes room for a single pixel, and warns; here a warning refuses.
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(source, formats=[FORMATS[kind]]) as picture:
            picture.load()
            taken = _taken(picture)
            pixels = _plain(_upright(picture), kind)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Unreadable("pixels", most=MOST_PIXELS // 1_000_000) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Unreadable("damaged") from error
    # A picture of its own: what the formats write by themselves from the one that was opened cannot come along.
    fresh = Image.new(pixels.mode, pixels.size)
    fresh.paste(pixels)
    fresh.save(target, FORMATS[kind], **OPTIONS[kind])
    return taken


def _upright(picture):
    """Turn the pixels alone: Pillow's own way writes EXIF anew, and fails on a value of a type it does not expect."""
    try:
        turn = TURNS.get(picture.getexif().get(ORIENTATION))
    except Exception:  # noqa: BLE001 - EXIF that cannot be read says nothing about which way is up
        return picture
    return picture if turn is None else picture.transpose(turn)


def _taken(picture):
    try:
        capture = picture.getexif().get_ifd(CAPTURE)
        return [_text(capture.get(TAKEN)), _text(capture.get(OFFSET))]
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the time is not known and the picture is one
        return ["", ""]


def _text(value):
    return value[:LONGEST] if isinstance(value, str) else ""


def _plain(picture, kind):
    """In grey, in colours, or, for PNG, in colours that let something through."""
    if picture.mode.startswith("I"):
        # 16 bits of grey; converted as they are, all that is not nearly black would become white.
        picture = picture.convert("I").point(lambda value: value * (1 / 256))
        return picture.convert("L")
    if kind == "png" and picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")
