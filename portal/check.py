"""`/cek/`: what the register knows of a name or a number, and what that does not prove.

The page never says that a cooperative is safe or to be trusted: of 32 reported savings-and-loan
cooperatives nine had a legal number, and all nine were fictitious (Bisnis Indonesia, 2022).
"""

import re
from dataclasses import dataclass

from django.db.models import Prefetch
from django.shortcuts import redirect, render
from django.utils import timezone

from common.pages import public_page
from cooperatives import spelling
from cooperatives.chips import BADGES
from cooperatives.facets import Unindexed
from cooperatives.filters import LONGEST_TEXT, holds_citizen_number
from cooperatives.hints import meant
from cooperatives.models import Cooperative, FormerName, Status, StatusPeriod

MOST = 10
FOUND, FORMER, SEVERAL, NOTHING = "found", "former", "several", "nothing"


@dataclass(frozen=True)
class Answer:
    """What was found. `former` is the former name that was typed; `has_more` that not all candidates are shown."""

    kind: str
    records: tuple = ()
    former: object = None
    has_more: bool = False
    meant: str = ""


@public_page("cooperatives", "regions", cached=lambda request: not request.GET)
def check(request):
    text = " ".join(request.GET.get("q", "").split())
    if holds_citizen_number(text):
        # Away from the address at once: it would stand in the history of the browser and in the links of this page.
        return redirect(f"{request.path}?ditolak=nik")
    is_too_long = len(text) > LONGEST_TEXT
    context = {
        "text": text,
        "is_refused": "ditolak" in request.GET,
        "is_too_long": is_too_long,
        "answer": answer_to(text) if text and not is_too_long else None,
    }
    return render(request, "portal/check.html", context)


def answer_to(text):
    """What the register says to a name, a former name or a number."""
    by_number = list(_records().filter(**_number(text))[: MOST + 1])
    if by_number:
        return _answer(by_number)
    if not spelling.words(text):
        return Answer(NOTHING)
    # Those that bear the very name first: it may be so common that it would not be among the first candidates.
    key = spelling.name_key(text)
    if same := list(_records().filter(name_key=key)[: MOST + 1]):
        return _answer(same)
    # Sorted after the search: walking the register by name until eleven fit takes longest where none does.
    candidates = list(_records().matching(text).order_by(Unindexed("name_key"), "pk")[: MOST + 1])
    was_called = [
        (record, name)
        for record in candidates
        for name in record.former_names.all()
        if spelling.name_key(name.name) == key
    ]
    if len(was_called) == 1:
        ((record, name),) = was_called
        return Answer(FORMER, (_shown(record),), former=name)
    if not candidates:
        return Answer(NOTHING, meant=meant(text))
    return Answer(SEVERAL, tuple(map(_shown, candidates[:MOST])), has_more=len(candidates) > MOST)


def _number(text):
    """The column and the value to look up: a Nomor Induk Koperasi however its digits are parted, else a legal number
    as it is written."""
    digits = re.sub(r"[\s.-]", "", text)
    if re.fullmatch(r"[0-9]{13}", digits):
        return {"nomor_induk_koperasi": digits}
    return {"legal_number": text}


def _records():
    return (
        Cooperative.objects.in_register()
        .select_related("regency")
        .only(
            "name",
            "name_key",
            "nomor_induk_koperasi",
            "legal_number",
            "legal_on",
            "iusp_number",
            "iusp_on",
            "status",
            "status_since",
            "grade",
            "latest_rat_year",
            "updated_at",
            "village",
            "district",
            "regency__name",
            "regency__slug",
        )
        .prefetch_related(
            Prefetch("former_names", FormerName.objects.order_by("pk")),
            Prefetch(
                "status_periods",
                StatusPeriod.objects.filter(until=None, status=Status.MERGED)
                .select_related("successor")
                .only("cooperative", "status", "successor__name"),
                to_attr="mergers",
            ),
        )
    )


def _answer(records):
    if len(records) == 1:
        return Answer(FOUND, (_shown(records[0]),))
    return Answer(SEVERAL, tuple(map(_shown, records[:MOST])), has_more=len(records) > MOST)


def _shown(record):
    record.updated_on = timezone.localdate(record.updated_at)
    record.badge = BADGES.get(record.status, "")
    record.successor = record.mergers[0].successor if record.mergers else None
    return record
