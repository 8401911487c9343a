"""Invented aid for trying the portal: forty packages over the regencies, moved by the real verbs of two people.

Every stage is there, the ways out among them; some use reports are overdue, some units broken, idle or handed on, one
finding is open and one citizen's hint waits. All papers are one small PDF. Every name says that it is invented.
"""

import io
import random
from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Q
from reportlab.pdfgen.canvas import Canvas

from accounts import demo as demo_accounts
from accounts.roles import Role
from assistance import procedure
from assistance.corrections import record_amount, register_units
from assistance.models import (
    SUBJECT,
    AidKind,
    AmountRow,
    Document,
    Finding,
    Handover,
    Hint,
    Holding,
    Package,
    PackageDocument,
    PackageStep,
    Programme,
    Recipient,
    State,
    Unit,
    Visit,
    VisitPhoto,
    hand_over,
)
from assistance.models.rules import finding_days_on
from assistance.stages import DELIVERED, ENDED, WAY, Paper, Stage
from common.dates import today
from common.models import DataVersion
from cooperatives.models import Cooperative
from files.models import GuardedFile
from files.receiving import receive
from regions.models import Regency

SEED = 20130912
YEARS = range(2022, 2026)
PACKAGES = 40
EXAMPLE = "(data contoh)"
PROGRAMMES = (
    ("Sarana usaha koperasi dan UMKM", Programme.Funding.PROVINCE),
    ("Peralatan usaha kecil", Programme.Funding.DAK),
)
# How far a package came, the most frequent more than once.
STORIES = (
    *(Stage.MONITORED, Stage.HANDED_OVER, Stage.USE_REPORTED, Stage.CLOSED, Stage.WITHDRAWN),
    *(Stage.DECREED, Stage.HANDED_OVER, Stage.CANCELLED, Stage.PROCURED, Stage.MONITORED),
)
# Of the newest year most are still on their way.
NEWEST = (*WAY[:7], Stage.REFUSED, Stage.HANDED_OVER, Stage.DECREED)
# The earliest day of each stage: month and day, and how many years after the fiscal year.
DAYS = {
    Stage.PROPOSED: (-1, 9, 5),
    Stage.VERIFIED: (-1, 9, 26),
    Stage.RECOMMENDED: (-1, 10, 14),
    Stage.BUDGETED: (0, 1, 8),
    Stage.DECREED: (0, 3, 6),
    Stage.PROCURED: (0, 5, 12),
    Stage.HANDED_OVER: (0, 8, 19),
    Stage.USE_REPORTED: (0, 12, 15),
    Stage.MONITORED: (1, 3, 4),
    Stage.CLOSED: (1, 4, 22),
    Stage.REFUSED: (-1, 11, 3),
    Stage.CANCELLED: (0, 6, 20),
    Stage.WITHDRAWN: (1, 2, 10),
}
NOT_GOODS = {"lain-lain"}
GROUPS = ("Kelompok Usaha Contoh Enggang", "Paguyuban Pedagang Contoh Mahakam", "Sentra Kerajinan Contoh Ulap")
REASON = f"Untuk dicoba {EXAMPLE}"

# What offices write before the number of a paper.
SHORT = {
    Paper.PROPOSAL: "PROP",
    Paper.VERIFICATION: "BAV",
    Paper.RECOMMENDATION: "REK",
    Paper.DPA: "DPA",
    Paper.SK: "SK",
    Paper.CONTRACT: "SPK",
    Paper.NPHD: "NPHD",
    Paper.INTEGRITY_PACT: "PI",
    Paper.BAST: "BAST",
    Paper.USE_REPORT: "LPJ",
    Paper.MONITORING: "MONEV",
    Paper.FINDING: "LHP",
    Paper.LETTER: "S",
    Paper.OTHER: "DOK",
}


@transaction.atomic
def make():
    """Make them; returns how many packages there are then. None where there are some already, or no kinds of aid."""
    kinds = list(AidKind.objects.exclude(code__in=NOT_GOODS))
    regencies = list(Regency.objects.on(today()).defer("boundary").order_by("slug"))
    if not kinds or not regencies or Package.objects.filter(is_demo=True).exists():
        return 0
    maker = _Maker()
    for number in range(PACKAGES):
        year = YEARS[number % len(YEARS)]
        stories = NEWEST if year == YEARS[-1] else STORIES
        maker.package(
            number,
            kind=kinds[number * 5 % len(kinds)],
            regency=regencies[number % len(regencies)],
            year=year,
            story=stories[number // len(YEARS) % len(stories)],
        )
    maker.afterwards()
    return PACKAGES


class _Maker:
    """Draws the packages, the same ones each time, and moves them along as two people would."""

    def __init__(self):
        self.draw = random.Random(SEED)
        self.staff, self.verifier = demo_accounts.person(Role.PROVINCE_STAFF), demo_accounts.person(Role.VERIFIER)
        self.file = receive(SimpleUploadedFile("bantuan-contoh.pdf", _pdf()), by=self.staff)
        self.programmes: dict = {}
        self.papers = 0

    def package(self, number, *, kind, regency, year, story):
        """Bring one package as far as its story goes; what would lie in the future is left out."""
        if story in kind.without:
            story = Stage.HANDED_OVER
        quantity = self.draw.randint(1, 8) if kind.has_units else 1
        price = self.draw.randrange(3_000_000, 48_000_000, 250_000)
        package = Package(
            programme=self.programme(year, number // len(YEARS) % len(PROGRAMMES)),
            kind=kind,
            recipient=self.recipient(number, regency),
            regency=regency,
            place=f"Desa Contoh {number + 1}",
            transfer=Package.Transfer.GRANT,
            land_status=f"Tanah desa {EXAMPLE}" if kind.has_land_status else "",
            quantity=quantity,
            unit_price=price,
            supplier=f"CV Contoh Pengadaan {number % 4 + 1}" if kind.has_procurement else "",
            is_demo=True,
        )
        days = {stage: self.day(stage, year) for stage in Stage}
        if days[Stage.PROPOSED] > today():
            return
        procedure.propose(
            package,
            document=self.document(Paper.PROPOSAL, days[Stage.PROPOSED], self.staff),
            by=self.staff,
            earlier_reason=REASON,
        )
        for stage in _way(story):
            if stage in kind.without:
                continue
            if days[stage] > today():
                break
            package = _read(package)
            if stage == Stage.HANDED_OVER:
                self.hand_over(package, days[stage])
            else:
                self.step(package, stage, days[stage], quantity * price)

    def step(self, package, stage, day, value):
        by = self.verifier if procedure.NEEDS[stage].permission == "assistance.approve_aid" else self.staff
        if stage == Stage.BUDGETED:
            record_amount(package, AmountRow.What.PLANNED, value, by=self.staff)
        if stage == Stage.PROCURED:
            record_amount(package, AmountRow.What.CONTRACTED, value - value // 40, by=self.staff)
        open_or_out = stage in {Stage.MONITORED, Stage.CLOSED} or stage in ENDED
        procedure.take(
            stage,
            [package],
            document=self.document(package.papers(stage)[0], day, by),
            by=by,
            reason=REASON if open_or_out else "",
            earlier_reason=REASON,
        )

    def hand_over(self, package, day):
        for paper in package.papers(Stage.HANDED_OVER)[1:]:
            procedure.attach(package, self.document(paper, day - timedelta(days=6), self.staff))
        units = []
        if package.kind.has_units:
            units = register_units(package, [self.unit(package, at) for at in range(package.quantity)], by=self.staff)
        if package.contracted_amount is not None:
            record_amount(package, AmountRow.What.REALISED, package.contracted_amount, by=self.staff)
        made = hand_over(
            package,
            quantity=package.quantity,
            handed_on=day,
            document=self.document(Paper.BAST, day, self.staff),
            received_by="Penerima Contoh",
            by=self.staff,
            units=units,
            place=f"Kantor camat {EXAMPLE}",
        )
        made.confirm(by=self.verifier)

    def unit(self, package, at):
        kind, mark = package.kind, f"{package.pk}-{at + 1}"
        return Unit(
            maker="Contoh",
            type=kind.name[:80],
            year=package.programme.fiscal_year,
            price=package.unit_price,
            frame_number=f"CONTOH-R-{mark}" if kind.has_frame_number else "",
            engine_number=f"CONTOH-M-{mark}" if kind.has_engine_number else "",
            plate_number=f"KT C{mark}" if kind.has_plate_number else "",
        )

    # -- What happened to them since -------------------------------------------------------------------

    def afterwards(self):
        """Visits that found things as they are, a finding, and a hint."""
        held = Unit.objects.filter(package__is_demo=True).held().filter(handed_on__isnull=False)
        for number, unit in enumerate(held.select_related("package__kind").order_by("pk")):
            if number % 4 != 3:
                self.visit(unit, number)
        for package, handed_on in self.inspected():
            reported_on = min(handed_on + timedelta(days=200), today())
            report = self.document(Paper.FINDING, reported_on, self.staff)
            procedure.attach(package, report)
            Finding.objects.create(
                package=package,
                document=report,
                text=f"Pakta integritas belum ditandatangani semua anggota {EXAMPLE}.",
                due_on=reported_on + timedelta(days=finding_days_on(reported_on)),
                by=self.staff,
            )
        if unit := held.order_by("-pk").first():
            words = f"Sudah lama tidak terlihat di sini {EXAMPLE}."
            Hint.objects.create(unit=unit, answer=Hint.Answer.GONE, note=words, digest=f"contoh{unit.pk}")

    @staticmethod
    def inspected():
        """Two packages, each with the day of its handover."""
        delivered = Package.objects.filter(is_demo=True, stage__in=DELIVERED).order_by("pk")[:2]
        return [(package, package.handed_over_on) for package in delivered if package.handed_over_on]

    def visit(self, unit, number):
        on = min(unit.handed_on + timedelta(days=95 + number % 9), today())
        state = {5: State.BROKEN, 10: State.IDLE, 14: State.TRANSFERRED}.get(number % 17, State.IN_USE)
        condition = "heavy" if state == State.BROKEN else "good"
        holding = None
        if state == State.TRANSFERRED:
            holding = Holding(holder=Holding.Holder.GROUP, name=GROUPS[0])
        unit.observe(
            state=state, on=on, by=self.staff, basis=f"Kunjungan {EXAMPLE}", condition=condition, holding=holding
        )
        Visit.objects.create(
            package=unit.package,
            unit=unit,
            visited_on=on,
            state=state,
            condition=condition,
            holder=holding.holder if holding else Holding.Holder.RECIPIENT,
            holder_name=holding.name if holding else "",
            turnover=self.draw.randrange(2_000_000, 20_000_000, 500_000),
            job_count=self.draw.randint(1, 6),
            by=self.staff,
        )

    # -- What it is made of ----------------------------------------------------------------------------

    def programme(self, year, which):
        name, funding = PROGRAMMES[which]
        if (year, which) not in self.programmes:
            self.programmes[year, which] = Programme.objects.create(
                name=f"{name} {EXAMPLE}",
                fiscal_year=year,
                funding=funding,
                dpa_number=f"DPA/CONTOH/{year}/{which + 1}",
                ceiling=5_000_000_000,
                is_demo=True,
            )
        return self.programmes[year, which]

    def recipient(self, number, regency):
        """By turns a cooperative of the regency, a group, a person, the regency's government."""
        values = {"regency": regency, "is_demo": True}
        cooperatives = Cooperative.objects.filter(is_demo=True, regency=regency, status="active").order_by("pk")
        turn = number // 10 + number
        cooperative = cooperatives[number // 10 : number // 10 + 1].first() if turn % 5 < 2 else None
        if cooperative is not None:
            found = Recipient(kind="cooperative", cooperative=cooperative, name=cooperative.name, **values)
        elif turn % 5 == 3:
            found = Recipient(kind="person", name=f"Contoh Warga {number + 1}", **values)
        elif turn % 5 == 4:
            found = Recipient(kind="government", name=f"Pemerintah {regency.name} {EXAMPLE}", **values)
        else:
            found = Recipient(kind="group", name=f"{GROUPS[number % len(GROUPS)]} {number + 1}", **values)
        found.make_keys()
        found.save()
        return found

    def document(self, paper, day, by):
        self.papers += 1
        number = f"{SHORT[paper]}/CONTOH/{self.papers}/{day.year}"
        return Document.objects.create(paper=paper, number=number, dated_on=day, file=self.file, is_demo=True, by=by)

    def day(self, stage, year):
        later, month, day = DAYS[stage]
        return date(year + later, month, day) + timedelta(days=self.draw.randint(0, 9))


def _way(story):
    if story in WAY:
        return WAY[1 : WAY.index(story) + 1]
    last = {Stage.REFUSED: Stage.PROPOSED, Stage.CANCELLED: Stage.PROCURED, Stage.WITHDRAWN: Stage.HANDED_OVER}[story]
    return (*WAY[1 : WAY.index(last) + 1], story)


def _read(package):
    return Package.objects.select_related("programme", "kind", "recipient__cooperative", "regency").get(pk=package.pk)


def _pdf():
    target = io.BytesIO()
    canvas = Canvas(target, invariant=True)
    canvas.drawString(72, 760, "Dokumen contoh. Tidak berlaku.")
    canvas.save()
    return target.getvalue()


# Taking it out --------------------------------------------------------------------------------------


@transaction.atomic
def remove():
    """Take all of it out again, history and files included; returns how many packages went.

    Whoever calls it has seen that nothing real refers to it. What hangs on an invented package goes with it, and so do
    papers that cover no other, and recipients that are invented cooperatives.
    """
    packages = list(Package.objects.filter(is_demo=True).values_list("pk", flat=True))
    units = list(Unit.objects.filter(package__in=packages).values_list("pk", flat=True))
    invented = Recipient.objects.filter(Q(is_demo=True) | Q(cooperative__is_demo=True))
    recipients = list(invented.values_list("pk", flat=True))
    covering = PackageDocument.objects.filter(package__in=packages).values("document")
    elsewhere = PackageDocument.objects.exclude(package__in=packages).values("document")
    theirs = Document.objects.filter(Q(is_demo=True) | Q(pk__in=covering)).exclude(pk__in=elsewhere)
    papers = list(theirs.values_list("pk", flat=True))
    photos = VisitPhoto.objects.filter(visit__package__in=packages)
    files = set(photos.values_list("file", flat=True))
    files |= set(Document.objects.filter(pk__in=papers).exclude(file=None).values_list("file", flat=True))
    # bare update: the rows are removed in the next lines.
    photos.update(repeats=None)
    for rows in (
        photos,
        Hint.objects.filter(unit__in=units),
        Visit.objects.filter(package__in=packages),
        Finding.objects.filter(package__in=packages),
        Holding.objects.filter(unit__in=units),
        Unit.history.filter(id__in=units),
        Unit.objects.filter(pk__in=units),
        Handover.objects.filter(package__in=packages),
        PackageStep.objects.filter(package__in=packages),
        AmountRow.objects.filter(package__in=packages),
        PackageDocument.objects.filter(package__in=packages),
        Package.history.filter(id__in=packages),
        Package.objects.filter(pk__in=packages),
        Document.objects.filter(pk__in=papers),
        Recipient.history.filter(id__in=recipients),
        Recipient.objects.filter(pk__in=recipients),
        Programme.history.filter(is_demo=True),
        Programme.objects.filter(is_demo=True),
    ):
        rows._raw_delete(using=rows.db)
    in_use = set(Document.objects.filter(file__in=files).values_list("file", flat=True))
    for file in GuardedFile.objects.filter(pk__in=files - in_use):
        file.erase()
    DataVersion.bump(SUBJECT)
    return len(packages)
