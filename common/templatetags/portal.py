"""How numbers, dates, shares, statuses and gaps are written on every page. Loaded everywhere as built-ins."""

import hashlib
from decimal import Decimal

from django import template
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils.html import format_html, strip_tags
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import charts, dates, numbers
from common.numbers import NBSP

register = template.Library()

KINDS = {"ok", "way", "bad", "nil"}


def none(words=""):
    """The words that stand where a value is missing. Missing is never zero and never an empty place."""
    return format_html('<span class="none">{}</span>', words or _("no data yet"))


def is_missing(value):
    return value is None or value == ""


def together(text):
    """Held on one line by no-break spaces."""
    return text.replace(" ", NBSP)


# Values -------------------------------------------------------------------------------------------


@register.filter
def number(value, digits=None):
    """`6.111`; a decimal with its digits: `{{ area|number:3 }}`."""
    if is_missing(value):
        return none()
    if digits is None and isinstance(value, int):
        return numbers.format_number(value)
    return numbers.format_decimal(value, 1 if digits is None else digits)


@register.filter
def money(value):
    """`Rp 1.234.567`."""
    return none() if is_missing(value) else numbers.format_money(value)


@register.filter
def short_money(value):
    """`187,5 juta rupiah` for a headline; the full amount stands below it."""
    if is_missing(value):
        return none()
    for scale, words in (
        (10**12, _("trillion rupiah")),
        (10**9, _("billion rupiah")),
        (10**6, _("million rupiah")),
    ):
        if abs(value) >= scale:
            return format_html("{} <span>{}</span>", numbers.format_decimal(Decimal(value) / scale), words)
    return numbers.format_money(value)


@register.filter
def percent(part, whole):
    """`{{ active|percent:total }}` gives `50,5 %`."""
    return numbers.format_percent(part, whole) or none()


@register.filter
def longdate(value, precision="day"):
    """`31 Desember 2012`, `Februari 2011` or `2023`, as exactly as the date is known."""
    return none() if is_missing(value) else together(dates.format_date(value, precision or "day"))


@register.filter
def moment(value):
    """`24 November 2025 pukul 09.12 WITA`."""
    return none() if is_missing(value) else together(dates.format_moment(value))


@register.filter
def missing(value, words=""):
    """The value as it is, or the words for its absence: `{{ licence|missing:_("not recorded") }}`. Zero is a value."""
    return none(words) if is_missing(value) else value


@register.filter
def yes_no(value):
    """Yes, no, or no data yet."""
    if is_missing(value):
        return none()
    return _("Yes") if value else _("No")


# Components ---------------------------------------------------------------------------------------


@register.simple_tag
def badge(kind, label):
    """A status as shape and word. Kinds: ok (good, done), way (on the way), bad (late, missing), nil (nothing yet) or
    empty (no longer running)."""
    if is_missing(label):
        kind, label = "nil", _("no data yet")
    return format_html('<span class="badge{}">{}</span>', f" {kind}" if kind in KINDS else "", label)


@register.inclusion_tag("includes/stat.html")
def stat(label, value, unit="", meta="", source_label="", source_url="", url=""):
    """A number as it stands everywhere: value large, unit small, below it what it covers, its date and its source.

    `value` is a number, or text that is written already (`{% stat _("Assets") total|short_money %}`); `url` leads
    to what it counts.
    """
    shown = value if isinstance(value, str) and value != "" else number(value)
    return {
        "label": label,
        "value": shown,
        "unit": "" if is_missing(value) else unit,
        "meta": meta,
        "source_label": source_label,
        "source_url": source_url,
        "url": url,
    }


@register.inclusion_tag("includes/share.html", takes_context=True)
def share(context, title, part, whole, target=None, things="", note="", source_label="", source_url=""):
    """A share with its bar, its target, "n of N" in words and the gap to the target."""
    value = numbers.share(part, whole, target=target)
    gap = None
    if value is not None and target is not None and value < Decimal(str(target)):
        gap = numbers.format_decimal(Decimal(str(target)) - value)
    return {
        "title": title,
        "percent": numbers.format_percent(part, whole, target=target),
        "part": part,
        "whole": whole,
        "things": things,
        "gap": gap,
        "is_reached": value is not None and target is not None and gap is None,
        "bar": share_bar(context, part, whole, target, title),
        "note": note,
        "source_label": source_label,
        "source_url": source_url,
    }


@register.simple_tag(takes_context=True)
def share_bar(context, part, whole, target=None, title=""):
    """A share of a whole with its target in per cent, as SVG."""
    return charts.share_bar(part, whole, target, key=_key(context, "b", part, whole, target, title), title=title)


@register.simple_tag(takes_context=True)
def bar_chart(context, points, unit="", title=""):
    """Bars: points are `(label, value or None)`."""
    points = list(points or ())
    return charts.bar_chart(points, unit, key=_key(context, "c", points, unit, title), title=title)


@register.simple_tag(takes_context=True)
def line_chart(context, points, target=None, title="", unit="", marks=()):
    """A line: points are `(label, value or None)`, or `(label, value or None, position)` to keep true distances."""
    points, marks = list(points or ()), list(marks or ())
    key = _key(context, "l", points, target, title, unit, marks)
    return charts.line_chart(points, target, key=key, title=title, unit=unit, marks=marks)


def _key(context, letter, *what):
    """An id that is unique on its page: counted where the request is known, else made of what is drawn."""
    request = getattr(context, "request", None) or context.get("request")
    if request is None:
        return letter + hashlib.sha256(repr(what).encode()).hexdigest()[:8]
    request.chart_count = getattr(request, "chart_count", 0) + 1
    return f"{letter}{request.chart_count}"


# The frame of a page ------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def menu_item(context, url_name, label, exact=False):
    """One entry of the menu. Nothing while its address does not exist yet; marked when the page lies beneath it."""
    try:
        url = reverse(url_name)
    except NoReverseMatch:
        return ""
    path = getattr(context.get("request"), "path", "")
    if path == url:
        return format_html('<li><a href="{}" aria-current="page">{}</a></li>', url, label)
    if not exact and path.startswith(url):
        return format_html('<li><a href="{}" aria-current="true">{}</a></li>', url, label)
    return format_html('<li><a href="{}">{}</a></li>', url, label)


@register.simple_tag
def crumb(label, url=""):
    """One step of the trail; without an address it is the page itself."""
    if not url:
        return format_html('<li aria-current="page">{}</li>', label)
    return format_html('<li><a href="{}">{}</a></li>', url, label)


@register.simple_tag(takes_context=True)
def other_language_url(context):
    """The address of this page in the other language; empty where there is no such page."""
    request = context.get("request")
    if request is None:
        return ""
    here = request.get_full_path()
    there = translate_url(here, "id" if (get_language() or "id").startswith("en") else "en")
    return "" if there == here else there


@register.filter
def elided(page):
    """The numbers of pages to offer: the first, the last, those around the present one, and … between."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


# Forms --------------------------------------------------------------------------------------------


@register.simple_tag
def control(field):
    """The field's own control, with the look of the portal. Hints and errors are tied to it by their ids."""
    kind = getattr(field.field.widget, "input_type", "")
    if kind in {"checkbox", "radio", "hidden", "file"}:
        return field.as_widget()
    css = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"in {css}".strip()})


@register.filter
def named(field, name):
    """The field's own control under a name that is only heard, where the head of a column says it to the eye."""
    written = field.as_widget(attrs={"aria-label": capfirst(name)})
    # As Django writes a field whose first value has to come back with it.
    return written + field.as_hidden(only_initial=True) if field.field.show_hidden_initial else written


@register.filter
def is_single_tick(field):
    """Whether the field is one box to tick, whose label stands behind it."""
    widget = field.field.widget
    return getattr(widget, "input_type", "") == "checkbox" and not hasattr(widget, "optgroups")


@register.filter
def is_choice_list(field):
    """Whether the field is a list of boxes or buttons, which needs a legend."""
    return bool(field.use_fieldset) and hasattr(field.field.widget, "optgroups")


@register.filter
def message_kind(level_tag):
    """A message's colour by its level."""
    return {"success": "ok", "warning": "way", "error": "bad"}.get(level_tag, "")


@register.simple_block_tag
def where_filled(content):
    """What stands between, if there is any text in it: a heading that a page did not fill is left out."""
    return content if strip_tags(content).strip() else ""
