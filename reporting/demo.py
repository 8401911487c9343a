"""Invented reports for trying the portal: three years of quarters, filed by invented officers through the real verbs.

Nearly all came in time and were approved; a few were late, two lie with their offices again, one never came. The
newest closed quarter is still being reported. Numbers are those of the demo register, or near to it with a reason.
"""

import random
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import demo as demo_accounts
from accounts.roles import Role
from common.dates import day_of, today
from common.history import history_of
from common.models import DataVersion, pointing_at
from common.numbers import write_number
from figures.models import Figure, Source
from files.models import GuardedFile
from notices.models import Notice
from reporting import calendar
from reporting.filling import fill, lines_of
from reporting.models import Attachment, Period, Problem, RegencyReport, ReportForm, Status
from reporting.models.report import PROVINCE, SUBJECT
from reporting.prefill import register_values
from reporting.publishing import KEY

CLOSED = 12
SEED = 20120101

APPROVED, LATE, CORRECTED, RETURNED, WAITING, DRAFT, BLANK = (
    "approved late corrected returned waiting draft blank".split()
)
# How far an office came, by how many quarters ago (0: the newest that has ended); else it was approved in time.
STORIES = {
    (0, "berau"): DRAFT,
    (0, "kutai-barat"): DRAFT,
    (0, "kutai-kartanegara"): BLANK,
    (0, "kutai-timur"): WAITING,
    (0, "mahakam-ulu"): BLANK,
    (0, "paser"): BLANK,
    (0, "penajam-paser-utara"): RETURNED,
    (1, "kutai-kartanegara"): LATE,
    (1, "paser"): RETURNED,
    (2, "mahakam-ulu"): BLANK,
    (3, "mahakam-ulu"): LATE,
    (4, "kutai-timur"): CORRECTED,
    (5, "berau"): LATE,
    (7, "balikpapan"): CORRECTED,
    (8, "mahakam-ulu"): LATE,
    (10, "paser"): LATE,
}

# What no register knows, for each cooperative of the office: so many, so much more each quarter, so much up and down.
OF_NO_REGISTER = {
    "inspected": (0.04, 0.005, 0.1),
    "health_assessed": (0.03, 0.005, 0.1),
    "trained": (0.09, 0.005, 0.1),
    "umkm_micro": (13.0, 0.012, 0.004),
    "umkm_small": (0.95, 0.01, 0.004),
    "umkm_medium": (0.06, 0.01, 0.01),
    "labour": (3.1, 0.011, 0.005),
}
OTHERWISE = (0.1, 0.005, 0.05)
# Counted by the regencies, not by the province's own section.
NOT_THE_PROVINCES = {"umkm_micro", "umkm_small", "umkm_medium", "labour"}
# Where an office sometimes knows a little more than the register.
KNOWN_BETTER = {"certified", "managers", "employees"}

WHY = {
    "register": "Sebagian perubahan sudah diterima kantor, belum dicatat di register (data contoh).",
    "rule": "Ada penggabungan dan pindah wilayah (data contoh).",
    "jump": "Kegiatan periode ini berbeda dari biasanya (data contoh).",
}
WHY_MEMBERS = "Termasuk koperasi yang di register hanya tercatat jumlah anggotanya (data contoh)."
NOT_COUNTED = "Dihitung oleh kabupaten/kota (data contoh)."
UNKNOWN = "Belum ada catatan di kantor (data contoh)."
ACTS = (
    "Pendampingan RAT bagi koperasi yang belum melaksanakan (data contoh).",
    "Pelatihan pengurus dan pembukuan sederhana (data contoh).",
    "Kunjungan ke koperasi tidak aktif bersama kecamatan (data contoh).",
)
RETURN_REASON = "Jumlah yang dilatih perlu dicocokkan dengan daftar hadir (data contoh)."
REMARK = "Daftar hadir menyebut jumlah lain (data contoh)."


class RefersToIt(Exception):
    """Something real refers to invented reports; nothing was removed."""


@transaction.atomic
def make(*, now=None):
    """Make them; returns how many reports were filled in: none where there is no form, or any was filled in before.

    Blank periods that are there already become demo periods; `remove` gives them back.
    """
    now = now or timezone.now()
    if not ReportForm.objects.exists() or not Problem.objects.exists():
        return 0
    if (
        RegencyReport.objects.exclude(saved_at=None).exists()
        or Period.objects.exclude(kind=Period.Kind.QUARTER).exists()
    ):
        return 0
    periods = _periods(now)
    offices, filled = {}, 0
    for ago, period in zip(range(CLOSED - 1, -1, -1), periods, strict=False):
        rows = period.reports.select_related("period__form", "form", "regency").defer("regency__boundary")
        for report in rows.order_by("regency__slug"):
            office = offices.get(report.office_key)
            if office is None:
                office = offices[report.office_key] = _Office(report)
            filled += office.report(report, STORIES.get((ago, report.office_key), APPROVED), now)
    # What was decided years ago is no news; what came back is.
    back = RegencyReport.objects.filter(is_demo=True, status=Status.RETURNED)
    _notices().exclude(path__in=[report.get_absolute_url() for report in back]).delete()
    return filled


@transaction.atomic
def remove():
    """Take every demo period out with all that hangs on it; returns how many reports went. Raises RefersToIt.

    A period that was there before as a real one is blank again, with its own days: unless time went on meanwhile.
    Then the calendar begins anew with the running one, and no office is late for what was asked of nobody.
    """
    periods = Period.objects.filter(is_demo=True)
    reports = RegencyReport.objects.filter(period__in=list(periods), is_demo=True)
    count = reports.count()
    _notices().delete()
    attached = list(GuardedFile.objects.filter(pk__in=Attachment.objects.filter(report__in=reports).values("file")))
    sources = Source.objects.filter(key__startswith=KEY, is_demo=True)
    _clear(Figure.objects.filter(source__in=list(sources), is_demo=True))
    _clear(sources)
    _clear(reports)
    for file in attached:
        file.erase()
    lent = [(period, own) for period in periods if (own := period.history.filter(is_demo=False).first()) is not None]
    if lent and max(period.ends_on for period, _own in lent) < today():
        lent = []
    _clear(periods.exclude(pk__in=[period.pk for period, _own in lent]))
    for period, own in lent:
        period.history.filter(is_demo=True).delete()
        # bare update: it stands again as its history says.
        periods.filter(pk=period.pk).update(
            is_demo=False, opens_on=own.opens_on, due_on=own.due_on, locks_on=own.locks_on
        )
        calendar.open_period(period.kind, period.year, period.number)
    DataVersion.bump(SUBJECT, "figures")
    return count


def _notices():
    """What people were told of demo reports."""
    return Notice.objects.filter(key__startswith="laporan/", key__contains="/contoh/")


def _clear(rows):
    """Delete rows with their history and all that points at them."""
    keys = list(rows.values_list("pk", flat=True))
    if not keys:
        return
    model = rows.model
    for field in pointing_at(model):
        below = field.model._base_manager.filter(**{f"{field.name}__in": keys})
        if any(one.name == "is_demo" for one in field.model._meta.fields) and below.filter(is_demo=False).exists():
            raise RefersToIt(f"{field.model.__name__} that is real refers to {model.__name__} that is not.")
        _clear(below)
    if (history := history_of(model)) is not None:
        history.filter(**{f"{model._meta.pk.attname}__in": keys}).delete()
    rows = model._base_manager.filter(pk__in=keys)
    rows._raw_delete(using=rows.db)


def _periods(now):
    """The closed quarters and the running one, oldest first; the newest closed one is open."""
    day = day_of(now)
    year, number = day.year, calendar.number_on(Period.Kind.QUARTER, day)
    wanted = []
    for _quarter in range(CLOSED + 1):
        wanted.insert(0, (year, number))
        year, number = (year, number - 1) if number > 1 else (year - 1, 4)
    found = []
    for year, number in wanted:
        period = calendar.open_period(Period.Kind.QUARTER, year, number, is_demo=True)
        if not period.is_demo:
            period.claim(period.version)
            period.is_demo = True
            period.save()
            # bare update: blank reports have no history yet.
            period.reports.update(is_demo=True)
        found.append(period)
    newest = found[-2]
    newest.claim(newest.version)
    newest.due_on = max(newest.due_on, day + timedelta(days=9))
    newest.locks_on = max(newest.locks_on, newest.due_on + timedelta(days=35))
    newest.save()
    return found


class _Office:
    """One office with its people; draws its numbers, the same ones each time."""

    def __init__(self, report):
        self.draw = random.Random(f"{SEED} {report.office_key}")
        self.officer = _person(Role.OFFICER, report.regency) if report.regency_id else _person(Role.PROVINCE_STAFF)
        self.verifier = _person(Role.VERIFIER)
        self.problems = list(Problem.objects.values_list("pk", flat=True))
        self.known = {}
        self.quarter = 0

    def report(self, report, story, now):
        """Bring a blank report as far as the story goes; returns whether anything was typed."""
        self.quarter += 1
        if story == BLANK:
            return False
        lines = lines_of(report)
        typed = self.typed(report, lines)
        period = report.period
        begin, end = period.opens_at, min(period.due_at, now)
        is_late = story == LATE or (story == RETURNED and period.locks_at < now)
        # Some forms lock on the due day: then nobody is late.
        if is_late and period.due_at < period.locks_at:
            begin, end = period.due_at, min(period.locks_at, now)
        submitted_at = self.moment(begin, end, now)
        if story == DRAFT:
            report.save_draft(self.partly(typed, lines), by=self.officer, now=submitted_at)
            return True
        if not self.submit(report, typed, lines, submitted_at) or story == WAITING:
            return True
        decided_at = self.after(submitted_at, now)
        if story in (CORRECTED, RETURNED):
            line = next((line for line in lines if line.code == "trained"), lines[0])
            until = None
            if decided_at + timedelta(days=8) >= period.locks_at:
                until = day_of(decided_at) + timedelta(days=14)
            report.give_back(
                by=self.verifier, reason=RETURN_REASON, remarks={line: REMARK}, until=until, now=decided_at
            )
            if story == RETURNED:
                return True
            decided_at = self.after(decided_at, now)
            if not self.submit(report, self.typed(report, lines), lines, decided_at):
                return True
            decided_at = self.after(decided_at, now)
        report.approve(by=self.verifier, now=decided_at)
        return True

    def submit(self, report, typed, lines, at):
        """Save and hand in, every warning explained; whether the form let it pass."""
        filled = fill(report, typed, lines=lines)
        for row in filled.rows:
            if row.warnings and not row.why:
                row.why = typed["lines"][row.code]["why"] = WHY[row.warnings[0].code]
        report.save_draft(typed, by=self.officer, now=at)
        if filled.blocked:
            # The office made rules of its own, which no invention keeps.
            return False
        report.submit(filled, by=self.officer, now=at)
        return True

    # -- Numbers -------------------------------------------------------------------------------------

    def typed(self, report, lines):
        """The whole form as an officer types it."""
        known = register_values(report.period).get(report.office_key, {})
        total = known.get("total") or 0
        said = {line.code: self.answer(line, known, total, report) for line in lines}
        self.all_members(said, known)
        self.at_most_active(said)
        problems = sorted(self.draw.sample(self.problems, k=min(2, len(self.problems))))
        return {"lines": said, "problems": problems, "act": self.draw.choice(ACTS)}

    def answer(self, line, known, total, report):
        if line.register_key:
            value = known.get(line.register_key)
            if value is None:
                return {"na": True, "why": UNKNOWN}
            if line.code in KNOWN_BETTER and self.draw.random() < 0.1:
                value += self.draw.randint(1, 4)
            return {"typed": write_number(value)}
        if line.code in NOT_THE_PROVINCES and report.office_key == PROVINCE:
            return {"na": True, "why": NOT_COUNTED}
        share, growth, noise = OF_NO_REGISTER.get(line.code, OTHERWISE)
        grown = total * share * (1 + growth) ** self.quarter
        return {"typed": write_number(round(grown * self.draw.uniform(1 - noise, 1 + noise)))}

    def all_members(self, said, known):
        """Men and women of all cooperatives: the register has only the sum of some."""
        men, women, both = (known.get(key) for key in ("members_men", "members_women", "members"))
        if (
            None in (men, women, both)
            or not men + women
            or not {"members_men", "members_women", "members"} <= set(said)
        ):
            return
        scaled = round(both * men / (men + women))
        for code, value, in_register in (("members_men", scaled, men), ("members_women", both - scaled, women)):
            said[code] = {"typed": write_number(value)}
            if value != in_register:
                said[code]["why"] = WHY_MEMBERS

    def at_most_active(self, said):
        """More RAT than active ones is an error of the form."""
        held, active = (said.get(code, {}).get("typed") for code in ("rat_held", "cooperatives_active"))
        if held and active and int(held.replace(".", "")) > int(active.replace(".", "")):
            said["rat_held"] = {"typed": active, "why": WHY["register"]}

    def partly(self, typed, lines):
        """As far as somebody came who was called away."""
        begun = {line.code for line in lines[: len(lines) * 3 // 5]}
        return {
            "lines": {code: said for code, said in typed["lines"].items() if code in begun},
            "problems": [],
            "act": "",
        }

    # -- Moments -------------------------------------------------------------------------------------

    def moment(self, begin, end, now):
        """A working hour of a day between two moments."""
        day = timezone.localtime(begin + (end - begin) * self.draw.uniform(0.2, 0.85), timezone.get_default_timezone())
        return max(begin, min(day.replace(hour=8 + day.hour % 8), now))

    def after(self, moment, now):
        """A working hour up to a week later."""
        found = self.moment(moment, min(moment + timedelta(days=7), now), now)
        return max(found, min(moment + timedelta(minutes=20), now))


def _person(role, regency=None):
    """The demo account; one that nobody can sign in with is opened again after a removal."""
    person = demo_accounts.person(role, regency)
    if not person.has_usable_password():
        person.reactivate(by=None, reason="make_demo")
    return person
