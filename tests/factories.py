"""Plain functions that make records for tests. Each gives what is needed and takes the rest by name."""

import itertools
from datetime import date

from cooperatives.models import AnnualReturn, Cooperative, Form, Group, Status
from cooperatives.models.cooperative import register
from regions.models import Regency, Territory

_numbers = itertools.count(1)


def make_regency(name="Kutai Barat", **values):
    number = next(_numbers)
    values.setdefault("kind", Regency.Kind.KABUPATEN)
    values.setdefault("kemendagri_code", f"{number // 100:02d}.{number % 100:02d}")
    values.setdefault("bps_code", f"{number:04d}")
    values.setdefault("slug", name.lower().replace(" ", "-"))
    return Regency.objects.create(name=name, **values)


def make_territory(key="Kaltim-10", **values):
    values.setdefault("name", key)
    return Territory.objects.create(key=key, **values)


def make_indicator(code="cooperatives", **values):
    from figures.models import Indicator

    values.setdefault("name", code)
    values.setdefault("unit", "unit")
    values.setdefault("measure", Indicator.Measure.COUNT)
    found, _created = Indicator.objects.get_or_create(code=code, defaults=values)
    return found


def make_source(key=None, **values):
    from figures.models import Source

    values.setdefault("title", "Rilis")
    values.setdefault("publisher", "Kantor")
    return Source.objects.create(key=key or f"sumber-{next(_numbers)}", **values)


def make_figure(value=100, *, code="cooperatives", territory=None, as_of=date(2021, 12, 31), source=None, **values):
    """A published figure; the office's own unless said otherwise."""
    from figures.models import Figure

    values.setdefault("is_official", True)
    return Figure.objects.create(
        indicator=make_indicator(code),
        territory=territory or Territory.objects.filter(key="Kaltim-10").first() or make_territory(),
        source=source or make_source(),
        as_of=as_of,
        value=value,
        **values,
    )


def make_award(territory, year=2013, title="Kabupaten Penggerak Koperasi", **values):
    from progress.models import Award

    values["source"] = values.get("source") or make_source()
    return Award.objects.create(territory=territory, year=year, title=title, **values)


def make_form(level=Form.Level.REGENCY, **values):
    values.setdefault("name", f"Primer {level} {next(_numbers)}")
    return Form.objects.create(responsible_level=level, **values)


def make_group(name=None, **values):
    return Group.objects.create(name=name or f"Kelompok {next(_numbers)}", **values)


def make_cooperative(name=None, *, status=Status.ACTIVE, since=None, by=None, **values):
    """A cooperative of the register with its first status, as the office would enter it."""
    cooperative = Cooperative(name=name or f"Koperasi Uji {next(_numbers)}", **values)
    return register(cooperative, status=status, since=since, basis="", by=by)


def make_return(cooperative, book_year=2024, **values):
    """A return with its summary refreshed, as every path of the portal leaves it."""
    from cooperatives.summary import publish

    values.setdefault("rat_held", True)
    if values["rat_held"]:
        values.setdefault("rat_on", date(book_year + 1, 3, 15))
    entry = AnnualReturn.objects.create(cooperative=cooperative, book_year=book_year, **values)
    publish([cooperative.pk])
    return entry


def make_user(role="administrator", username=None, *, password=None, **values):
    """An account in its group. An officer gets a regency; without a password only `force_login` opens it."""
    from accounts.models import User

    if role == "petugas" and "regency" not in values:
        values["regency"] = Regency.objects.first() or make_regency()
    return User.objects.create_user(username or f"{role}.{next(_numbers)}", role=role, password=password, **values)
