"""The tables of aid that the office keeps: kinds, deadlines, programmes, recipients. Packages have their own pages."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistance.models import SUBJECT, AidKind, DeadlineRule, Package, Programme, Recipient
from common.admin import VersionedAdmin, VersionedForm
from common.models import DataVersion
from common.numbers import format_money
from common.text import fold


class AidAdmin(VersionedAdmin):
    """What public pages show of these tables changes with them; packages are found by the new words."""

    # The key by which packages point here.
    of_packages = ""

    def published(self, request, record, *, change):
        if change and self.of_packages:
            Package.objects.filter(**{self.of_packages: record}).refresh_search()
        DataVersion.bump(SUBJECT)

    def save_model(self, request, obj, form, change):
        if not change and hasattr(obj, "is_demo"):
            obj.is_demo = DataVersion.demo_is_in()
        super().save_model(request, obj, form, change)


class AidKindForm(VersionedForm):
    """A kind and its spellings; no spelling may mean two kinds, and a kind in use keeps whether it has units."""

    def clean(self):
        super().clean()
        data = self.cleaned_data
        mine = {
            fold(one) for one in [data.get("name") or "", *(data.get("synonyms") or "").splitlines()] if one.strip()
        }
        for other in AidKind.objects.exclude(pk=self.instance.pk):
            if shared := mine & other.spellings():
                text = gettext("“%(spelling)s” already means “%(name)s”. Take it out here or there.")
                error = ValidationError(text, params={"spelling": min(shared), "name": other.name})
                self.add_error("synonyms", error)
        before = AidKind.objects.filter(pk=self.instance.pk).first()
        if before and before.has_units != data.get("has_units") and before.packages.exists():
            self.add_error("has_units", gettext("Packages of this kind are on record. Make another kind instead."))
        return data


@admin.register(AidKind)
class AidKindAdmin(AidAdmin):
    form = AidKindForm
    of_packages = "kind"
    fields = [
        ("name", "code"),
        ("nature", "unit_word", "position"),
        "synonyms",
        ("has_units", "has_frame_number", "has_engine_number", "has_plate_number"),
        ("has_land_status", "has_procurement", "has_grant_agreement", "has_integrity_pact", "has_use_report"),
        "visit_months",
    ]
    list_display = ["name", "nature", "has_units", "has_procurement", "has_use_report", "visit_months", "position"]
    list_filter = ["nature"]
    search_fields = ["name", "code", "synonyms"]
    ordering = ["position", "name"]


@admin.register(DeadlineRule)
class DeadlineRuleAdmin(AidAdmin):
    """A new rule is a new row: what was due by an old one keeps its day."""

    fields = ["valid_from", ("day", "month"), "finding_days", "basis"]
    list_display = ["valid_from", "use_report_day", "finding_days", "basis"]
    search_fields = ["basis"]
    ordering = ["-valid_from"]

    @admin.display(description=_("use report due on"))
    def use_report_day(self, rule):
        return f"{rule.day}/{rule.month}"


class ProgrammeForm(VersionedForm):
    """A programme whose packages are budgeted keeps its year: deadlines were counted from it."""

    def clean_fiscal_year(self):
        year = self.cleaned_data["fiscal_year"]
        before = Programme.objects.filter(pk=self.instance.pk).first()
        if before and before.fiscal_year != year and before.packages.exists():
            raise ValidationError(gettext("Packages of this programme are on record: its fiscal year stays."))
        return year

    def clean_ceiling(self):
        ceiling = self.cleaned_data["ceiling"]
        before = Programme.objects.filter(pk=self.instance.pk).first()
        if before and ceiling is not None and ceiling < before.committed:
            text = gettext("The packages of the programme take up more than this ceiling.")
            raise ValidationError(f"{text} ({format_money(before.committed)})")
        return ceiling


@admin.register(Programme)
class ProgrammeAdmin(AidAdmin):
    form = ProgrammeForm
    of_packages = "programme"
    fields = ["name", ("fiscal_year", "funding"), ("budget_line", "dpa_number"), "ceiling", "is_historical", "note"]
    list_display = ["name", "fiscal_year", "funding", "shown_ceiling", "shown_committed"]
    list_filter = ["funding", "fiscal_year"]
    search_fields = ["name", "dpa_number", "budget_line"]
    ordering = ["-fiscal_year", "name"]

    @admin.display(description=_("ceiling"), ordering="ceiling")
    def shown_ceiling(self, programme):
        return None if programme.ceiling is None else format_money(programme.ceiling)

    @admin.display(description=_("committed"), ordering="committed")
    def shown_committed(self, programme):
        return format_money(programme.committed)


class RecipientForm(VersionedForm):
    """A recipient; a cooperative lends its own name and regency."""

    def clean(self):
        super().clean()
        data = self.cleaned_data
        before = Recipient.objects.filter(pk=self.instance.pk).first()
        if before and before.packages.exists() and {"kind", "cooperative"} & set(self.changed_data):
            self.add_error("kind", gettext("Aid to this recipient is on record. Enter another recipient instead."))
        cooperative = data.get("cooperative")
        if cooperative and data.get("regency") and cooperative.regency_id != data["regency"].pk:
            self.add_error("regency", gettext("“%(name)s” has its seat in another regency.") % {"name": cooperative})
        return data


@admin.register(Recipient)
class RecipientAdmin(AidAdmin):
    form = RecipientForm
    of_packages = "recipient"
    fields = [
        ("kind", "regency"),
        "cooperative",
        ("name", "group_name"),
        "address",
        ("contact", "phone"),
        ("nik_ktp", "bank_account"),
        "note",
    ]
    autocomplete_fields = ["cooperative"]
    list_display = ["name", "kind", "group_name", "regency"]
    list_select_related = ["regency"]
    list_filter = ["kind", "regency"]
    search_fields = ["name", "group_name"]
    ordering = ["name_key", "pk"]

    def save_model(self, request, obj, form, change):
        obj.make_keys()
        super().save_model(request, obj, form, change)
