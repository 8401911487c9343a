"""The register's vocabularies and the two dated rules that it begins with.

Vocabularies as other offices and the Ministry's data system spell them. Of the founding text's "47
kinds" 43 groups are known; a row whose meaning is doubtful is loaded as not confirmed.

Both rules are dated 21 October 1992, the day of UU 25/1992: it is the law that has a cooperative
hold its members' meeting every year, within six months of the book year's end. That three years
without one make a cooperative inactive is the provincial office's habit, not the law's; an office
that decides otherwise adds a row with its own date.
"""

from datetime import date
from pathlib import Path

from common.models import DataVersion
from common.starter import add_missing, read
from cooperatives.models import CountingRule, Form, Group, InactivityRule, Kind, Sector

FOLDER = Path(__file__).parent
LAW_ON = date(1992, 10, 21)


def load():
    """Add what is missing; returns what each table got. Call it inside a transaction."""
    files = {Form: "forms.csv", Kind: "kinds.csv", Group: "groups.csv", Sector: "sectors.csv"}
    tables = [
        add_missing(model, [_row(model, row) for row in read(FOLDER, name)], ["name"]) for model, name in files.items()
    ]
    tables += [
        add_missing(
            InactivityRule,
            [
                InactivityRule(
                    valid_from=LAW_ON,
                    years=3,
                    basis="Keterangan kepala dinas provinsi (Niaga Asia, 2022): tiga tahun tanpa RAT",
                )
            ],
            ["valid_from"],
        ),
        add_missing(
            CountingRule,
            [
                CountingRule(
                    valid_from=LAW_ON,
                    month=7,
                    day=1,
                    basis="UU 25/1992: RAT paling lambat enam bulan setelah tahun buku lampau",
                )
            ],
            ["valid_from"],
        ),
    ]
    if any(table.added for table in tables):
        DataVersion.bump("cooperatives")
    return tables


def _row(model, row):
    values = {**row, "synonyms": "\n".join(row["synonyms"].split("|"))}
    if "is_confirmed" in row:
        values["is_confirmed"] = row["is_confirmed"] == "1"
    return model(**values)
