"""The register's forms: well-formed input, every problem at once, each message with its remedy."""

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import VersionedForm
from common.fields import DateField, TextField, ThirteenDigitsField, YearField
from cooperatives import duplicates
from cooperatives.models import AnnualReturn, Cooperative, Status
from cooperatives.models.annual_return import contradictions
from cooperatives.problems import earliest_of, founding_problem, problems_of


def admin_link(record):
    """A link to the record's change page, opened beside the form so that nothing typed is lost."""
    url = reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
    return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', url, record)


class CoordinateField(forms.DecimalField):
    """Decimal degrees, with a point or a comma."""

    widget = forms.TextInput

    def to_python(self, value):
        if isinstance(value, str):
            value = value.strip().replace(",", ".") if value.count(",") == 1 and "." not in value else value.strip()
            if not value.isascii() or "_" in value or "e" in value.lower():
                raise ValidationError(_("Write decimal degrees, for example -0,502106."))
        return super().to_python(value)

    def widget_attrs(self, widget):
        return {"inputmode": "text", "autocomplete": "off"}


class CooperativeForm(VersionedForm):
    """A cooperative's record. On entry it asks for the first status; a likely double asks for a reason."""

    nomor_induk_koperasi = ThirteenDigitsField(
        required=False,
        label=_("Nomor Induk Koperasi"),
        help_text=_("13 digits of the Ministry. Not a citizen's NIK."),
    )
    nib = ThirteenDigitsField(required=False, empty_value="", label=_("NIB"))
    latitude = CoordinateField(
        required=False, max_digits=8, decimal_places=6, label=_("latitude"), help_text="-0,502106"
    )
    longitude = CoordinateField(
        required=False, max_digits=9, decimal_places=6, label=_("longitude"), help_text="117,153709"
    )
    first_status = forms.ChoiceField(
        label=_("first status"),
        choices=[(value, label) for value, label in Status.choices if value != Status.MERGED],
        initial=Status.ACTIVE,
    )
    first_since = DateField(
        label=_("since"),
        required=False,
        help_text=_("Empty: since before the records."),
    )
    first_basis = TextField(
        label=_("basis"),
        required=False,
        max_length=300,
        help_text=_("What the status rests on: a decree, a visit, the RAT minutes."),
    )
    distinct_reason = TextField(
        label=_("why this is another cooperative"),
        required=False,
        max_length=300,
    )

    class Meta:
        model = Cooperative
        fields = [
            "name",
            "nomor_induk_koperasi",
            "certificate_on",
            "certificate_valid_until",
            "legal_number",
            "legal_on",
            "iusp_number",
            "iusp_on",
            "nib",
            "loop",
            "form",
            "kind",
            "group",
            "sector",
            "regency",
            "district",
            "village",
            "postal_code",
            "address",
            "latitude",
            "longitude",
            "founded_on",
            "email",
            "phone",
            "other_phone",
            "website",
            "is_merah_putih",
            "management",
            "health",
            "health_on",
            "health_source",
            "note",
        ]

    # Set by the admin for each request.
    user = None
    candidates = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("first_status", "first_since", "first_basis"):
                self.fields.pop(name, None)
        self.shown_candidates = {int(pk) for pk in self._posted("distinct_from") if pk.isdecimal() and len(pk) < 19}

    def _posted(self, name):
        return self.data.getlist(name) if hasattr(self.data, "getlist") else []

    def clean(self):
        super().clean()
        data = self.cleaned_data
        self._check_facts(data)
        self._check_founding(data)
        self._check_number(data)
        self._check_doubles(data)
        return data

    def _check_facts(self, data):
        facts = {name: value for name, value in data.items() if name in self.fields}
        for name, message in problems_of(facts, user=self.user, unread=set(self.errors)).items():
            self.add_error(name if name in self.fields else None, message)

    def _check_founding(self, data):
        founded_on = data.get("founded_on")
        if self.instance.pk and founded_on and "founded_on" in self.changed_data and "founded_on" not in self.errors:
            earliest = earliest_of([self.instance.pk])[self.instance.pk]
            if problem := founding_problem(founded_on, earliest):
                self.add_error("founded_on", problem)

    def _check_number(self, data):
        number = data.get("nomor_induk_koperasi")
        if not number:
            return
        other = (
            Cooperative.objects.in_register().filter(nomor_induk_koperasi=number).exclude(pk=self.instance.pk).first()
        )
        if other is not None:
            self.add_error(
                "nomor_induk_koperasi",
                format_html(
                    gettext("This number belongs to {}. Check both certificates; merge the two if it is one."),
                    admin_link(other),
                ),
            )

    def _check_doubles(self, data):
        identity = {"name", "regency", "legal_number"}
        if "name" not in data or (self.instance.pk and not identity & set(self.changed_data)):
            return
        regency = data.get("regency") if "regency" in self.fields else self.instance.regency
        self.candidates = duplicates.candidates(
            name=data["name"],
            regency_id=regency.pk if regency else None,
            legal_number=data.get("legal_number") or "",
            pk=self.instance.pk,
        )
        unseen = {candidate.cooperative.pk for candidate in self.candidates} - self.shown_candidates
        if self.candidates and (unseen or not data.get("distinct_reason")):
            self.add_error("distinct_reason", _("Say how you know that this is another cooperative."))


def add_total(form):
    """Where the total of the members was left empty, it follows from men and women."""
    data = form.cleaned_data
    men, women = data.get("members_men"), data.get("members_women")
    if data.get("members") is None and "members" not in form.errors and None not in (men, women):
        data["members"] = men + women


def add_contradictions(form):
    """Put the contradictions of a return beside the fields of its form."""
    entry = AnnualReturn(**{name: form.cleaned_data.get(name) for name in CONTRADICTING})
    for name, message in contradictions(entry).items():
        form.add_error(name if name in form.fields else None, message)


CONTRADICTING = ("rat_held", "rat_on", "attendance", "members_men", "members_women", "members", "members_note")


class AnnualReturnForm(VersionedForm):
    """A return on its own page, with the money."""

    book_year = YearField(label=_("book year"))

    class Meta:
        model = AnnualReturn
        fields = [
            "cooperative",
            "book_year",
            "rat_held",
            "rat_on",
            "attendance",
            "audited",
            "members_men",
            "members_women",
            "members",
            "members_note",
            "managers_men",
            "managers_women",
            "employees_men",
            "employees_women",
            "own_capital",
            "outside_capital",
            "assets",
            "turnover",
            "shu",
            "source",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["book_year"].disabled = True

    def clean(self):
        super().clean()
        add_contradictions(self)
        cooperative, year = self.cleaned_data.get("cooperative"), self.cleaned_data.get("book_year")
        if self.instance.pk is None and cooperative and year:
            existing = AnnualReturn.objects.filter(cooperative=cooperative, book_year=year).first()
            if existing is not None:
                self.add_error(
                    "book_year",
                    format_html(
                        gettext("This cooperative already has a return for {}. Correct that one."), admin_link(existing)
                    ),
                )
        return self.cleaned_data


class ReturnRowForm(forms.ModelForm):
    """A return as a row of its cooperative's page."""

    book_year = YearField(label=_("book year"))

    class Meta:
        model = AnnualReturn
        fields = [
            "book_year",
            "rat_held",
            "rat_on",
            "attendance",
            "audited",
            "members_men",
            "members_women",
            "members",
            "members_note",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["book_year"].disabled = True

    def clean(self):
        super().clean()
        add_contradictions(self)
        return self.cleaned_data

    def _post_clean(self):
        # Each check constraint costs a query; a row that nobody touched was checked when it was saved.
        if not self.instance.pk or self.has_changed():
            super()._post_clean()


class ReasonForm(forms.Form):
    """A sentence that says why; it stands in the history."""

    reason = TextField(
        label=_("reason"),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("One sentence. It stays in the history of the record."),
    )


class StatusForm(forms.Form):
    """A status from a day on."""

    status = forms.ChoiceField(label=_("status"), choices=[("", "—"), *Status.choices])
    since = DateField(label=_("since"), help_text=_("The first day on which it holds. An earlier day is welcome."))
    basis = TextField(
        label=_("basis"),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("What the status rests on: a decree, a visit, the RAT minutes."),
    )
    successor = forms.ModelChoiceField(
        label=_("merged into"),
        queryset=Cooperative.objects.none(),
        required=False,
        help_text=_("Only for a legal merger: the cooperative that goes on."),
    )

    def __init__(self, *args, cooperative, **kwargs):
        super().__init__(*args, **kwargs)
        self.cooperative = cooperative
        self.fields["successor"].queryset = Cooperative.objects.standing().exclude(pk=cooperative.pk)

    def clean(self):
        data = super().clean()
        founded, since = self.cooperative.founding_date, data.get("since")
        if since and founded and since < founded:
            self.add_error("since", _("The day lies before the founding of the cooperative."))
        merged = data.get("status") == Status.MERGED
        if merged and not data.get("successor") and "successor" not in self.errors:
            self.add_error("successor", _("Name the cooperative that goes on."))
        if not merged and data.get("successor"):
            self.add_error("successor", _("Only a merger has a successor. Empty this field or choose that status."))
        return data


class ManyStatusForm(forms.Form):
    """One status for many cooperatives."""

    status = forms.ChoiceField(
        label=_("status"),
        choices=[("", "—"), *((value, label) for value, label in Status.choices if value != Status.MERGED)],
    )
    since = DateField(label=_("since"))
    basis = TextField(label=_("basis"), max_length=300, widget=forms.TextInput(attrs={"class": "vTextField"}))


class MergeForm(ReasonForm):
    """Confirms that two records are one cooperative."""

    keep_name = forms.BooleanField(
        label=_("keep the double's name as a former name"),
        required=False,
        help_text=_("Then the search finds the cooperative under both names."),
    )
