"""Reading one uploaded file in a process of its own: `python -m imports.parse SOURCE ENDING FOLDER`.

Nothing here knows Django, the database or a language, so a hostile file has nothing to take hold of. The process
bounds itself before it opens the file, writes what it read into the folder (imports.parse.spool), and prints one
JSON object: what it read, or the name of the rule that the file breaks (files.examine.Unreadable). The sentences
stand in imports.reading; what attachments need as well, such as the archives, in files.examine.
"""

from files.examine import MIB

MOST_BYTES = 50 * MIB
MOST_ROWS = 300_000
MOST_COLUMNS = 200
# What an archive holds unpacked. 220,000 rows of 25 columns are about 260 MB of XML, in ODS about three times that.
MOST_UNPACKED = 1024 * MIB
MOST_SHEETS = 200
# From the first to the last cell: calamine lays a sheet out whole, empty cells included, at 32 bytes each.
MOST_CELLS = 12_000_000
# As much as a cell of a spreadsheet holds; more in a CSV is a quotation mark that was never closed.
MOST_CHARACTERS = 32_767
# Cells that hold an error or a formula without a value are kept apart.
MOST_FAULTS = 500_000
MOST_MERGED = 20_000
MOST_SPOOLED = 512 * MIB
MEMORY_BYTES = 1024 * MIB
CPU_SECONDS = 90
WALL_SECONDS = 180


def column_number(letters):
    """1 for A, 27 for AA; of letters as text or bytes."""
    number = 0
    for letter in letters.encode() if isinstance(letters, str) else letters:
        number = number * 26 + (letter & 31)
    return number


def column_letters(number):
    """A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
