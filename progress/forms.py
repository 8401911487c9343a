"""What may be asked of a scorecard: which day, by which rubric, in which order."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.dates import today
from common.fields import DateField

EARLIEST = 2007


class ScorecardForm(forms.Form):
    """A day, or a year for its last day; both may be left out for today."""

    per = DateField(label=_("As of"), required=False)
    tahun = forms.RegexField(
        r"^[0-9]{4}\Z",
        label=_("or at the end of"),
        required=False,
        error_messages={"invalid": _("A year has four digits, for example 2024.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 4}),
    )
    rubrik = forms.SlugField(label=_("Rubric"), required=False, max_length=60)

    def __init__(self, *args, rubrics=(), **options):
        super().__init__(*args, **options)
        self.fields["rubrik"].widget = forms.Select(
            choices=[("", _("by itself: the newest that has criteria")), *((one.key, one.name) for one in rubrics)]
        )

    def clean_per(self):
        return _past(self.cleaned_data["per"])

    def clean_tahun(self):
        if not (typed := self.cleaned_data["tahun"]):
            return None
        year = int(typed)
        if not EARLIEST <= year <= today().year:
            raise ValidationError(
                gettext("Years from %(first)s to %(last)s can be asked for.")
                % {"first": EARLIEST, "last": today().year}
            )
        return year

    @property
    def day(self):
        """The day that was asked for: the day itself, the last of the year, or today."""
        asked = self.cleaned_data if self.is_bound and self.is_valid() else {}
        if asked.get("per"):
            return asked["per"]
        if asked.get("tahun"):
            return min(date(asked["tahun"], 12, 31), today())
        return today()


def _past(day):
    if day and day > today():
        raise ValidationError(gettext("The day lies in the future; nothing is known about it yet."))
    if day and day.year < EARLIEST:
        raise ValidationError(gettext("Years from %(first)s on can be asked for.") % {"first": EARLIEST})
    return day


class SinceForm(forms.Form):
    sejak = DateField(label=_("since"), required=False)

    def clean_sejak(self):
        return _past(self.cleaned_data["sejak"])
