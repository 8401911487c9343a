"""Returns on their own page: with the money, which has no place in the row on the cooperative's."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from common.admin import OfficeInline, VersionedAdmin
from common.fields import RupiahField
from common.numbers import format_number
from cooperatives.admin.lists import BookYearFilter
from cooperatives.forms import AnnualReturnForm, ReturnRowForm
from cooperatives.models import AnnualReturn, Cooperative
from cooperatives.summary import publish


@admin.register(AnnualReturn)
class AnnualReturnAdmin(VersionedAdmin):
    """A return changes its cooperative's page, so saving it takes the next version of both."""

    form = AnnualReturnForm
    fieldsets = [
        (None, {"fields": [("cooperative", "book_year"), "source"]}),
        (_("RAT and audit"), {"fields": [("rat_held", "rat_on", "attendance"), "audited"]}),
        (
            _("Members and staff"),
            {
                "fields": [
                    ("members_men", "members_women", "members"),
                    "members_note",
                    ("managers_men", "managers_women"),
                    ("employees_men", "employees_women"),
                ]
            },
        ),
        (
            _("Money, whole rupiah"),
            {"fields": [("own_capital", "outside_capital"), ("assets", "turnover"), "shu"]},
        ),
    ]
    autocomplete_fields = ["cooperative"]
    list_display = ["cooperative", "book_year", "rat_held", "rat_on", "audited", "members_shown", "assets_shown"]
    list_filter = [BookYearFilter, "rat_held", "audited"]
    list_select_related = ["cooperative"]
    search_fields = ["cooperative__name"]
    search_help_text = _("Name, former name, number or village of the cooperative")
    ordering = ["-pk"]
    sortable_by = ["book_year"]

    @admin.display(description=_("members"), ordering="members")
    def members_shown(self, entry):
        return None if entry.members is None else format_number(entry.members)

    @admin.display(description=_("assets (Rp)"), ordering="assets")
    def assets_shown(self, entry):
        return None if entry.assets is None else format_number(entry.assets)

    def get_queryset(self, request):
        visible = Cooperative.objects.visible_to(request.user)
        rows = super().get_queryset(request).filter(cooperative__voided_at=None)
        return rows.filter(cooperative__in=visible) if request.user.regency_id else rows

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        found = Cooperative.objects.in_register().matching(search_term).order_by().values("pk")
        return queryset.filter(cooperative__in=found), False

    def get_readonly_fields(self, request, obj=None):
        """A return stays with its cooperative; only a merger of records moves it."""
        return ["cooperative"] if obj is not None else []

    def has_change_permission(self, request, obj=None):
        may = super().has_change_permission(request, obj)
        if not may or obj is None or not request.user.regency_id:
            return may
        return Cooperative.objects.editable_by(request.user).filter(pk=obj.cooperative_id).exists()

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "cooperative":
            kwargs["queryset"] = Cooperative.objects.editable_by(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "shu":
            return db_field.formfield(form_class=RupiahField, signed=True)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_object(self, request, object_id, from_field=None):
        """Locks the cooperative before its return, in the order of every other path."""
        if request.method == "POST":
            owner = self.model._base_manager.filter(pk=self._pk(object_id)).values("cooperative")
            list(Cooperative._base_manager.select_for_update(no_key=True).filter(pk__in=owner).values_list("pk"))
        return super().get_object(request, object_id, from_field)

    def _pk(self, text):
        return text if str(text).isdecimal() and len(str(text)) < 19 else None

    def save_model(self, request, obj, form, change):
        owner = Cooperative._base_manager.select_for_update(no_key=True).get(pk=obj.cooperative_id)
        super().save_model(request, obj, form, change)
        if getattr(form, "was_written", False):
            owner.claim(owner.version)

    def published(self, request, record, *, change):
        publish([record.cooperative_id])


class ReturnInline(OfficeInline):
    """The RAT and the members of each book year; the money stands on the return's own page."""

    model = AnnualReturn
    form = ReturnRowForm
    can_delete = False
    classes = []
    show_change_link = True
    ordering = ["-book_year"]
    verbose_name = _("annual return")
    verbose_name_plural = _("annual returns: RAT and members")
