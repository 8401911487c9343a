"""The dated rules. A new rule is a new row: what an old page says keeps its old rule."""

from django.contrib import admin, messages
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import VersionedAdmin
from common.models import DataVersion
from cooperatives.models import Cooperative, CountingRule, InactivityRule
from cooperatives.summary import refresh_summary

# So many grades can be worked out while a person waits; the nightly refresh_register does the rest.
WORKED_OUT_AT_ONCE = 10_000


@admin.register(InactivityRule, CountingRule)
class RuleAdmin(VersionedAdmin):
    """Grades and the status by the rule follow from these rows, so a change of one works them out anew."""

    search_fields = ["basis"]
    ordering = ["-valid_from"]
    deletable = True

    def get_fields(self, request, obj=None):
        return ["valid_from", "years" if self.model is InactivityRule else ("day", "month"), "basis"]

    def get_list_display(self, request):
        return ["valid_from", "years" if self.model is InactivityRule else "first_day", "basis"]

    @admin.display(description=_("counts from"))
    def first_day(self, rule):
        return f"{rule.day}/{rule.month}"

    def published(self, request, record, *, change):
        self._work_out(request)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        self._work_out(request)

    def _work_out(self, request):
        ids = list(
            Cooperative.objects.select_for_update(no_key=True)
            .order_by("pk")
            .values_list("pk", flat=True)[: WORKED_OUT_AT_ONCE + 1]
        )
        if len(ids) > WORKED_OUT_AT_ONCE:
            text = gettext(
                "Grades and the status by the rule will be worked out tonight. To do it now: manage.py refresh_register"
            )
            self.message_user(request, text, messages.WARNING)
        else:
            changed = refresh_summary(ids)
            text = gettext("Grades and the status by the rule were worked out anew: %(count)s records changed.")
            self.message_user(request, text % {"count": changed}, messages.INFO)
        # The rule itself is public, whether or not a record changed by it.
        DataVersion.bump("cooperatives")
