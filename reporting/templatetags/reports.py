"""How the states of a report look: shape and word, everywhere the same."""

from django import template
from django.utils.translation import gettext as _

from common.templatetags.portal import badge
from reporting.models import Status

register = template.Library()

KINDS = {
    Status.DRAFT: "nil",
    Status.SUBMITTED: "way",
    Status.RETURNED: "bad",
    Status.APPROVED: "ok",
    Status.REOPENED: "way",
}


@register.simple_tag
def report_badge(report):
    """The state of a report; one that nobody has touched says so."""
    if report.status == Status.DRAFT and report.is_blank:
        return badge("nil", _("Not filled in yet"))
    return step_badge(report.status)


@register.simple_tag
def step_badge(status):
    return badge(KINDS[Status(status)], Status(status).label)
