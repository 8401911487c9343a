"""The form of a report as a workbook that is filled in elsewhere: what stands in it, and where.

Its first column holds the names of what stands beside them: of the head, which says which report this is, and of the
lines. A hidden row names the columns. `reporting.uploaded_workbook` reads by these names, whatever the words say.
"""

import io

import xlsxwriter
from django.utils.translation import gettext, pgettext

from common.dates import format_moment
from common.numbers import LARGEST_RUPIAH
from common.refusal import Refused
from reporting.filling import LONGEST_ACT, LONGEST_WHY, fill, parse

# Names in the first column. They are part of files that lie on other people's machines, so they stay as they are.
PERIOD, OFFICE, FORM, REPORT, DRAFT = HEAD = ("periode", "kantor", "formulir", "laporan", "draf")
PROBLEM, ACT = "masalah-", "act"
CODE, LINE, UNIT, REGISTER, BEFORE, VALUE, NA, WHY = COLUMNS = (
    "kode",
    "baris",
    "satuan",
    "register",
    "sebelumnya",
    "isian",
    "tidak-tersedia",
    "penjelasan",
)
WIDTHS = (15, 44, 8, 20, 28, 22, 11, 46)
# Letters of the help that fit beside one another: they are smaller than others.
HELP_WIDTH = 54
YES = "ya"
# Grouped with dots wherever the spreadsheet program asks the format itself which language it is in.
NUMBER = "[$-421]#,##0"
GREY, GREEN, WASH, RULE = "#4c554f", "#0b5d3b", "#fff6dc", "#b9c1bb"
A4 = 9
# In points: a row, and the lines of text that the box for what is being done shows.
LINE_HEIGHT, ACT_LINES, MOST_LINES = 15, 6, 20


def headings():
    """The words above the columns."""
    return {
        CODE: gettext("Code"),
        LINE: gettext("Line"),
        UNIT: gettext("Unit"),
        REGISTER: gettext("Register"),
        BEFORE: gettext("Last reported"),
        VALUE: gettext("Entry"),
        NA: gettext("Not available"),
        WHY: gettext("Explanation"),
    }


def as_cell(line, typed):
    """What was typed as the cell holds it: a number where it can be read as one, else the text; None where blank."""
    try:
        return parse(line, typed) if typed else None
    except Refused:
        return typed


def workbook(report):
    """The file: this report's form with its draft. The report comes with its period, form, regency and saver."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        _Page(book, report).write()
    return target.getvalue()


def _lines(text, width):
    """How many lines a text takes in a column, roughly."""
    return sum(-(-len(line) // width) or 1 for line in text.split("\n")) if text else 0


class _Page:
    """The one sheet, written from top to bottom; `row` is the next free one."""

    def __init__(self, book, report):
        self.book, self.report = book, report
        self.sheet = book.add_worksheet(pgettext("workbook", "Form"))
        self.row = 0
        grid = self.grid = {"border": 1, "border_color": RULE, "valign": "top", "text_wrap": True}
        entry = {**grid, "bg_color": WASH, "locked": False}
        self.title = book.add_format({"bold": True, "font_size": 15, "font_color": GREEN})
        self.plain = book.add_format({"valign": "top"})
        self.name = book.add_format({"font_size": 8, "font_color": GREY, "valign": "top"})
        self.head = book.add_format({**grid, "bold": True, "bg_color": GREEN, "font_color": "#ffffff"})
        self.section = book.add_format({"bold": True, "font_color": GREEN, "bottom": 2, "bottom_color": GREEN})
        self.code = book.add_format({**grid, "font_size": 8, "font_color": GREY})
        self.cell = book.add_format(grid)
        self.strong, self.help = book.add_format({"bold": True}), book.add_format({"font_size": 9, "font_color": GREY})
        self.known = book.add_format({**grid, "num_format": NUMBER, "align": "right"})
        self.missing = book.add_format({**grid, "italic": True, "font_color": GREY, "align": "right"})
        self.value = book.add_format({**entry, "num_format": NUMBER, "align": "right", "bold": True})
        self.tick = book.add_format({**entry, "align": "center"})
        # As text, nothing that is typed becomes a date or loses a zero.
        self.text = book.add_format({**entry, "num_format": "@"})
        self.dated = {}

    def write(self):
        report = self.report
        filled = fill(report)
        named = {"period": report.period, "office": report.office_name}
        self.book.set_properties({"title": gettext("Report %(period)s, %(office)s") % named})
        self._head(gettext("Report %(period)s, %(office)s") % named)
        self._columns()
        for name, rows, _filled in filled.sections:
            self._section(name)
            for row in rows:
                self._line(row)
        self._section(gettext("Problems"))
        for problem in filled.vocabulary:
            self._problem(problem, problem.pk in filled.problems)
        self._section(gettext("What is being done"))
        self._act(report.typed.get("act", ""))
        self._print()

    # -- Head ------------------------------------------------------------------------------------

    def _head(self, title):
        report = self.report
        self.sheet.write_string(0, 0, title, self.title)
        sentences = (
            gettext(
                "Fill in only the coloured cells. 0 is a number; an empty cell means that nothing is filled in yet."
            ),
            gettext("Where a number cannot be had, choose “ya” under “Not available” and say why in the explanation."),
            gettext(
                "Then upload this file on the page of the same report. You see what would change before it is saved."
            ),
        )
        for number, sentence in enumerate(sentences, start=1):
            self.sheet.write_string(number, 0, sentence, self.plain)
        self.row = len(sentences) + 2
        said = {
            PERIOD: (report.period.code, str(report.period)),
            OFFICE: (report.office_key, report.office_name),
            FORM: (report.form.number, report.form.title),
            REPORT: (report.pk, gettext("number of the report in the portal")),
            DRAFT: (report.version, self._draft()),
        }
        for name in HEAD:
            value, words = said[name]
            self.sheet.write_string(self.row, 0, name, self.name)
            self.sheet.write_string(self.row, 1, str(value), self.plain)
            self.sheet.write_string(self.row, 2, words, self.plain)
            self.row += 1
        self.row += 1

    def _draft(self):
        report = self.report
        if report.is_blank:
            return gettext("version of the draft, blank so far")
        return gettext("version of the draft, saved by %(who)s, %(moment)s") % {
            "who": report.saved_by,
            "moment": format_moment(report.saved_at),
        }

    def _columns(self):
        words = headings()
        for column, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
            self.sheet.set_column(column, column, width)
            self.sheet.write_string(self.row, column, name, self.name)
            self.sheet.write_string(self.row + 1, column, words[name], self.head)
        self.sheet.set_row(self.row, None, None, {"hidden": True})
        self.sheet.set_row(self.row + 1, 2 * LINE_HEIGHT)
        self.row += 2
        self.sheet.freeze_panes(self.row, 2)
        self.sheet.repeat_rows(self.row - 1)

    # -- Lines -----------------------------------------------------------------------------------

    def _section(self, name):
        self.sheet.write_string(self.row, 1, name, self.section)
        for column in range(2, len(COLUMNS)):
            self.sheet.write_blank(self.row, column, None, self.section)
        self.row += 1

    def _line(self, row):
        said = self.report.typed.get("lines", {}).get(row.code, {})
        self._frame(row.code, row.name, row.line.help, row.line.indicator.unit)
        self._known(REGISTER, row.register, self.known)
        past = next((one for one in row.past if one.was_asked), None)
        if past is not None and past.is_unavailable:
            self.sheet.write_string(self.row, COLUMNS.index(BEFORE), gettext("not available"), self.missing)
        else:
            self._known(BEFORE, past and past.value, past and self._of(past.period))
        self._put(VALUE, as_cell(row.line, said.get("typed", "")), self.value)
        self._put(NA, YES if said.get("na") else None, self.tick)
        self._put(WHY, said.get("why"), self.text)
        self._whole_number(row.line)
        self._dropdown(NA)
        self._length(LONGEST_WHY)
        self._height(max(1 + _lines(row.line.help, HELP_WIDTH), _lines(said.get("why", ""), WIDTHS[-1])))
        self.row += 1

    def _problem(self, problem, is_chosen):
        self._frame(f"{PROBLEM}{problem.pk}", problem.name)
        self._put(VALUE, YES if is_chosen else None, self.tick)
        self._dropdown(VALUE)
        self.row += 1

    def _act(self, text):
        help_text = gettext("In a few sentences; also what the province should do.")
        self._frame(ACT, gettext("What is being done"), help_text)
        self._put(WHY, text, self.text)
        self._length(LONGEST_ACT)
        self._height(max(ACT_LINES, _lines(text, WIDTHS[-1])))
        self.row += 1

    def _frame(self, code, name, help_text="", unit=""):
        """What a line says of itself, and the empty cells of its row."""
        self.sheet.write_string(self.row, 0, code, self.code)
        if help_text:
            self.sheet.write_rich_string(self.row, 1, self.strong, name, self.help, f"\n{help_text}", self.cell)
        else:
            self.sheet.write_rich_string(self.row, 1, self.strong, name, " ", self.cell)
        self.sheet.write_string(self.row, 2, unit, self.cell)
        for column in range(3, len(COLUMNS)):
            self.sheet.write_blank(self.row, column, None, self.cell)

    def _height(self, lines):
        """Room for so many lines: not every program makes it by itself."""
        self.sheet.set_row(self.row, min(lines, MOST_LINES) * LINE_HEIGHT)

    def _known(self, name, value, style):
        column = COLUMNS.index(name)
        if value is None:
            self.sheet.write_string(self.row, column, gettext("no data yet"), self.missing)
        else:
            self.sheet.write_number(self.row, column, value, style)

    def _of(self, period):
        """A number that says its period: it stays a number."""
        if period.pk not in self.dated:
            form = {"num_format": f'{NUMBER} "({period.short_name})"', "align": "right"}
            self.dated[period.pk] = self.book.add_format({**self.grid, **form})
        return self.dated[period.pk]

    def _put(self, name, value, style):
        column = COLUMNS.index(name)
        if value is None or value == "":
            self.sheet.write_blank(self.row, column, None, style)
        elif isinstance(value, int):
            self.sheet.write_number(self.row, column, value, style)
        else:
            self.sheet.write_string(self.row, column, value, style)

    # -- What may be typed -----------------------------------------------------------------------

    def _rule(self, name, **options):
        column = COLUMNS.index(name)
        self.sheet.data_validation(self.row, column, self.row, column, options)

    def _whole_number(self, line):
        self._rule(
            VALUE,
            validate="integer",
            criteria="between",
            minimum=-LARGEST_RUPIAH if line.can_be_negative else 0,
            maximum=LARGEST_RUPIAH,
            error_title=gettext("Not a whole number"),
            error_message=gettext(
                "Type the digits without dots or commas, for example 6111; the dots come by themselves."
            ),
        )

    def _dropdown(self, name):
        self._rule(
            name,
            validate="list",
            source=[YES],
            error_title=gettext("Choose from the list"),
            error_message=gettext("Choose “ya”, or leave the cell empty."),
        )

    def _length(self, most):
        self._rule(
            WHY,
            validate="length",
            criteria="<=",
            value=most,
            error_type="warning",
            error_title=gettext("Too long"),
            error_message=gettext("At most %(most)s characters fit.") % {"most": most},
        )

    # -- Around it -------------------------------------------------------------------------------

    def _print(self):
        sheet = self.sheet
        # No password: it only keeps the hand from slipping, and the reader checks everything again.
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_paper(A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.print_area(0, 0, self.row - 1, len(COLUMNS) - 1)
        page = gettext("Page %(page)s of %(pages)s") % {"page": "&P", "pages": "&N"}
        sheet.set_footer(f"&L{self.report.period.code} {self.report.office_key}&R{page}")
