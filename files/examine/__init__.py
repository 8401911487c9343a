"""Looking at one uploaded file in a process of its own: `python -m files.examine SOURCE KIND TARGET`.

Nothing here knows Django, the database or a language, so a hostile file has nothing to take hold of. The process
bounds itself before it opens the file (files.examine.bounds) and prints one JSON object: that the file is what its
kind says, or the name of the rule that it breaks. A picture is written anew as TARGET; a PDF and a workbook stay as
they came. The sentences stand in files.receiving. What reads spreadsheets for imports (imports.parse) stands on the
same ground: `archive`, `compound`, `beginning` and `bounds` are for both.
"""

MIB = 1024 * 1024
MOST_ENTRIES = 10_000
# Of an attachment; imports give an archive more.
MOST_UNPACKED = 200 * MIB
MOST_PIXELS = 25_000_000
# A picture may grow when it is written anew.
MOST_WRITTEN = 40 * MIB
MEMORY_BYTES = 768 * MIB
CPU_SECONDS = 30
WALL_SECONDS = 45


class Unreadable(Exception):
    """The file breaks a rule: `code` names it, `params` are what its sentence mentions."""

    def __init__(self, code, **params):
        super().__init__(code)
        self.code = code
        self.params = params
