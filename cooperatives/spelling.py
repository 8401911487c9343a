"""How names are compared: without case, accents, punctuation and the words that every cooperative bears."""

from common.text import fold, fold_without

GENERIC = (
    "koperasi serba usaha",
    "koperasi simpan pinjam",
    "koperasi unit desa",
    "koperasi karyawan",
    "koperasi produsen",
    "koperasi konsumen",
    "koperasi jasa",
    "koperasi pemasaran",
    "koperasi",
    "koppontren",
    "kopontren",
    "kopinkra",
    "primkopti",
    "primkop",
    "koperta",
    "kopkar",
    "kopwan",
    "koppas",
    "kspps",
    "kpri",
    "kopti",
    "kud",
    "ksu",
    "ksp",
    "usp",
    "kop",
)


def name_key(name):
    """The folded name without the generic words: for order, and for finding doubles."""
    return fold_without(name, GENERIC)


def words(text):
    """The words of a search that must all be found."""
    return name_key(text[:200]).split()


def search_text(name, *others):
    """What the search looks into: the name and everything else that it is found by, folded."""
    return " ".join(part for part in (fold(text) for text in (name, *others)) if part)
