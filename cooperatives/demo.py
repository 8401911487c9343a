"""A simulated register for trying the portal and for its benchmark. Every name says that it is invented.

Spread like the published figures where there are any: regencies after the press (Kalimantan News
2011, Niaga Asia 2022, Kutai Timur 2023; the four that nobody published share the rest), groups
after the founding press release and ANTARA, 71 members a cooperative on average (436.068 / 6.111),
half of them active (50,5 % in 2021). Everything else is made up.
"""

import random
from datetime import date, timedelta
from itertools import pairwise

from django.db import transaction
from django.utils import timezone

from common.dates import today
from common.history import history_of
from common.models import DataVersion, pointing_at, tell_planner
from cooperatives.models import (
    AnnualReturn,
    BoardMember,
    Cooperative,
    DistinctPair,
    Form,
    FormerName,
    Group,
    Kind,
    Sector,
    Status,
    StatusPeriod,
    rules_on,
)
from cooperatives.summary import derive, last_ended_book_year
from regions.models import Regency

YEARS = 5
CHUNK = 2000
SEED = 20130911

REGENCY_WEIGHTS = {
    "samarinda": 1264,
    "kutai-timur": 1209,
    "kutai-barat": 689,
    "balikpapan": 486,
    "penajam-paser-utara": 267,
    "bontang": 110,
    "kutai-kartanegara": 900,
    "berau": 400,
    "paser": 350,
    "mahakam-ulu": 70,
}
GROUP_WEIGHTS = {
    "Serba Usaha": 3097,
    "Karyawan": 447,
    "Pegawai Negeri": 421,
    "Lainnya": 385,
    "Perkebunan": 283,
    "Simpan Pinjam": 256,
    "Peternakan": 243,
    "KUD": 241,
}
OTHER_GROUPS_WEIGHT = 738  # what is left of 6.111
PREFIXES = {
    "Serba Usaha": "KSU",
    "Karyawan": "Kopkar",
    "Pegawai Negeri": "KPRI",
    "Simpan Pinjam": "KSP",
    "KUD": "KUD",
    "Wanita": "Koperasi Wanita",
}
FIRST = (
    "Anggrek Bina Cahaya Danau Embun Fajar Gaharu Harapan Intan Jaya Karya Lamin Mandau Nusa Olah Padi Rimba Sinar "
    "Tani Ulin Warga Bahari Enggang Meranti Rotan Tirta Sungai Pelangi Mutiara Lestari Mekar Maju Sumber Makmur"
).split()
SECOND = (
    "Hitam Bersama Sejahtera Mandiri Abadi Lestari Sentosa Utama Baru Jaya Makmur Setia Damai Rukun Indah Terang "
    "Sakti Mulia Raya Barokah Kencana Permata Perkasa Gemilang Harmoni Amanah Bakti Nyata Unggul Tenteram"
).split()
SURNAMES = "Satu Dua Tiga Empat Lima Enam Tujuh Delapan Sembilan".split()


def parts():
    """The models whose rows belong to one cooperative and go with it."""
    return [field.model for field in pointing_at(Cooperative) if field.name == "cooperative"]


class RefusesRealData(Exception):
    """The register holds real cooperatives; invented ones are never mixed with them."""


@transaction.atomic
def make(count, *, lean=False, seed=SEED, progress=lambda done: None):
    """Add `count` invented cooperatives with returns over five book years; returns how many were made.

    `lean` leaves out board and history and gives one return each: for the largest benchmark only.
    Raises RefusesRealData where the register holds a real cooperative.
    """
    if Cooperative.objects.filter(is_demo=False).exists():
        raise RefusesRealData
    maker = _Maker(random.Random(seed), lean)
    start = Cooperative.objects.count()
    for done in range(0, count, CHUNK):
        maker.chunk(range(start + done, start + min(done + CHUNK, count)))
        progress(min(done + CHUNK, count))
    tell_planner([Cooperative, *parts()])
    DataVersion.objects.get_or_create(key="demo")
    DataVersion.bump("demo", "cooperatives")
    return count


@transaction.atomic
def remove():
    """Take out every invented cooperative with all that hangs on it, history included; returns how many there were."""
    demo = Cooperative.objects.filter(is_demo=True)
    ids = demo.values("pk")
    for model in parts():
        if (history := history_of(model)) is not None:
            history.filter(cooperative_id__in=ids).delete()
        model._base_manager.filter(cooperative__in=ids)._raw_delete(using=demo.db)
    DistinctPair.objects.filter(lower__in=ids).delete()
    DistinctPair.objects.filter(higher__in=ids).delete()
    Cooperative.history.filter(id__in=ids).delete()
    # bare update: the rows are removed in the next line, their history is gone already.
    demo.update(same_as=None)
    count = demo.count()
    demo._raw_delete(using=demo.db)
    DataVersion.objects.filter(key="demo").delete()
    DataVersion.bump("cooperatives")
    return count


class _Maker:
    """Draws the cooperatives; holds the vocabularies so that no row costs a query."""

    def __init__(self, draw, lean):
        self.draw, self.lean = draw, lean
        self.rules = rules_on(today())
        last = last_ended_book_year(self.rules.on)
        self.years = [last] if lean else list(range(last - YEARS + 1, last + 1))
        regencies = {regency.slug: regency for regency in Regency.objects.on(self.rules.on)}
        self.regencies = [regencies[slug] for slug in REGENCY_WEIGHTS if slug in regencies]
        self.regency_weights = [REGENCY_WEIGHTS[regency.slug] for regency in self.regencies]
        groups = list(Group.objects.all())
        named = [group for group in groups if group.name in GROUP_WEIGHTS]
        others = [group for group in groups if group.name not in GROUP_WEIGHTS]
        self.groups = named + others
        self.group_weights = [GROUP_WEIGHTS[group.name] for group in named] + [
            OTHER_GROUPS_WEIGHT / max(1, len(others)) for _group in others
        ]
        self.forms = list(Form.objects.all())
        # Nearly all are primary ones of one regency; a few belong to the province, hardly any to the Ministry.
        shares = {Form.Level.REGENCY: 0.95, Form.Level.PROVINCE: 0.045, Form.Level.MINISTRY: 0.005}
        self.form_weights = [shares[Form.Level(form.responsible_level)] for form in self.forms]
        self.kinds, self.sectors = list(Kind.objects.all()), list(Sector.objects.all())

    def chunk(self, numbers):
        plans = [self.plan(number) for number in numbers]
        cooperatives = Cooperative.objects.bulk_create([plan["cooperative"] for plan in plans], batch_size=500)
        periods, returns, board, names = [], [], [], []
        for cooperative, plan in zip(cooperatives, plans, strict=True):
            for rows, key in ((periods, "periods"), (returns, "returns"), (board, "board"), (names, "names")):
                for row in plan[key]:
                    row.cooperative = cooperative
                    rows.append(row)
        StatusPeriod.objects.bulk_create(periods, batch_size=1000)
        AnnualReturn.objects.bulk_create(returns, batch_size=1000)
        BoardMember.objects.bulk_create(board, batch_size=1000)
        FormerName.objects.bulk_create(names, batch_size=1000)
        if not self.lean:
            Cooperative.history.bulk_history_create(
                cooperatives, batch_size=500, default_change_reason="Data contoh", default_date=timezone.now()
            )

    def plan(self, number):
        draw, rules = self.draw, self.rules
        regency = draw.choices(self.regencies, self.regency_weights)[0] if self.regencies else None
        group = draw.choices(self.groups, self.group_weights)[0] if self.groups else None
        form = draw.choices(self.forms, self.form_weights)[0] if self.forms else None
        founded_on = date(1975, 1, 1) + timedelta(
            days=int(draw.betavariate(3, 1.4) * (rules.on - date(1975, 1, 1)).days)
        )
        prefix = PREFIXES.get(group.name if group else "", "Koperasi")
        title = f"{draw.choice(FIRST)} {draw.choice(SECOND)}"
        alive = draw.random() < 0.46
        ended = not alive and draw.random() < 0.08
        sparse = draw.random() < 0.08  # a record that nobody ever completed
        cooperative = Cooperative(
            name=f"{prefix} Contoh {title} {number + 1}",
            nomor_induk_koperasi=f"9999{number:09d}" if alive and not sparse else None,
            certificate_on=founded_on + timedelta(days=400)
            if alive and founded_on.year < 2022 and not sparse
            else None,
            legal_number="" if sparse else f"{number + 1}/BH/CONTOH/{founded_on.year}",
            legal_on=None if sparse else founded_on,
            form=None if sparse else form,
            kind=draw.choice(self.kinds) if self.kinds and not sparse else None,
            group=None if sparse and draw.random() < 0.5 else group,
            sector=draw.choice(self.sectors) if self.sectors and not sparse else None,
            regency=None if sparse and draw.random() < 0.02 else regency,
            district="" if sparse else f"Kecamatan Contoh {draw.randint(1, 18)}",
            village="" if sparse else f"Desa Contoh {draw.randint(1, 140)}",
            address="" if sparse else f"Jalan Contoh No. {draw.randint(1, 200)}",
            founded_on=founded_on,
            is_merah_putih=founded_on >= date(2025, 4, 1),
            management=draw.choice(["conventional", "conventional", "conventional", "sharia", ""]),
            loop=draw.choice(["closed", "open", ""]) if prefix == "KSP" else "",
            is_demo=True,
        )
        periods = self.periods(founded_on, alive, ended)
        returns = self.returns(founded_on, alive, ended, sparse)
        names = (
            [FormerName(name=f"{prefix} Contoh {draw.choice(FIRST)} Lama {number + 1}")] if draw.random() < 0.04 else []
        )
        fresh = derive(
            cooperative,
            names=[row.name for row in names],
            period=(periods[-1].status, periods[-1].since),
            returns=[(row.book_year, row.rat_held, row.members) for row in returns],
            rules=rules,
        )
        for field, value in fresh.items():
            setattr(cooperative, field, value)
        return {
            "cooperative": cooperative,
            "periods": periods,
            "returns": returns,
            "names": names,
            "board": [] if self.lean or sparse else self.board(founded_on),
        }

    def periods(self, founded_on, alive, ended):
        periods = [StatusPeriod(status=Status.ACTIVE, since=founded_on, basis="Pengesahan badan hukum (data contoh)")]
        if not alive and (turned := self.day_between(founded_on, 0.6)):
            periods.append(StatusPeriod(status=Status.INACTIVE, since=turned, basis="Tanpa RAT (data contoh)"))
            if ended and (closed := self.day_between(turned, 0.3)):
                periods.append(StatusPeriod(status=Status.DISSOLVED, since=closed, basis="Pembubaran (data contoh)"))
        for before, after in pairwise(periods):
            before.until = after.since
        return periods

    def day_between(self, start, share):
        days = (self.rules.on - start).days
        return start + timedelta(days=1 + int(days * self.draw.uniform(share, 0.99))) if days > 30 else None

    def returns(self, founded_on, alive, ended, sparse):
        draw = self.draw
        if ended or sparse:
            return []
        members = max(20, int(draw.lognormvariate(4.0, 0.75)))
        found = []
        for year in self.years:
            if year < founded_on.year or draw.random() < (0.1 if alive else 0.6):
                continue
            held = (draw.random() < 0.85) if alive else (draw.random() < 0.12)
            members = max(9, int(members * draw.uniform(0.95, 1.08)))
            men = int(members * draw.uniform(0.35, 0.75))
            split = draw.random() < 0.8  # the total alone is common
            assets = int(draw.lognormvariate(20, 1.1))
            turnover = int(assets * draw.uniform(0.2, 1.6))
            money = draw.random() < 0.85
            found.append(
                AnnualReturn(
                    book_year=year,
                    rat_held=held,
                    rat_on=max(date(year + 1, 1, 5) + timedelta(days=draw.randint(0, 175)), founded_on)
                    if held
                    else None,
                    attendance=int(members * draw.uniform(0.4, 0.9)) if held else None,
                    audited=(draw.random() < 0.25) if held else None,
                    members=members,
                    members_men=men if split else None,
                    members_women=members - men if split else None,
                    managers_men=draw.randint(0, 2) if split else None,
                    managers_women=draw.randint(0, 1) if split else None,
                    employees_men=draw.randint(0, 9) if split else None,
                    employees_women=draw.randint(0, 7) if split else None,
                    own_capital=int(assets * 0.45) if money else None,
                    outside_capital=int(assets * 0.2) if money else None,
                    assets=assets if money else None,
                    turnover=turnover if money else None,
                    shu=int(turnover * draw.uniform(-0.04, 0.12)) if money else None,
                    source="Data contoh",
                )
            )
        return found

    def board(self, founded_on):
        term = max(founded_on.year, self.rules.on.year - self.draw.randint(0, 4))
        positions = (BoardMember.Position.CHAIR, BoardMember.Position.SECRETARY, BoardMember.Position.TREASURER)
        return [
            BoardMember(
                name=f"Nama Contoh {self.draw.choice(SURNAMES)} {self.draw.choice(SURNAMES)}",
                position=position,
                term_from=term,
                term_until=term + 5,
            )
            for position in positions
        ]


def is_in():
    """Whether invented data is in the database."""
    return DataVersion.demo_is_in()
