"""/statistik/rekap/: the Ministry's columns, one row for each office, on any date."""

from django import forms
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.columns import Column, Kind
from common.dates import today
from common.exports import refused, stream_rows
from common.fields import DateField
from common.pages import public_page
from cooperatives.recap import LOCATED, NOT_FILLED_IN, SUMS, UNDER, recap

KEYS = ("cooperatives", "regions")

COUNTS = (
    ("total", _("Cooperatives")),
    ("active", _("Active")),
    ("inactive", _("Inactive")),
    ("rat_held", _("RAT held")),
)
PEOPLE = (
    ("members_men", _("Members, men")),
    ("members_women", _("Members, women")),
    ("members", _("Members")),
    ("managers", _("Managers")),
    ("employees", _("Employees")),
)
MONEY = (
    ("own_capital", _("Own capital")),
    ("outside_capital", _("Outside capital")),
    ("assets", _("Assets")),
    ("turnover", _("Turnover")),
    ("shu", _("SHU")),
)
COLUMNS = (
    Column("per", _("As of"), Kind.DATE),
    Column("office_key", _("Office, key"), Kind.TEXT),
    Column("kemendagri_code", _("Kemendagri code"), Kind.TEXT),
    Column("bps_code", _("BPS code"), Kind.TEXT),
    Column("office", _("Office"), Kind.TEXT),
    *(Column(name, label, Kind.COUNT) for name, label in COUNTS),
    Column("audited", _("Audited"), Kind.COUNT),
    Column("counting_year", _("Book year of RAT and audit"), Kind.COUNT),
    Column("returns", _("Cooperatives with a return"), Kind.COUNT),
    *(Column(name, label, Kind.COUNT) for name, label in (*PEOPLE, *MONEY)),
)


class RecapForm(forms.Form):
    """Which day, and whether by responsible office or by seat."""

    per = DateField(label=_("As of"), required=False)
    menurut = forms.ChoiceField(
        label=_("Cooperatives counted by"),
        required=False,
        choices=[(UNDER, _("responsible office")), (LOCATED, _("seat"))],
    )

    def clean_per(self):
        day = self.cleaned_data["per"]
        if day and day > today():
            raise forms.ValidationError(
                gettext("The day lies in the future; the register knows only what has been recorded until today.")
            )
        return day


@public_page(*KEYS)
def recap_page(request):
    form = RecapForm(request.GET if request.GET.keys() & {"per", "menurut"} else None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    if form.errors and "format" in request.GET:
        return refused(form)
    on, by = asked.get("per") or today(), asked.get("menurut") or UNDER
    found = recap(on, by=by)
    if "format" in request.GET:
        return stream_rows(request, name=f"rekap-{on}", columns=COLUMNS, rows=_rows(found), keys=KEYS)
    context = {
        "form": form,
        "recap": found,
        "counted_by": dict(form.fields["menurut"].choices)[by],
        "is_today": on == today(),
        "lines": [_line(row, found) for row in found.rows],
        "total": _line(found.total, found),
        "people": PEOPLE,
        "money": MONEY,
    }
    return render(request, "portal/recap.html", context)


def _line(row, found):
    """A row with the addresses of the records behind its counts."""
    listed = {}
    if row.key != "total" and not (row.key == NOT_FILLED_IN and found.by == UNDER):
        param = "kantor" if found.by == UNDER else "wilayah"
        base = f"{reverse('cooperative_list')}?{param}={row.key}&per={found.on}"
        listed = {
            "total": f"{base}&status=active&status=inactive&status=frozen",
            "active": f"{base}&status=active",
            "inactive": f"{base}&status=inactive&status=frozen",
            "rat_held": f"{base}&status=active&status=inactive&status=frozen&rat={found.counting_year}",
        }
    return {
        "row": row,
        # A regency without any record is not a regency without cooperatives.
        "is_empty": not row.total and not row.ended,
        "counts": [(getattr(row, name), listed.get(name)) for name, _label in COUNTS],
        "people": [row.sums[name] for name, _label in PEOPLE],
        "money": [row.sums[name] for name, _label in MONEY],
    }


def _rows(found):
    for row in (*found.rows, found.total):
        regency, empty = row.regency, not row.total and not row.ended
        yield (
            found.on,
            row.key,
            regency.kemendagri_code if regency else None,
            regency.bps_code if regency else None,
            regency.full_name if regency else row.name,
            *(None if empty else getattr(row, name) for name, _label in COUNTS),
            None if empty else row.audited,
            found.counting_year,
            None if empty else row.returns,
            *(row.sums[name] for name in SUMS),
        )
