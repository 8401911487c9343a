"""Forms of the workspace: what is typed about aid. The verbs of `procedure` and `corrections` say what may be done."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistance.models import AidKind, AmountRow, Document, Package, Programme, Recipient, RecipientKind, Unit
from assistance.procedure import Said
from assistance.stages import COMPARED, WAY, Paper, Stage
from common.acts import ActForm, EntryForm, capitalise_labels
from common.dates import today
from common.fields import CountField, DateField, LinesField, RupiahField, TextField, YearField, formfield_for
from common.models import DataVersion
from common.numbers import write_number
from cooperatives.models import Cooperative
from files.receiving import FileRefused, receive
from files.upload import ATTACHMENTS, MIB, is_too_large
from regions.models import Regency

MOST_OFFERED = 50


class DocumentForm(ActForm):
    """One document: one that is on file, or a new one with number, date and file. Its kind is given."""

    field_order = ["document", "number", "dated_on", "file"]

    document = forms.ModelChoiceField(Document.objects.none(), required=False, label=_("Document on file"))
    number = TextField(required=False, max_length=120, label=_("Number of a new document"))
    dated_on = DateField(required=False, label=_("Its date"))
    file = forms.FileField(
        required=False, label=_("Its file"), help_text=_("PDF, JPG, PNG or XLSX, at most 10 MB. It stays private.")
    )

    def __init__(self, *args, paper, request, **options):
        super().__init__(*args, **options)
        self.paper, self.request = paper, request
        offered = Document.objects.visible_to(request.user).filter(paper=paper).order_by("-pk")
        keys = list(offered.values_list("pk", flat=True)[:MOST_OFFERED])
        self.fields["document"].queryset = Document.objects.filter(pk__in=keys).order_by("-pk")
        self.fields["document"].label_from_instance = _named
        self.fields["document"].label = gettext("%(paper)s on file") % {"paper": Paper(paper).label}
        self.fields["document"].empty_label = gettext("a new one, given below")

    def clean(self):
        data = super().clean()
        if is_too_large(self.request):
            text = gettext("The file is larger than %(most)s MB and was not kept. %(remedy)s")
            self.add_error("file", text % {"most": ATTACHMENTS.file // MIB, "remedy": ATTACHMENTS.remedy})
        elif not data.get("document") and not self._on_file(data):
            for name in ("number", "dated_on", "file"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, gettext("Needed for a new document; or choose one that is on file."))
            if data.get("dated_on") and data["dated_on"] > today():
                self.add_error("dated_on", gettext("The date lies in the future."))
        return data

    def _on_file(self, data):
        """The document of this kind, number and date that is on file already: then no file is needed."""
        if not data.get("number") or not data.get("dated_on"):
            return None
        same = Document.objects.visible_to(self.request.user).filter(
            paper=self.paper, number=data["number"], dated_on=data["dated_on"]
        )
        return same.exclude(file=None).order_by("pk").first()

    def keep(self):
        """The chosen document, one of the same kind, number and date, or the new one as it is now on file.

        None with an error where the file was refused. Whatever the act says afterwards, the file need not be uploaded
        again: the form comes back with it chosen.
        """
        if found := self.cleaned_data["document"] or self._on_file(self.cleaned_data):
            return found
        try:
            guarded = receive(self.cleaned_data["file"], by=self.request.user)
        except FileRefused as refused:
            self.add_error("file", refused.as_validation_error())
            return None
        made = Document.objects.create(
            paper=self.paper,
            number=self.cleaned_data["number"],
            dated_on=self.cleaned_data["dated_on"],
            file=guarded,
            by=self.request.user,
            is_demo=DataVersion.demo_is_in(),
        )
        self.fields["document"].queryset |= Document.objects.filter(pk=made.pk)
        self.data = self.data.copy()
        self.data[self.add_prefix("document")] = str(made.pk)
        for name in ("number", "dated_on"):
            self.data[self.add_prefix(name)] = ""
        return made


def _named(document):
    day = document.dated_on
    return f"{document.number}, {day:%d/%m/%Y}" if day else document.number


class SaidPart(forms.Form):
    """What SK, NPHD or BAST says otherwise than the package, and the explanation."""

    said_quantity = CountField(
        required=False, label=_("Quantity by the document"), help_text=_("Only where it is another one.")
    )
    said_kind = forms.ModelChoiceField(
        AidKind.objects.all(),
        required=False,
        label=_("Kind by the document"),
        help_text=_("Only where it is another one."),
        empty_label=_("the same"),
    )
    said_recipient = TextField(
        required=False,
        max_length=200,
        label=_("Recipient by the document"),
        help_text=_("Only where it is another one."),
    )
    difference = TextField(required=False, max_length=300, label=_("Explanation of the difference"))

    @property
    def said(self):
        data = self.cleaned_data
        return Said(data["said_kind"], data["said_quantity"], data["said_recipient"], data["difference"])


class StepForm(SaidPart, DocumentForm):
    """One step of one package or of many; what a single one does not need is left out."""

    field_order = ["document", "number", "dated_on", "file", "reason", "earlier_reason"]

    reason = LinesField(required=False, label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))
    earlier_reason = LinesField(
        required=False, label=_("Why aid is given again"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, stage, is_one, asks_reason, has_earlier, **options):
        super().__init__(*args, **options)
        if not (is_one and self.paper in COMPARED):
            for name in SaidPart.base_fields:
                del self.fields[name]
        if not has_earlier:
            del self.fields["earlier_reason"]
        self.fields["reason"].required = asks_reason
        self.stage = stage
        self.renewed = {}

    def renew(self, record):
        """Its packages bear their versions beside it: `renewed` are those that changed, `{pk: version}`."""
        self.renewed[record.pk] = record.version

    @property
    def said(self):
        return super().said if "difference" in self.fields else None


class AttachForm(SaidPart, DocumentForm):
    """A document that goes with a package besides those of its steps."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if self.paper not in COMPARED:
            for name in SaidPart.base_fields:
                del self.fields[name]

    @property
    def said(self):
        return super().said if "difference" in self.fields else None


class PaperForm(forms.Form):
    """Which kind of document is attached."""

    jenis = forms.ChoiceField(choices=Paper.choices)


# Beginning ------------------------------------------------------------------------------------------


class RecipientForm(forms.ModelForm):
    """A recipient that is no cooperative of the register."""

    class Meta:
        model = Recipient
        formfield_callback = formfield_for
        fields = ["kind", "name", "group_name", "address", "contact", "phone", "nik_ktp", "bank_account"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["kind"].choices = [c for c in RecipientKind.choices if c[0] != RecipientKind.COOPERATIVE]
        capitalise_labels(self)


class _PackageForm(forms.ModelForm):
    def __init__(self, *args, regency=None, **options):
        super().__init__(*args, **options)
        capitalise_labels(self)
        if "regency" in self.fields:
            self.fields["regency"].queryset = Regency.objects.on(today()).defer("boundary").order_by("name")
            if regency is not None:
                # An officer's own, whatever the form says.
                del self.fields["regency"]


class _EnteringForm(_PackageForm, EntryForm):
    @property
    def entered(self):
        """The package that the first sending of this very form entered, or None."""
        self.instance.entry_key = self.cleaned_data.get("key")
        return self.entered_of(Package)


class ProposalForm(_EnteringForm):
    """A new package: what is asked for. Who receives it was chosen before."""

    planned_amount = RupiahField(
        required=False, label=_("Planned value (Rp)"), help_text=_("Empty: quantity times unit price.")
    )
    earlier_reason = LinesField(
        required=False, label=_("Why aid is given again"), widget=forms.Textarea(attrs={"rows": 3})
    )

    class Meta:
        model = Package
        formfield_callback = formfield_for
        fields = ["programme", "kind", "regency", "place", "transfer", "land_status", "quantity", "unit_price"]

    def __init__(self, *args, has_earlier=False, **options):
        super().__init__(*args, **options)
        self.fields["programme"].queryset = Programme.objects.filter(is_historical=False)
        for name in ("programme", "quantity", "transfer"):
            self.fields[name].required = True
        if not has_earlier:
            del self.fields["earlier_reason"]

    @property
    def planned(self):
        """The planned value: as typed, else quantity times unit price; None where neither is known."""
        data = self.cleaned_data
        if data["planned_amount"] is not None:
            return data["planned_amount"]
        return None if data["unit_price"] is None else data["quantity"] * data["unit_price"]


class OldAidForm(_EnteringForm):
    """Old aid, as far as it is known."""

    stage = forms.ChoiceField(
        label=_("Stage that it had reached"),
        choices=[(stage, stage.label) for stage in WAY],
        initial=Stage.HANDED_OVER,
    )
    dated_on = DateField(required=False, label=_("Date of that stage, where known"))
    programme_name = TextField(required=False, max_length=200, label=_("Programme, where known"))
    fiscal_year = YearField(required=False, label=_("Fiscal year, where known"), min_value=1990)
    funding = forms.ChoiceField(
        required=False,
        label=_("Source of money, where known"),
        choices=[("", _("not known")), *Programme.Funding.choices],
    )
    contracted_amount = RupiahField(required=False, label=_("Contracted value (Rp), where known"))
    realised_amount = RupiahField(required=False, label=_("Realised value (Rp), where known"))
    basis = LinesField(label=_("Where this is known from"), widget=forms.Textarea(attrs={"rows": 3}))

    class Meta:
        model = Package
        formfield_callback = formfield_for
        fields = [
            "kind",
            "recipient_count",
            "regency",
            "place",
            "transfer",
            "quantity",
            "unit_price",
            "source",
            "remark",
        ]

    def clean(self):
        data = super().clean()
        contracted, realised = data.get("contracted_amount"), data.get("realised_amount")
        if contracted is not None and realised is not None and realised > contracted:
            self.add_error("realised_amount", gettext("The realised value is larger than the contract."))
        if data.get("dated_on") and data["dated_on"] > today():
            self.add_error("dated_on", gettext("The date lies in the future."))
        return data

    def programme(self):
        """The old programme of that name, year and money, made where there is none; None where none is known."""
        data = self.cleaned_data
        if not (data["programme_name"] or data["fiscal_year"] or data["funding"]):
            return None
        key = {
            "name": data["programme_name"] or gettext("Programme not named"),
            "fiscal_year": data["fiscal_year"],
            "funding": data["funding"],
        }
        found = Programme.objects.filter(**key, is_historical=True).first()
        return found or Programme.objects.create(**key, is_historical=True, is_demo=DataVersion.demo_is_in())


class CooperativeForm(forms.Form):
    """A cooperative of the register that receives aid; its recipient is made at its first aid."""

    koperasi = forms.ModelChoiceField(Cooperative.objects.none())

    def __init__(self, *args, user, **options):
        super().__init__(*args, **options)
        self.fields["koperasi"].queryset = Cooperative.objects.in_register().visible_to(user)


@transaction.atomic
def recipient_of(cooperative, *, by):
    """The recipient that a cooperative is, made where it is its first aid."""
    found = Recipient.objects.filter(cooperative=cooperative).order_by("pk").first()
    if found is None:
        found = Recipient(
            kind=Recipient.Kind.COOPERATIVE,
            cooperative=cooperative,
            name=cooperative.name,
            regency=cooperative.regency,
            is_demo=cooperative.is_demo or DataVersion.demo_is_in(),
        )
        found.make_keys()
        found._history_user = by
        found.save()
    elif (found.name, found.regency_id) != (cooperative.name, cooperative.regency_id):
        found.follow(cooperative, by=by)
    return found


# Correcting -----------------------------------------------------------------------------------------


class AmountForm(ActForm):
    """A value of the package; a correction says why."""

    what = forms.ChoiceField(label=_("Value"), choices=AmountRow.What.choices)
    amount = RupiahField(label=_("Amount (Rp)"))
    reason = TextField(required=False, max_length=300, label=_("Reason, for a correction"))


class QuantityForm(ActForm):
    quantity = CountField(label=_("Quantity"), min_value=1)
    reason = TextField(max_length=300, label=_("Reason"))


class FactsForm(ActForm, _PackageForm):
    """What the decree has not fixed of a package."""

    reason = TextField(required=False, max_length=100, label=_("Reason for this change"))

    class Meta:
        model = Package
        formfield_callback = formfield_for
        fields = [
            "kind",
            "regency",
            "programme",
            "quantity",
            "unit_price",
            "place",
            "transfer",
            "land_status",
            "supplier",
            "procurement_number",
            "remark",
            "note",
        ]

    def __init__(self, *args, record, allowed, **options):
        super().__init__(*args, instance=record, record=record, **options)
        for name in set(self.Meta.fields) - set(allowed):
            del self.fields[name]

    def _post_clean(self):
        """The verb writes, not the form: the record stays as it was read."""


class ReasonForm(ActForm):
    reason = TextField(max_length=100, label=_("Reason for this change"))


class TakeOutForm(ActForm):
    reason = TextField(max_length=300, label=_("Why it was a wrong entry"))


class FindingForm(DocumentForm):
    text = LinesField(label=_("Finding"), widget=forms.Textarea(attrs={"rows": 4}))


class SettleForm(forms.Form):
    settled_on = DateField(label=_("Settled on"))
    settlement = LinesField(label=_("How it was settled"), widget=forms.Textarea(attrs={"rows": 3}))


# Units ----------------------------------------------------------------------------------------------


class UnitsForm(ActForm):
    """What new units have in common; their own numbers stand in a table below."""

    MOST = 100

    maker = TextField(required=False, max_length=80, label=_("Maker"))
    type = TextField(required=False, max_length=80, label=_("Type"))
    year = YearField(required=False, label=_("Year made"), min_value=1950)
    price = RupiahField(required=False, label=_("Price of one (Rp)"))


class NumbersForm(forms.ModelForm):
    """The numbers of one unit."""

    class Meta:
        model = Unit
        formfield_callback = formfield_for
        fields = ["frame_number", "engine_number", "plate_number", "serial_number", "repeat_reason"]


class UnitForm(ActForm, forms.ModelForm):
    """One unit, corrected."""

    reason = TextField(required=False, max_length=100, label=_("Reason for this change"))

    class Meta:
        model = Unit
        formfield_callback = formfield_for
        fields = [
            "maker",
            "type",
            "year",
            "frame_number",
            "engine_number",
            "plate_number",
            "serial_number",
            "repeat_reason",
            "price",
            "place",
        ]

    def __init__(self, *args, record, **options):
        super().__init__(*args, instance=record, record=record, **options)
        self.fields["year"] = YearField(required=False, label=_("Year made"), min_value=1950)
        capitalise_labels(self)


class HandoverForm(SaidPart, DocumentForm):
    """What was handed over: these units, or so many."""

    field_order = ["units", "quantity", "handed_on", "received_by", "place", "document", "number", "dated_on", "file"]

    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label=_("Units"), widget=forms.CheckboxSelectMultiple, required=False
    )
    quantity = CountField(label=_("Quantity"), min_value=1, required=False)
    handed_on = DateField(label=_("Handed over on"))
    received_by = TextField(max_length=120, label=_("Received by"), help_text=_("It stays private."))
    place = TextField(required=False, max_length=200, label=_("Place of handover"), help_text=_("It stays private."))
    skip_reason = TextField(required=False, max_length=300, label=_("Why a stage was skipped"))

    def __init__(self, *args, record, asks_reason, **options):
        super().__init__(*args, record=record, **options)
        if record.kind.has_units:
            del self.fields["quantity"]
            self.fields["units"].queryset = record.units.filter(handover=None, is_delivered=False)
            self.fields["units"].required = True
        else:
            del self.fields["units"]
            self.fields["quantity"].required = True
            self.fields["quantity"].initial = write_number((record.quantity or 0) - record.handed_count)
        if not asks_reason:
            del self.fields["skip_reason"]


class RejectForm(forms.Form):
    reason = TextField(max_length=300, label=_("Why it is rejected"))
