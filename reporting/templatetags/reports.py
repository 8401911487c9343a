"""How the states of a report look: shape and word, everywhere the same."""

from django import template
from django.utils.translation import gettext as _

from common.templatetags.portal import badge
from reporting.comparison import KIND
from reporting.models import Status

register = template.Library()


@register.simple_tag
def report_badge(report):
    """The state of a report; one that nobody has touched says so."""
    if report.status == Status.DRAFT and report.is_blank:
        return badge("nil", _("Not filled in yet"))
    return badge(KIND[report.status], report.get_status_display())
