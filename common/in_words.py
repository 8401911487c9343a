"""Numbers and days in Indonesian words, as official papers write them, whatever language the reader has chosen."""

from django.utils import translation
from django.utils.dates import MONTHS, WEEKDAYS

_UNITS = "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas".split()
# Above a hundred million nothing is counted on such a paper.
_SCALES = ((1_000_000, "juta", ""), (1000, "ribu", "seribu"), (100, "ratus", "seratus"), (10, "puluh", "sepuluh"))


def number_in_words(number):
    """2024 is "dua ribu dua puluh empat". For whole numbers from 0 to 999.999.999."""
    if not 0 <= number < 10**9:
        raise ValueError(number)
    if number < len(_UNITS):
        return _UNITS[number]
    if number < 20:
        return f"{_UNITS[number - 10]} belas"
    scale, word, one = next(each for each in _SCALES if number >= each[0])
    many, rest = divmod(number, scale)
    said = one if many == 1 and one else f"{number_in_words(many)} {word}"
    return f"{said} {number_in_words(rest)}" if rest else said


def day_in_words(day):
    """ "Senin, tanggal delapan belas bulan November tahun dua ribu dua puluh empat"."""
    with translation.override("id"):
        weekday, month = str(WEEKDAYS[day.weekday()]), str(MONTHS[day.month])
    return f"{weekday}, tanggal {number_in_words(day.day)} bulan {month} tahun {number_in_words(day.year)}"
