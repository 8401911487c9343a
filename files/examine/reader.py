"""Is the file of the kind that its name says? Its first bytes decide, then its whole content has to agree."""

from files.examine import Unreadable
from files.examine.beginning import PICTURES, kind_of, picture_of
from files.examine.compound import Compound


def examine(source, kind, target):
    """Read the file whole; gives of a picture the time that its camera wrote, else None. Raises Unreadable."""
    if source.stat().st_size == 0:
        raise Unreadable("empty")
    with source.open("rb") as file:
        beginning = file.read(4096)
    found = picture_of(beginning) or kind_of(beginning)
    if found != {"xlsx": "zip"}.get(kind, kind):
        raise _other(source, kind, found)
    # Each reader is loaded only where it is needed: it would count against the memory of the others.
    if kind in PICTURES:
        from files.examine import picture

        return picture.write_anew(source, kind, target)
    if kind == "pdf":
        from files.examine import pdf

        pdf.check(source)
    else:
        from files.examine import workbook

        workbook.check(source)
    return None


def _other(source, kind, found):
    """What to say of a file that is something else than its name says."""
    if found in {"html", "svg", "xml"}:
        return Unreadable("page", kind=found)
    if found in {"pdf", *PICTURES}:
        return Unreadable("ending", kind=found)
    if kind == "xlsx" and found == "ole" and "EncryptedPackage" in Compound(source.read_bytes()).names:
        # A workbook with a password is packed into the container of the old Office files.
        return Unreadable("password")
    return Unreadable("unknown")
