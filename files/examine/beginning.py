"""What a file is by its first bytes, whatever its name says."""

# What a text begins with that is no table, and the name it goes by.
PAGES = {
    "html": ("<!doctype html", "<html", "<head", "<meta", "<body", "<table", "<script", "<style", "<div", "<!--"),
    "svg": ("<svg", "<!doctype svg"),
    "xml": ("<?xml", "<!doctype", "<!entity"),
}
PICTURES = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}


def kind_of(beginning):
    """`zip`, `ole` (old Office files), `pdf`, `html`, `svg`, `xml`, or an empty text."""
    if beginning.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if beginning.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    if b"%PDF-" in beginning[:1024]:
        return "pdf"
    # Without NULs, so that a page in UTF-16 is known as well.
    text = beginning.replace(b"\0", b"").decode("latin-1").lstrip("\u00ef\u00bb\u00bf\u00ff\u00fe \t\r\n").lower()
    for kind, beginnings in PAGES.items():
        if text.startswith(beginnings):
            # What an XML declaration or a comment introduces is told by what follows.
            return next((other for other in ("svg", "html") if f"<{other}" in text), kind)
    return ""


def picture_of(beginning):
    """`png`, `jpg`, or an empty text."""
    return next((kind for kind, mark in PICTURES.items() if beginning.startswith(mark)), "")
