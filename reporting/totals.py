"""What the approved reports of a period add up to: never a total without who is in it and who is not."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext

from common.numbers import format_number
from reporting.filling import lines_of
from reporting.matrix import Office
from reporting.models import FormLine, Period
from reporting.published import Publication, Said, publications


@dataclass(frozen=True)
class Share:
    """One office's part in the total of a line; without a publication its report is not approved."""

    office: Office
    publication: Publication | None
    value: int | None = None
    said: Said | None = None


@dataclass(frozen=True)
class LineTotal:
    """One line over all offices that owe a report."""

    line: FormLine
    shares: list

    @property
    def counted(self):
        """The parts that the total is the sum of."""
        return [share for share in self.shares if share.value is not None]

    @property
    def value(self):
        """The sum; None where nobody gave a number."""
        return sum(share.value for share in self.counted) if self.counted else None

    @property
    def unavailable(self):
        return [share.office for share in self.shares if share.said == Said.UNAVAILABLE]

    @property
    def blank(self):
        """Who was asked and left it empty, where that is allowed."""
        return [share.office for share in self.shares if share.said == Said.BLANK]

    @property
    def coverage(self):
        return coverage([share.office for share in self.shares], [share.office for share in self.counted])


@dataclass(frozen=True)
class Totals:
    """A period's approved reports, line by line."""

    period: Period
    offices: list
    publications: list
    lines: list

    @property
    def not_approved(self):
        """The offices whose report is not in any total."""
        there = {publication.office.key for publication in self.publications}
        return [office for office in self.offices if office.key not in there]

    @property
    def coverage(self):
        return coverage(self.offices, [publication.office for publication in self.publications])

    @cached_property
    def by_code(self):
        return {total.line.code: total for total in self.lines}

    @property
    def sections(self):
        """`[(name, totals)]` in the order of the form."""
        found: dict = {}
        for total in self.lines:
            found.setdefault(total.line.section, []).append(total)
        return list(found.items())


def totals(period):
    """The totals of a period with its form; a fixed number of queries."""
    reports = period.reports.all()
    owed = list(reports.for_list().select_related("period__form", "regency", "form"))
    offices = sorted((Office.of(report) for report in owed), key=lambda office: office.order)
    approved = publications(reports)
    by_office = {publication.office.key: publication for publication in approved}
    lines = lines_of(owed[0]) if owed else []
    return Totals(
        period,
        offices,
        approved,
        [LineTotal(line, [_share(office, by_office.get(office.key), line) for office in offices]) for line in lines],
    )


def _share(office, publication, line):
    answer = publication.answer(line.code) if publication else None
    return Share(office, publication, answer.value, answer.said) if answer else Share(office, publication)


def coverage(offices, counted):
    """ "9 dari 10 kab/kota dan Provinsi": which offices a number speaks for, in words."""
    regencies = [office for office in offices if office.regency is not None]
    named = {
        "count": format_number(sum(office.regency is not None for office in counted)),
        "all": format_number(len(regencies)),
    }
    if len(regencies) == len(offices):
        return gettext("%(count)s of %(all)s regencies") % named
    if any(office.regency is None for office in counted):
        return gettext("%(count)s of %(all)s regencies and the Province") % named
    return gettext("%(count)s of %(all)s regencies, without the Province") % named


def names(offices):
    return ", ".join(office.name for office in offices)
