"""Invented meetings for trying the portal: one round over the regencies, moved by the real verbs of three people.

Most were held, one was postponed, some are still to come; of what was agreed some is done, some late, some dropped.
Every title says that it is invented.
"""

from datetime import time, timedelta
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts import demo as demo_accounts
from accounts.roles import Role
from common.dates import today
from common.models import DataVersion
from files.models import GuardedFile
from meetings import agreements, keeping, planning
from meetings.models import (
    SUBJECT,
    AgendaItem,
    Attendance,
    Evidence,
    FollowUp,
    FollowUpStep,
    Meeting,
    MeetingDocument,
    MeetingStep,
    Participation,
    Round,
)
from meetings.steps import Promise, Status
from regions.models import Regency

EXAMPLE = "(data contoh)"
NAME = f"Rapat Koordinasi Pemberdayaan Koperasi {EXAMPLE}"
HELD = 6
REASON = f"Untuk dicoba {EXAMPLE}"
AGENDA = ("Keadaan koperasi di kabupaten/kota", "Pelaksanaan RAT tahun buku berjalan", "Rencana pembinaan")
MINUTES = """# Pembukaan

Rapat dibuka oleh pimpinan rapat **(data contoh)**.

# Pembahasan

- Koperasi yang belum RAT didata ulang.
- Laporan triwulan dikirim tepat waktu.

1. Pendataan bersama
2. Pembinaan terjadwal
"""
# What was agreed, days until it is due after the meeting, and what became of it.
PROMISES = (
    ("Mendata ulang koperasi yang tidak aktif {}", 60, Promise.DONE),
    ("Mendampingi koperasi yang belum menyelenggarakan RAT {}", 90, Promise.OPEN),
    ("Mengirim laporan triwulan sebelum batas waktu {}", 45, Promise.REPORTED),
    ("Menyiapkan lokasi pelatihan pengurus {}", 30, Promise.DROPPED),
)


@transaction.atomic
def make():
    """Make them; returns how many meetings there are then. None where there are some already, or no regencies."""
    regencies = list(Regency.objects.on(today()).defer("boundary").order_by("slug"))
    if not regencies or Meeting.objects.filter(is_demo=True).exists():
        return 0
    staff, verifier = demo_accounts.person(Role.PROVINCE_STAFF), demo_accounts.person(Role.VERIFIER)
    year = today().year
    one: Any = Round(name=NAME, year=year, slug=f"{slugify(NAME)[:50]}-{year}", note="Contoh putaran.", is_demo=True)
    one._history_user = staff
    one.save()
    for number, regency in enumerate(regencies):
        _meeting(number, one, regency, staff, verifier)
    return len(regencies)


def _meeting(number, one, regency, staff, verifier):
    is_held = number < HELD
    day = today() - timedelta(days=230 - 34 * number) if is_held else today() + timedelta(days=12 * (number - HELD + 1))
    meeting = Meeting(
        title=NAME,
        round=one,
        host=regency,
        place=f"Aula kantor dinas {EXAMPLE}",
        starts_on=day,
        start_time=time(9, 0),
        end_time=time(15, 0),
        chair=f"Kepala Dinas {EXAMPLE}",
        invitation_number=f"005/CONTOH/{number + 1}/{day.year}",
        is_demo=True,
    )
    planning.plan(meeting, [], by=staff)
    keeping.set_agenda(meeting, [], list(AGENDA), by=staff)
    if number == HELD:
        later = {"starts_on": day + timedelta(days=20), "start_time": time(9, 0), "end_time": time(15, 0)}
        planning.move(meeting, Status.POSTPONED, by=staff, reason=REASON, days={**later, "ends_on": None})
    if not is_held:
        return
    planning.move(meeting, Status.HELD, by=staff)
    summary = f"Rapat membahas keaktifan koperasi dan pelaporan {EXAMPLE}."
    keeping.set_minutes(meeting, minutes=MINUTES, summary=summary, by=staff)
    rows = [Attendance(institution=f"Dinas Koperasi {regency.name} {EXAMPLE}", count=12, names="Contoh Peserta Satu")]
    keeping.set_attendance(meeting, rows, [], by=staff)
    for text, days, becomes in PROMISES[: 2 + number % 3]:
        promise = FollowUp(
            meeting=meeting,
            text=text.format(EXAMPLE),
            regency=regency,
            due_on=day + timedelta(days=days),
            is_public=True,
            is_demo=True,
        )
        agreements.agree(promise, by=staff)
        _bring(promise, becomes, demo_accounts.person(Role.OFFICER, regency), verifier)


def _bring(promise, becomes, officer, verifier):
    """What became of it: reported by the regency's officer, confirmed or dropped by the office."""
    if becomes in (Promise.DONE, Promise.REPORTED):
        done_on = min(promise.due_on + timedelta(days=4), today())
        evidence = [Evidence(path="/statistik/pelaporan/")]
        agreements.move(promise, Promise.REPORTED, by=officer, note=REASON, done_on=done_on, evidence=evidence)
    if becomes == Promise.DONE:
        agreements.move(promise, Promise.DONE, by=verifier)
    if becomes == Promise.DROPPED:
        agreements.move(promise, Promise.DROPPED, by=verifier, note=REASON)


@transaction.atomic
def remove():
    """Take all of it out again, history and files included; returns how many meetings went.

    Whoever calls it has seen that nothing real refers to it. What hangs on an invented meeting goes with it.
    """
    meetings = list(Meeting.objects.filter(is_demo=True).values_list("pk", flat=True))
    promises = list(FollowUp.objects.filter(meeting__in=meetings).values_list("pk", flat=True))
    evidence = Evidence.objects.filter(follow_up__in=promises)
    documents = MeetingDocument.objects.filter(meeting__in=meetings)
    files = set(evidence.exclude(file=None).values_list("file", flat=True)) | set(
        documents.values_list("file", flat=True)
    )
    histories = [
        model.history.filter(meeting_id__in=meetings)
        for model in (AgendaItem, Attendance, MeetingDocument, Participation)
    ]
    for rows in (
        evidence,
        FollowUpStep.objects.filter(follow_up__in=promises),
        FollowUp.history.filter(id__in=promises),
        FollowUp.objects.filter(pk__in=promises),
        documents,
        Attendance.objects.filter(meeting__in=meetings),
        AgendaItem.objects.filter(meeting__in=meetings),
        MeetingStep.objects.filter(meeting__in=meetings),
        Participation.objects.filter(meeting__in=meetings),
        *histories,
        Meeting.history.filter(id__in=meetings),
        Meeting.objects.filter(pk__in=meetings),
        Round.history.filter(is_demo=True),
        Round.objects.filter(is_demo=True),
    ):
        rows._raw_delete(using=rows.db)
    for file in GuardedFile.objects.filter(pk__in=files):
        file.erase()
    DataVersion.bump(SUBJECT)
    return len(meetings)
