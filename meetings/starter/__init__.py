"""The round of 2013 and the meeting of 2012 that the founding texts tell of.

A round shares its name with its meetings. A meeting is known by title, host and source, looked up in the table and in
the history, so that one that staff renamed or took out does not come back.
"""

from datetime import date
from pathlib import Path

from django.utils.text import slugify

from common.starter import REASON, Loaded, add_missing, known_keys, read
from figures.models import Source
from figures.starter import source_ids
from meetings import planning
from meetings.models import Meeting, Round
from meetings.steps import Status
from regions.models import Regency

FOLDER = Path(__file__).parent
KEY = ("title", "host_id", "source_id")


def load():
    """Add what is missing; returns what each table got. Call it inside a transaction."""
    rows = read(FOLDER, "meetings.csv")
    wanted = sorted({(row["title"], int(row["round_year"])) for row in rows if row["round_year"]})
    rounds = [Round(name=name, year=year, slug=slugify(f"{name}-{year}")[:60].strip("-")) for name, year in wanted]
    return [add_missing(Round, rounds, ["name", "year"]), _load_meetings(rows)]


def _load_meetings(rows):
    sources, known = source_ids(), known_keys(Meeting, KEY)
    there = Source.objects.in_bulk()
    hosts = {one.slug: one for one in Regency.objects.defer("boundary")}
    rounds = {(one.name, one.year): one for one in Round.objects.all()}
    added, kept, skipped = 0, 0, []
    for row in rows:
        host, source = hosts.get(row["host"]), there.get(sources.get(row["source"], 0))
        one = rounds.get((row["title"], int(row["round_year"]))) if row["round_year"] else None
        if host is None or source is None or (row["round_year"] and one is None):
            # Staff removed what it points at: this meeting is theirs to enter, not ours to guess.
            skipped.append(f"{row['title']}, {row['host']}")
            continue
        meeting = Meeting(
            title=row["title"],
            round=one,
            host=host,
            starts_on=date.fromisoformat(row["starts_on"]) if row["starts_on"] else None,
            source=source,
            remark=row["remark"],
        )
        if tuple(getattr(meeting, name) for name in KEY) in known:
            kept += 1
            continue
        planning.plan(meeting, [], by=None, status=Status(row["status"]), reason=REASON)
        added += 1
    return Loaded(str(Meeting._meta.verbose_name_plural), added, kept, tuple(skipped))
