"""Aid for tests: plain functions that make programmes, packages at any stage, units and handovers."""

import itertools
from datetime import date

from assistance import procedure
from assistance.corrections import record_amount, register_units
from assistance.models import AidKind, Document, Holding, Package, Programme, Recipient, Unit, hand_over
from assistance.stages import WAY, Paper, Stage
from files.models import GuardedFile
from regions.models import Regency
from tests.factories import make_cooperative, make_regency, make_user

_numbers = itertools.count(1)
# The day of each stage in the package that `at_stage` makes: they follow one another.
DAYS = {
    Stage.PROPOSED: date(2024, 1, 9),
    Stage.VERIFIED: date(2024, 2, 2),
    Stage.RECOMMENDED: date(2024, 2, 19),
    Stage.BUDGETED: date(2024, 4, 4),
    Stage.DECREED: date(2024, 7, 17),
    Stage.PROCURED: date(2024, 9, 30),
    Stage.HANDED_OVER: date(2024, 11, 18),
    Stage.USE_REPORTED: date(2025, 1, 8),
    Stage.MONITORED: date(2025, 2, 20),
    Stage.CLOSED: date(2025, 3, 3),
    Stage.REFUSED: date(2025, 3, 4),
    Stage.CANCELLED: date(2025, 3, 4),
    Stage.WITHDRAWN: date(2025, 3, 4),
}


def make_kind(name="Sepeda motor roda tiga", **values):
    values.setdefault("nature", AidKind.Nature.VEHICLE)
    values.setdefault("code", name.lower().replace(" ", "-"))
    found, _created = AidKind.objects.get_or_create(name=name, defaults=values)
    return found


def make_programme(name="Program sarana usaha koperasi", **values):
    values = {"fiscal_year": 2024, "funding": "apbd_provinsi", "ceiling": 1_000_000_000, **values}
    return Programme.objects.create(name=name, **values)


def old_programme():
    """One that was entered from old papers."""
    return make_programme("Program lama", fiscal_year=2012, is_historical=True)


def make_recipient(name=None, *, kind="cooperative", regency=None, **values):
    number = next(_numbers)
    regency = regency or Regency.objects.first() or make_regency("Kutai Barat")
    if kind == "cooperative":
        values.setdefault("cooperative", make_cooperative(name or f"KSU Anggrek {number}", regency=regency))
    recipient = Recipient(kind=kind, name=name or f"Penerima {number}", regency=regency, **values)
    recipient.make_keys()
    recipient.save()
    return recipient


def guarded_file(by=None):
    """A row of a file that lies nowhere; for tests that never open it."""
    number = next(_numbers)
    by = by or make_user("staf_provinsi")
    return GuardedFile.objects.create(
        name=f"{number}.pdf", kind="pdf", size=1, sha256=f"{number:064}", path=f"{number:032}", by=by
    )


def make_document(paper=Paper.PROPOSAL, dated_on=date(2024, 1, 9), *, by=None, number=None, **values):
    by = by or make_user("staf_provinsi")
    number = number or f"{paper}/{next(_numbers)}"
    return Document.objects.create(
        paper=paper,
        number=number,
        dated_on=dated_on,
        file=values.pop("file", None) or guarded_file(by),
        by=by,
        **values,
    )


def new_package(**values):
    """An unsaved package of five motorcycles."""
    recipient = values.pop("recipient", None) or make_recipient()
    values = {
        "programme": values.pop("programme", None) or make_programme(),
        "kind": values.pop("kind", None) or make_kind(),
        "recipient": recipient,
        "regency": recipient.regency,
        "transfer": "grant",
        "quantity": 5,
        "unit_price": 37_500_000,
        **values,
    }
    return Package(**values)


def proposed(*, by=None, **values):
    by = by or make_user("staf_provinsi")
    return procedure.propose(
        new_package(**values), document=make_document(by=by), by=by, earlier_reason="Untuk pengujian"
    )


def fresh(package):
    return Package.objects.select_related("programme", "kind", "recipient__cooperative", "regency").get(pk=package.pk)


def step_to(package, stage, *, by=None, document=None, reason="", **options):
    """Take one step with its document, whoever asks; returns the package as it stands then."""
    by = by or make_user("verifikator")
    package = fresh(package)
    document = document or make_document(package.papers(stage)[0], DAYS[stage], by=by)
    procedure.take(stage, [package], document=document, by=by, reason=reason, earlier_reason="Uji", **options)
    return fresh(package)


def add_units(package, count=None, *, by=None):
    by = by or make_user("staf_provinsi")
    units = [Unit(maker="Viar", type="Karya 200", year=2024) for _unit in range(count or package.quantity)]
    return register_units(fresh(package), units, by=by)


def handed(package, quantity=None, *, units=None, by=None, handed_on=None, confirm=True):
    """A handover of the package's units (all that are left), confirmed by another person unless said otherwise."""
    by = by or make_user("staf_provinsi")
    package = fresh(package)
    quantity = quantity or package.quantity - package.handed_count
    if units is None and package.kind.has_units:
        units = list(package.units.filter(handover=None).select_related("package__kind")[:quantity])
        if len(units) < quantity:
            units += add_units(package, quantity - len(units), by=by)
            package = fresh(package)
    for paper in package.papers(Stage.HANDED_OVER)[1:]:
        if not package.documents.filter(paper=paper).exists():
            procedure.attach(package, make_document(paper, DAYS[Stage.PROCURED], by=by))
    day = handed_on or DAYS[Stage.HANDED_OVER]
    bast = make_document(Paper.BAST, day, by=by)
    made = hand_over(
        package, quantity=quantity, handed_on=day, document=bast, received_by="Ibu Ketua", by=by, units=units or ()
    )
    if confirm:
        made.confirm(by=make_user("verifikator"))
    return made


def at_stage(stage, **values):
    """A package of five motorcycles that went the straight way up to a stage, and out of it where the stage is one."""
    package = proposed(**values)
    way = WAY[1 : WAY.index(stage) + 1] if stage in WAY else _way_out(stage)
    for one in way:
        if one == Stage.BUDGETED:
            record_amount(package := fresh(package), "planned", 187_500_000, by=make_user("staf_provinsi"))
        if one == Stage.PROCURED:
            record_amount(package := fresh(package), "contracted", 187_500_000, by=make_user("staf_provinsi"))
        if one == Stage.HANDED_OVER:
            handed(package)
        else:
            package = step_to(package, one, reason="" if one in WAY[:8] else "Untuk pengujian")
    return fresh(package)


def _way_out(stage):
    if stage == Stage.REFUSED:
        return (stage,)
    last = Stage.DECREED if stage == Stage.CANCELLED else Stage.HANDED_OVER
    return (*WAY[1 : WAY.index(last) + 1], stage)


# What nobody but the office may read, planted where it is kept.
PRIVATE = {
    "frame_number": "MHRANGKA7788X",
    "engine_number": "MESIN5599Q",
    "plate_number": "KT 4321 ZZ",
    "serial_number": "SERI88KENARI",
    "place": "Rumah Pak Kenari Gang Rahasia 7",
}
PRIVATE_RECIPIENT = {
    "name": "Siti Kenariwati",
    "address": "Jalan Tersembunyi 12",
    "contact": "Budi Narahubung",
    "phone": "081299887766",
    "nik_ktp": "6472011203450001",
    "bank_account": "BNI 9988776655",
    "note": "Catatan internal kenari",
}
PRIVATE_HOLDER = "Joko Pemegangwan"


def with_canaries(package=None, **values):
    """A unit, handed over and seen, of a package to a person, with everything private filled in."""
    recipient = make_recipient(kind="person", group_name="Kelompok Pasar Melak", **PRIVATE_RECIPIENT)
    package = package or at_stage(Stage.PROCURED, recipient=recipient, quantity=2, **values)
    made = [Unit(maker="Viar", type="Karya 200", year=2024, **PRIVATE), Unit(maker="Viar", type="Karya 200", year=2024)]
    units = register_units(fresh(package), made, by=make_user("staf_provinsi"))
    handed(package, units=units)
    unit = Unit.objects.select_related("package__kind").get(pk=units[0].pk)
    held = Holding(holder=Holding.Holder.PERSON, name=PRIVATE_HOLDER)
    unit.observe(
        state="in_use", condition="fair", on=date(2025, 2, 20), by=make_user("petugas"), basis="Kunjungan", holding=held
    )
    return unit


def leaks(said):
    """Those of what is private that stand in a text."""
    planted = [*PRIVATE.values(), *PRIVATE_RECIPIENT.values(), PRIVATE_HOLDER]
    return [one for one in planted if one in said]
