"""The kinds of aid, the first dated rule, and the aid that the founding texts tell of, entered as data historis.

The texts say little: eight of ten rows have no quantity, none has its day. What a source leaves open stays unknown and
its remark says so. It counts as handed over, because both sources report aid that was given.

A row of aid has no name of its own. It is known by kind, source, regency and quantity, looked up in the table and in
the history: the first row of history keeps them whatever staff correct later, and a row that was taken out stays in
the table (voided). No column is needed for that.
"""

from datetime import date
from pathlib import Path
from typing import Any

from assistance import procedure
from assistance.models import SUBJECT, AidKind, DeadlineRule, Package, Programme
from assistance.stages import Stage
from common.models import DataVersion
from common.starter import REASON, Loaded, add_missing, known_keys, read
from figures.models import Source
from figures.starter import source_ids
from regions.models import Regency

FOLDER = Path(__file__).parent
FLAGS = tuple(field.name for field in AidKind._meta.concrete_fields if field.name.startswith("has_"))
KEY = ("kind_id", "source_id", "regency_id", "quantity")
# The day of Permendagri 32/2011, under which procedures for the reports were published.
RULE_FROM = date(2011, 7, 27)


def load():
    """Add what is missing; returns what each table got. Call it inside a transaction."""
    kinds = [_kind(number, row) for number, row in enumerate(read(FOLDER, "kinds.csv"), 1)]
    programme = Programme(
        name="Bantuan peralatan usaha UMKM dan IKM",
        fiscal_year=2022,
        funding=Programme.Funding.DID,
        is_historical=True,
        note="Rp10 miliar bersama untuk peralatan 602 UMKM dan 102 IKM; pagu program tidak disebut sumbernya.",
    )
    rule = DeadlineRule(
        valid_from=RULE_FROM,
        month=1,
        day=10,
        finding_days=60,
        basis="Prosedur hibah provinsi menurut Permendagri 32/2011: LPJ 10 Januari; tindak lanjut LHP 60 hari",
    )
    tables = [
        add_missing(AidKind, kinds, ["code"]),
        add_missing(DeadlineRule, [rule], ["valid_from"]),
        add_missing(Programme, [programme], ["name", "fiscal_year"]),
        _load_aid(),
    ]
    if any(table.added for table in tables):
        DataVersion.bump(SUBJECT)
    return tables


def _kind(number, row):
    needs = set(row["needs"].split())
    return AidKind(
        code=row["code"],
        name=row["name"],
        nature=row["nature"],
        unit_word=row["unit_word"],
        position=10 * number,
        synonyms="\n".join(row["synonyms"].split("|")),
        visit_months=row["visit_months"],
        **{flag: flag in needs for flag in FLAGS},
    )


def _ids(model, key):
    """`{key: id}` of the rows, also by the keys that they once had."""
    return dict(model.history.values_list(key, "id")) | dict(model.objects.values_list(key, "pk"))


def _load_aid():
    kind_ids, programme_ids, sources = _ids(AidKind, "code"), _ids(Programme, "name"), source_ids()
    regency_ids = dict(Regency.objects.values_list("slug", "pk"))
    kinds, programmes = AidKind.objects.in_bulk(), Programme.objects.in_bulk()
    regencies, there = Regency.objects.defer("boundary").in_bulk(), Source.objects.in_bulk()
    known = known_keys(Package, KEY)
    added, kept, skipped = 0, 0, []
    for row in read(FOLDER, "aid.csv"):
        package: Any = Package(
            kind=kinds.get(kind_ids.get(row["kind"])),
            source=there.get(sources.get(row["source"])),
            regency=regencies.get(regency_ids.get(row["regency"])),
            programme=programmes.get(programme_ids.get(row["programme"])),
            quantity=int(row["quantity"]) if row["quantity"] else None,
            recipient_count=int(row["recipients"]) if row["recipients"] else None,
            remark=row["remark"],
        )
        gone = [name for name in ("regency", "programme") if row[name] and getattr(package, f"{name}_id") is None]
        if tuple(getattr(package, name) for name in KEY) in known:
            kept += 1
        elif gone or package.kind_id is None or package.source_id is None:
            # Staff removed what it points at: this aid is theirs to enter, not ours to guess.
            skipped.append(f"{row['kind']}, {row['regency'] or '–'}, {row['source']}")
        else:
            package._change_reason = REASON
            procedure.enter_historical(package, Stage.HANDED_OVER, by=None, reason=REASON)
            added += 1
    return Loaded(str(Package._meta.verbose_name_plural), added, kept, tuple(skipped))
