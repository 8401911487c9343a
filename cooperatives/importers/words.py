"""Words of a file that stand for something of the register, and families of headings."""

from itertools import product

from cooperatives.public_fields import BOARD_MEMBER, COOPERATIVE, RETURN
from imports.words import named
from regions.models import Regency

SEXES = {"men": ("l", "lk", "laki", "laki laki", "pria"), "women": ("p", "pr", "perempuan", "wanita")}
COUNTED = ("", "jumlah ", "jml ", "jlh ", "total ")


def exported(name, columns=COOPERATIVE):
    """The label under which a column is exported, so that an export can be imported again."""
    return next(column.label for column in columns if column.name == name)


def exported_return(name):
    return exported(name, RETURN)


def exported_member(name):
    return exported(name, BOARD_MEMBER)


def counted(*nouns):
    """ "jumlah anggota", "jml anggota", "anggota" and so on."""
    return tuple(f"{before}{noun}" for before, noun in product(COUNTED, nouns))


def counted_in_all(*nouns):
    """ "jumlah anggota", and the same as the third column beside men and women: "jumlah anggota jml"."""
    headings = counted(*nouns)
    return (*headings, *(f"{heading} {word.strip()}" for heading, word in product(headings, COUNTED) if word))


def counted_by_sex(sex, *nouns):
    """ "jml anggota l", "anggota pria" and so on."""
    return tuple(f"{heading} {word}" for heading, word in product(counted(*nouns), SEXES[sex]))


def vocabulary(model):
    """`(parser, names)` of a vocabulary: by name, abbreviation or synonym; a spelling that two rows share is none."""
    return _rows(list(model.objects.all()))


def regencies():
    """`(parser, names)` of the regencies, those that left the province too; their codes are no names."""
    return _rows(list(Regency.objects.defer("boundary").order_by("name")))


def _rows(rows):
    return named({row.pk: (row.name, *row.spellings()) for row in rows})
