"""The cooperative's list and page in the admin."""

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.http import Http404, QueryDict
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import OfficeInline, VersionedAdmin
from common.dates import today
from common.fields import YearField
from common.models import DataVersion
from common.numbers import format_number
from common.templatetags.portal import badge
from cooperatives.admin import acts, many, queue
from cooperatives.admin.annual_return import ReturnInline
from cooperatives.admin.lists import LackingFilter, RecordFilter
from cooperatives.chips import BADGES
from cooperatives.duplicates import say_distinct
from cooperatives.exports import export
from cooperatives.forms import CooperativeForm
from cooperatives.models import BoardMember, Cooperative, DeedAmendment, FormerName, Status, StatusPeriod, rules_on
from cooperatives.models.board import FIRST_YEAR, LAST_YEAR
from cooperatives.summary import publish


class BoardInline(OfficeInline):
    model = BoardMember
    fields = ["name", "position", "term_from", "term_until", "phone", "email"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name in ("term_from", "term_until"):
            return db_field.formfield(form_class=YearField, min_value=FIRST_YEAR, max_value=LAST_YEAR)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class FormerNameInline(OfficeInline):
    model = FormerName
    fields = ["name", "until"]


class DeedAmendmentInline(OfficeInline):
    model = DeedAmendment
    fields = ["number", "amended_on", "note"]


@admin.register(Cooperative)
class CooperativeAdmin(VersionedAdmin):
    """The register. Entered with a first status, corrected by anyone who may, never deleted."""

    form = CooperativeForm
    change_form_template = "admin/cooperatives/cooperative/change_form.html"
    change_list_template = "admin/cooperatives/cooperative/change_list.html"
    inlines = [ReturnInline, BoardInline, FormerNameInline, DeedAmendmentInline]
    story_models = (StatusPeriod,)
    # The status periods tell the status; the summary writes these two columns without a history of its own.
    story_leaves_out = ("status", "status_since")
    autocomplete_fields = ["form", "kind", "group", "sector", "regency"]

    list_display = [
        "name_and_marks",
        "number",
        "regency",
        "status_shown",
        "grade",
        "members_shown",
        "latest_return_year",
        "flags",
    ]
    list_display_links = ["name_and_marks"]
    list_filter = [RecordFilter, LackingFilter, "status", "regency", "grade", "group", "form", "is_merah_putih"]
    list_select_related = ["regency"]
    search_fields = ["search"]
    search_help_text = _("Name, former name, number, village or district. Any case; “KSP” and “Koperasi” are ignored.")
    ordering = ["name_key", "pk"]
    sortable_by = ["name_and_marks", "members_shown", "latest_return_year"]
    actions = ["record_status"]

    FIRST_STATUS = (_("First status"), {"fields": [("first_status", "first_since"), "first_basis"]})
    FACTS = [
        (
            None,
            {
                "fields": [
                    "name",
                    ("regency", "district", "village"),
                    ("form", "kind"),
                    ("group", "sector"),
                    "founded_on",
                ]
            },
        ),
        (
            _("Numbers"),
            {
                "fields": [
                    ("nomor_induk_koperasi", "certificate_on", "certificate_valid_until"),
                    ("legal_number", "legal_on"),
                    ("nib",),
                    ("iusp_number", "iusp_on"),
                ]
            },
        ),
        (
            _("How it works"),
            {"fields": [("management", "loop"), "is_merah_putih", ("health", "health_on", "health_source")]},
        ),
        (
            _("Address and contact"),
            {
                "fields": [
                    ("address", "postal_code"),
                    ("latitude", "longitude"),
                    ("email", "phone", "other_phone"),
                    "website",
                ],
                "description": _("E-mail and phones are for the office only; coordinates are published rounded."),
            },
        ),
        (_("Internal note"), {"fields": ["note"], "classes": ["collapse"]}),
    ]

    # -- Which rows, and who may ---------------------------------------------------------------------

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)

    def get_search_results(self, request, queryset, search_term):
        """The same search as the public list; in an autocomplete only what is in the register."""
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            queryset = queryset.in_register()
        return queryset.matching(search_term), False

    def has_change_permission(self, request, obj=None):
        """A void record is read only; an officer changes what is under the own office."""
        may = super().has_change_permission(request, obj)
        if not may or obj is None:
            return may
        if obj.is_voided:
            return False
        return not request.user.regency_id or Cooperative.objects.editable_by(request.user).filter(pk=obj.pk).exists()

    def has_set_status_permission(self, request):
        return request.user.has_perm("cooperatives.set_status")

    # -- List ----------------------------------------------------------------------------------------

    def get_changelist_instance(self, request):
        """What the flags need is read once for the page."""
        request.counting_year = rules_on(today()).counting_year
        changelist = super().get_changelist_instance(request)
        for cooperative in changelist.result_list:
            cooperative.counting_year = request.counting_year
        return changelist

    @admin.display(description=_("name"), ordering="name_key")
    def name_and_marks(self, cooperative):
        marks = []
        if cooperative.is_voided:
            marks.append(gettext("merged") if cooperative.same_as_id else gettext("voided"))
        if cooperative.is_demo:
            marks.append(gettext("demo data"))
        if cooperative.is_merah_putih:
            marks.append(gettext("Merah Putih"))
        if not marks:
            return cooperative.name
        return format_html(
            "{} {}",
            cooperative.name,
            format_html_join(" ", '<small class="mark">{}</small>', ((mark,) for mark in marks)),
        )

    @admin.display(description=_("NIK"))
    def number(self, cooperative):
        return cooperative.nomor_induk_koperasi

    @admin.display(description=_("status"), ordering="status")
    def status_shown(self, cooperative):
        if not cooperative.status:
            return None
        return badge(BADGES.get(cooperative.status, ""), cooperative.get_status_display())

    @admin.display(description=_("members"), ordering="latest_members")
    def members_shown(self, cooperative):
        return None if cooperative.latest_members is None else format_number(cooperative.latest_members)

    @admin.display(description=_("to do"))
    def flags(self, cooperative):
        """What a clerk would do next, in a few words."""
        if cooperative.is_voided or cooperative.has_ended:
            return ""
        found = []
        if (
            cooperative.status in (Status.ACTIVE, Status.INACTIVE)
            and cooperative.rule_status
            and cooperative.rule_status != cooperative.status
        ):
            found.append(gettext("rule says: %(status)s") % {"status": cooperative.get_rule_status_display().lower()})
        if (cooperative.latest_return_year or 0) < cooperative.counting_year:
            found.append(gettext("no return %(year)s") % {"year": cooperative.counting_year})
        if not cooperative.nomor_induk_koperasi:
            found.append(gettext("no NIK"))
        if not cooperative.legal_number:
            found.append(gettext("no legal number"))
        return ", ".join(found)

    # -- Page ----------------------------------------------------------------------------------------

    def get_fieldsets(self, request, obj=None):
        return [self.FIRST_STATUS, *self.FACTS] if obj is None else self.FACTS

    def get_readonly_fields(self, request, obj=None):
        return ["regency"] if obj is not None and request.user.regency_id else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def get_changeform_initial_data(self, request):
        return super().get_changeform_initial_data(request) | (
            {"regency": request.user.regency_id} if request.user.regency_id else {}
        )

    def view_on_site(self, obj):
        """The public page, where there is one."""
        return None if obj.is_voided else obj.get_absolute_url()

    def render_change_form(self, request, context, **kwargs):
        """The status with its periods, what the person may do, and whether invented data is in."""
        record = kwargs.get("obj")
        context["is_demo"] = DataVersion.demo_is_in()
        if record is not None:
            context |= acts.status_of(record) | {"acts": acts.open_to(request, record)}
        return super().render_change_form(request, context, **kwargs)

    # -- Writing -------------------------------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        if not change:
            obj.is_demo = DataVersion.demo_is_in()
        super().save_model(request, obj, form, change)

    def published(self, request, record, *, change):
        """The end of every save. A new record gets its first status here, which publishes it with its rows."""
        data = request.register_form.cleaned_data
        if candidates := request.register_form.candidates:
            for found in candidates:
                say_distinct([record.pk, found.cooperative.pk], reason=data["distinct_reason"], by=request.user)
        if change:
            publish([record.pk])
        else:
            record.record_status(
                data["first_status"], since=data["first_since"], basis=data["first_basis"], by=request.user
            )

    def save_form(self, request, form, change):
        request.register_form = form
        return super().save_form(request, form, change)

    # -- More pages ----------------------------------------------------------------------------------

    def get_urls(self):
        def page(route, view, name):
            return path(
                route,
                self.admin_site.admin_view(lambda request, **ids: view(self, request, **ids)),
                name=f"cooperatives_cooperative_{name}",
            )

        return [
            page("mutu/", queue.quality_queue, "quality"),
            page("mutu/ganda/", queue.doubles, "doubles"),
            page("ekspor/", CooperativeAdmin.export_view, "export"),
            page("<int:pk>/status/", acts.status, "status"),
            page("<int:pk>/status/<int:period>/tarik/", acts.withdraw, "withdraw_status"),
            page("<int:pk>/batalkan/", acts.void, "void"),
            page("<int:pk>/pulihkan/", acts.restore, "restore"),
            page("<int:pk>/gabung/", acts.merge, "merge"),
            *super().get_urls(),
        ]

    def export_view(self, request):
        """Exactly the rows of the list's filter, in the public columns; what is no filter leads back to the list."""
        if not self.has_view_permission(request):
            raise Http404
        asked = request.GET.copy()
        form = QueryDict(mutable=True)
        for name in ("format", "pemisah"):
            form[name] = asked.pop(name, ["csv" if name == "format" else ""])[-1]
        asked.pop(PAGE_VAR, None)
        request.GET = asked
        try:
            rows = self.get_changelist_instance(request).get_queryset(request).select_related(None)
        except IncorrectLookupParameters:
            return redirect(f"{reverse('admin:cooperatives_cooperative_changelist')}?{ERROR_FLAG}=1")
        request.GET = form
        response = export(request, rows)
        response["Cache-Control"] = "private, no-store"
        return response

    def changelist_view(self, request, extra_context=None):
        query = request.GET.copy()
        query.pop(PAGE_VAR, None)
        return super().changelist_view(
            request, {"export_query": query.urlencode(), "is_demo": DataVersion.demo_is_in(), **(extra_context or {})}
        )

    @admin.action(description=_("Record a status for the chosen cooperatives"), permissions=["set_status"])
    def record_status(self, request, queryset):
        return many.record_status(self, request, queryset)
