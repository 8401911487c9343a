"""Charts drawn on the server: SVG with a title, a description and the values as text, ready for the strict policy.

A chart is an image of numbers that also stand in a table beside it. A missing value is a gap with words, never zero.
Points are `(label, value)` or `(label, value, position)`; with positions (a decimal year, say) a line keeps true
distances. Values are whole or decimal numbers, or None.
"""

from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.numbers import NBSP, format_decimal, format_number, format_percent, share

WIDTH, HEIGHT = 340, 150
# Room above the highest value for its own text, and below the axis for the labels.
TOP, BOTTOM = 22, 128
LABEL_Y = 146
# Two texts of 13 px side by side need this distance.
ROOM = 54
EMPTY = mark_safe("")


def plain(value):
    """The number as text: whole numbers grouped, decimals with one digit."""
    return format_number(value) if isinstance(value, int) else format_decimal(value)


def compact(value):
    """A short text for a chart: `412`, `1.204`, `655 jt`. The full value stands in the table."""
    size = abs(value)
    for limit, scale, word in (
        (10**12, 10**12, pgettext("short unit", "tn")),
        (10**9, 10**9, pgettext("short unit", "bn")),
        (10**6, 10**6, pgettext("short unit", "m")),
        (10**5, 10**3, pgettext("short unit", "k")),
    ):
        if size >= limit:
            scaled = Decimal(value) / scale
            digits = 0 if abs(scaled) >= 10 else 1
            return f"{format_decimal(scaled, digits)}{NBSP}{word}"
    return plain(value)


def with_unit(value, unit):
    if value is None:
        return _("no data yet")
    return f"{plain(value)}{NBSP}{unit}" if unit else plain(value)


def _svg(css, key, title, desc, body, viewbox=""):
    frame = format_html(' viewBox="{}"', viewbox) if viewbox else EMPTY
    return format_html(
        '<svg class="{css}"{frame} role="img" aria-labelledby="{key}t {key}d">'
        '<title id="{key}t">{title}</title><desc id="{key}d">{desc}</desc>{body}</svg>',
        css=css,
        frame=frame,
        key=key,
        title=title,
        desc=desc,
        body=body,
    )


# Share with a target ------------------------------------------------------------------------------


def share_bar(part, whole, target=None, *, key, title=""):
    """A share as a bar, gold below its target and green at or above it; empty and dashed where there is no data."""
    value = share(part, whole, target=target)
    percent = format_percent(part, whole, target=target)
    aim = _("target %(target)s") % {"target": _percent(target)} if target is not None else ""
    reading = percent or _("no data yet")
    heading = ", ".join(filter(None, [f"{title} {reading}".strip(), aim]))
    if value is None:
        desc = _("There is no data yet; this is not zero.")
        body = mark_safe('<rect class="gap" x="0.2%" y="6" width="99.6%" height="16"/>')
    else:
        desc = _("%(part)s of %(whole)s") % {"part": plain(part), "whole": plain(whole)}
        width = min(max(value, Decimal(0)), Decimal(100))
        reached = target is None or value >= Decimal(str(target))
        body = format_html(
            '<rect class="track" x="0" y="6" width="100%" height="16"/>'
            '<rect class="{}" x="0" y="6" width="{}%" height="16"/>',
            "ok-f" if reached else "way-f",
            width,
        )
    if aim:
        at = min(max(Decimal(str(target)), Decimal(0)), Decimal(100))
        # Near an edge the words would leave the page; they turn inwards.
        anchor = "start" if at < 15 else "end" if at > 85 else "middle"
        body += format_html(
            '<line class="halo" x1="{0}%" x2="{0}%" y1="0" y2="28"/>'
            '<line class="target" x1="{0}%" x2="{0}%" y1="0" y2="28"/>'
            '<text class="target-t" x="{0}%" y="41" text-anchor="{1}">{2}</text>',
            at,
            anchor,
            aim,
        )
    return _svg("bar" if aim else "bar short", key, heading, desc, body)


def _percent(value):
    return format_percent(Decimal(str(value)), 100, 0 if Decimal(str(value)) == int(value) else 1)


# Bars and lines -----------------------------------------------------------------------------------


def _spoken(points, unit):
    return "; ".join(f"{label}: {with_unit(value, unit)}" for label, value, *_position in points) + "."


def _shown(places):
    """Which points carry their texts, by their places: the last, the first, and of the others those with room."""
    shown = []
    for index in [len(places) - 1, *range(len(places) - 1)]:
        if all(abs(places[index] - places[other]) >= ROOM for other in shown):
            shown.append(index)
    return set(shown)


def _round(number):
    return f"{float(number):.1f}".removesuffix(".0")


def _scale(values):
    """A function from value to y, with zero always on the chart."""
    low, high = min([*values, 0]), max([*values, 0])
    span = float(high - low) or 1.0
    # A text under a negative bar needs room as well.
    bottom = BOTTOM - (16 if low < 0 else 0)
    return lambda value: bottom - (float(value) - float(low)) / span * (bottom - TOP)


def bar_chart(points, unit="", *, key, title=""):
    """Bars over a few labels, a year each as a rule. Losses hang below the axis in brick."""
    points = list(points)
    heading = title or _("Chart")
    if not points:
        return EMPTY
    y = _scale([point[1] for point in points if point[1] is not None])
    zero, slot = y(0), WIDTH / len(points)
    width = min(slot * 0.72, 60)
    middles = [slot * (index + 0.5) for index in range(len(points))]
    shown = _shown(middles)
    parts = []
    for index, (label, value, *_position) in enumerate(points):
        middle = middles[index]
        if value is None:
            box, word, word_y = ("gap", zero - 24, 24), pgettext("in a chart", "none yet"), zero - 30
        elif value < 0:
            box, word, word_y = ("bad-f", zero, y(value) - zero), compact(value), y(value) + 14
        else:
            box, word, word_y = ("ok-f", y(value), zero - y(value)), compact(value), y(value) - 6
        css, top, height = box
        # Zero is a value: a line of its own, so that it is not taken for a gap.
        height = max(height, 1.5) if value == 0 else height  # type: ignore[assignment]
        parts.append(
            format_html(
                '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
                css,
                _round(middle - width / 2),
                _round(top),
                _round(width),
                _round(height),
            )
        )
        if index in shown:
            parts.append(_text(middle, word_y, word))
            parts.append(_text(middle, LABEL_Y, label))
    parts.append(format_html('<line class="axis" x1="0" x2="{0}" y1="{1}" y2="{1}"/>', WIDTH, _round(zero)))
    return _svg("chart", key, heading, _spoken(points, unit), _joined(parts), f"0 0 {WIDTH} {HEIGHT}")


def line_chart(points, target=None, *, key, title="", unit="", marks=()):
    """A trend with its target. The line breaks at a missing value; `marks` are further points off the line, such as
    another source's value for the same day."""
    points = [tuple(point) for point in points]
    if not points:
        return EMPTY
    marks = [mark for mark in marks if mark[1] is not None]
    y = _scale([value for _label, value, *_p in [*points, *marks] if value is not None] + [target or 0])
    x = _across(points, marks)
    parts = [format_html('<line class="axis" x1="0" x2="{0}" y1="{1}" y2="{1}"/>', WIDTH, _round(y(0)))]
    parts += [
        format_html('<polyline class="trend" points="{}"/>', " ".join(f"{a},{b}" for a, b in run))
        for run in _runs(points, x, y)
        if len(run) > 1
    ]
    places = [x(index, point) for index, point in enumerate(points)]
    shown = _shown(places)
    for index, (label, value, *_position) in enumerate(points):
        at = places[index]
        anchor = "start" if at < 24 else "end" if at > WIDTH - 24 else "middle"
        if value is None:
            parts.append(
                format_html('<line class="gap" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>', _round(at), TOP, _round(y(0)))
            )
            word, word_y = pgettext("in a chart", "none yet"), TOP - 6
        else:
            parts.append(format_html('<circle class="ok-f" cx="{}" cy="{}" r="4"/>', _round(at), _round(y(value))))
            word, word_y = compact(value), y(value) - 10
        if index in shown:
            parts.append(_text(at, word_y, word, anchor))
            parts.append(_text(at, LABEL_Y, label, anchor))
    parts += [
        format_html('<circle class="other" cx="{}" cy="{}" r="4"/>', _round(x(None, mark)), _round(y(mark[1])))
        for mark in marks
        if len(mark) > 2
    ]
    desc = _spoken(points, unit)
    if target is not None:
        words = _("target %(target)s") % {"target": with_unit(target, unit)}
        at = y(target)
        parts.insert(1, format_html('<line class="target" x1="0" x2="{0}" y1="{1}" y2="{1}"/>', WIDTH, _round(at)))
        parts.append(_text(0, at - 6, words, "start", "target-t"))
        desc += f" {words[0].upper()}{words[1:]}."
    if marks:
        desc += " " + _("Also published: %(values)s") % {"values": _spoken(marks, unit)}
    return _svg("chart", key, title or _("Chart"), desc, _joined(parts), f"0 0 {WIDTH} {HEIGHT}")


def _across(points, marks):
    """A function from (index, point) to x: by position where every point has one, else evenly."""
    margin = 22
    positions = [point[2] for point in [*points, *marks] if len(point) > 2 and point[2] is not None]
    if len(positions) == len(points) + len(marks) and min(positions) < max(positions):
        low, span = float(min(positions)), float(max(positions) - min(positions))
        return lambda _index, point: margin + (float(point[2]) - low) / span * (WIDTH - 2 * margin)
    step = (WIDTH - 2 * margin) / max(len(points) - 1, 1)
    return lambda index, _point: WIDTH / 2 if len(points) == 1 else margin + step * (index or 0)


def _runs(points, x, y):
    """Unbroken stretches of the line, as lists of (x, y)."""
    run = []
    for index, point in enumerate(points):
        if point[1] is None:
            yield run
            run = []
        else:
            run.append((_round(x(index, point)), _round(y(point[1]))))
    yield run


def _text(x, y, words, anchor="middle", css=""):
    if not words:
        return EMPTY
    kind = format_html(' class="{}"', css) if css else EMPTY
    return format_html('<text{} x="{}" y="{}" text-anchor="{}">{}</text>', kind, _round(x), _round(y), anchor, words)


def _joined(parts):
    return format_html_join("", "{}", ((part,) for part in parts))
