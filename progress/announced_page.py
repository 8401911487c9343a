"""/kemajuan/diumumkan/: announced against derived, a day at a time."""

from django import forms
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from common.columns import Column, Kind
from common.exports import refused, stream_rows
from common.fields import DateField
from common.pages import public_page
from figures.headline import FOUNDING_DAY
from progress.announced import Announced, days
from progress.sheet import KEYS

COLUMNS = (
    Column("as_of", _("As of"), Kind.DATE),
    Column("indicator", _("indicator"), Kind.TEXT),
    Column("territory", _("territory"), Kind.TEXT),
    Column("group", _("group"), Kind.TEXT),
    Column("announced", _("announced"), Kind.COUNT),
    Column("source", _("source"), Kind.TEXT),
    Column("is_official", _("the office's figure"), Kind.FLAG),
    Column("reported", _("from approved reports"), Kind.COUNT),
    Column("register", _("from the register"), Kind.COUNT),
    Column("difference", _("difference"), Kind.COUNT),
    Column("note", _("note"), Kind.TEXT),
    Column("remark", _("remark"), Kind.TEXT),
    Column("is_demo", _("demo data"), Kind.FLAG),
)


CHECK = (
    Column("as_of", _("As of"), Kind.DATE),
    Column("what", _("what"), Kind.TEXT),
    Column("territory", _("territory"), Kind.TEXT),
    Column("values", _("values"), Kind.TEXT),
    Column("difference", _("difference"), Kind.COUNT),
)


def check_rows(found):
    for check in found.checks:
        values = "; ".join(f"{one.group} {one.value}".strip() for one in check.figures)
        yield found.on, check.words, check.figures[0].territory.key, values, check.difference


class DayForm(forms.Form):
    per = DateField(label=_("As of"), required=False)


def rows(found):
    for line in found.lines:
        figure = line.figure
        yield (
            figure.as_of,
            figure.indicator.code,
            figure.territory.key,
            figure.group,
            figure.value,
            f"{figure.source.publisher}: {figure.source.title}",
            figure.is_official,
            line.reported and line.reported.value,
            line.derived and line.derived.value,
            line.difference,
            figure.note,
            line.remark,
            figure.is_demo,
        )


@public_page(*KEYS)
def announced(request):
    form = DayForm(request.GET if "per" in request.GET else None)
    if "format" in request.GET and form.errors:
        return refused(form)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found = Announced(asked.get("per") or FOUNDING_DAY)
    if "format" in request.GET and request.GET.get("isi") == "periksa":
        return stream_rows(request, name=f"periksa-{found.on}", columns=CHECK, rows=check_rows(found), keys=KEYS)
    if "format" in request.GET:
        return stream_rows(request, name=f"diumumkan-{found.on}", columns=COLUMNS, rows=rows(found), keys=KEYS)
    return render(request, "progress/announced.html", {"form": form, "found": found, "days": days()})
