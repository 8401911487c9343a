"""What stands in a printed paper, as a reader of it finds it."""

from io import BytesIO

from pypdf import PdfReader


def pages(content):
    """The text of each page, white space made single."""
    read = PdfReader(BytesIO(content)).pages
    return [" ".join(page.extract_text().replace("\u00a0", " ").split()) for page in read]


def text(content):
    return " ".join(pages(content))
