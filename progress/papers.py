"""The scorecard as a paper: the briefing of any day, and a snapshot on one page for the governor."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext, pgettext
from reportlab.lib.units import mm
from reportlab.platypus import LongTable, Spacer, Table

from common.dates import format_date
from common.paper import BODY, RIGHT, RULED, SECTION, SMALL, STRONG, TITLE, printed, qr_code, words

MOST_MOVED = 40


def answer(content, name):
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def briefing(shown, moved, since, address):
    """The state of a day, and what moved since another."""

    def story(width):
        parts = [*_head(shown, gettext("Progress briefing"), address, width), *_table(shown, width)]
        title = gettext("What moved since %(day)s") % {"day": format_date(since)}
        return [*parts, words(title, SECTION), *_moved(moved, width)]

    day = format_date(shown.on)
    return printed(
        story,
        title=gettext("Progress briefing"),
        subject=day,
        mark=f"{settings.OFFICE_SHORT_NAME} · /kemajuan/ · {day}",
    )


def one_page(shown, snapshot, address):
    """A snapshot: its numbers, its hash, who signed it."""

    def story(width):
        signed = gettext("Taken by %(taken)s, signed by %(signed)s on %(day)s.") % {
            # By role: the office answers for it, not a person.
            "taken": snapshot.taken_by.get_role_display(),
            "signed": snapshot.signed_by.get_role_display() if snapshot.signed_by else "–",
            "day": format_date(snapshot.signed_at) if snapshot.signed_at else "–",
        }
        return [
            *_head(shown, gettext("Snapshot of the scorecard"), address, width),
            *_table(shown, width),
            Spacer(0, 3 * mm),
            words(signed, SMALL),
            words(f"SHA-256 {snapshot.sha256}", SMALL),
        ]

    return printed(
        story,
        title=gettext("Snapshot of the scorecard"),
        subject=format_date(shown.on),
        mark=f"{settings.OFFICE_SHORT_NAME} · /kemajuan/potret/{snapshot.pk}/",
    )


def _head(shown, title, address, width):
    counted = gettext(
        "%(passed)s of %(all)s regencies pass every gate; %(needed)s are needed. %(counted)s computed."
    ) % {
        "passed": shown.passed,
        "all": shown.regencies,
        "needed": shown.needed if shown.needed is not None else "–",
        "counted": shown.counted,
    }
    basis = [shown.rubric["name"], shown.rubric["legal_basis"]] if shown.rubric else []
    said = [words(title, TITLE), words(format_date(shown.on), STRONG), words(counted, BODY)]
    if shown.is_demo:
        said.append(words(gettext("Demo data: nothing on this page is real."), STRONG))
    said.append(words(gettext("Computed by the portal, not a decision of the Ministry."), SMALL))
    said.append(words(". ".join([*basis, shown.performing_well]), SMALL))
    size = 24 * mm
    return [
        Table(
            [[said, qr_code(address, size)]],
            colWidths=[width - size, size],
            style=[("VALIGN", (0, 0), (-1, -1), "TOP")],
        )
    ]


def _table(shown, width):
    gates = [one for one in shown.criteria if one.is_gate]
    # The letters of a paper have no sign for "at least".
    named = [f"{one.name} {one.target}".replace("≥", "min.").replace("≤", "maks.") for one in gates]
    heads = [gettext("Regency"), gettext("Gates"), *named, gettext("Total score")]
    rows = [[words(head, STRONG) for head in heads]]
    for row in (*shown.rows, shown.province):
        cells = [f"{cell.value or '–'} {_counted(cell)}" for cell in row.gates]
        score = f"{row.score or '–'} {row.covered}".strip()
        rows.append(
            [words(row.name, BODY), words(row.gate, BODY), *(words(one, BODY) for one in cells), words(score, RIGHT)]
        )
    first = [0.22, 0.16]
    rest = (1 - sum(first)) / (len(heads) - 2)
    widths = [width * share for share in (*first, *[rest] * (len(heads) - 2))]
    return [Spacer(0, 3 * mm), LongTable(rows, colWidths=widths, style=RULED, repeatRows=1)]


def _counted(cell):
    if not cell.last.is_known:
        return ""
    return f"({cell.last.part}/{cell.last.whole})" if cell.criterion.is_share else f"({cell.last.part})"


def _moved(moved, width):
    if not moved:
        return [words(gettext("Nothing moved."), BODY)]
    heads = [pgettext("progress", "Place"), gettext("What"), gettext("Before"), gettext("After")]
    rows = [[words(head, STRONG) for head in heads]]
    rows += [
        [words(one, BODY) for one in (line.place, _what(line), line.before or "–", line.after or "–")]
        for line in moved[:MOST_MOVED]
    ]
    style = RULED
    parts = [LongTable(rows, colWidths=[width * share for share in (0.2, 0.34, 0.23, 0.23)], style=style, repeatRows=1)]
    if len(moved) > MOST_MOVED:
        more = gettext("and %(count)s more; the page shows them all.") % {"count": len(moved) - MOST_MOVED}
        parts.append(words(more, SMALL))
    return parts


def _what(line):
    return {"": gettext("Gates"), "score": gettext("Total score")}.get(line.what, line.what)
