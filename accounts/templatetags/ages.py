"""How old something is, in the words one would use: “3 months ago”."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.rules import clocks

register = template.Library()

#: From so many days on it is told in this unit, of so many days.
UNITS = [(730, 365.25, "year"), (61, 30.44, "month"), (14, 7, "week"), (2, 1, "day")]


@register.filter
def age(at: datetime | date | None) -> str:
    """ "today", "yesterday", "5 days ago", "3 months ago"; a day to come is "in 5 days"."""
    if at is None:
        return ""
    day = timezone.localtime(at).date() if isinstance(at, datetime) else at
    return in_words((timezone.localdate(clocks.now()) - day).days)


def in_words(days: int) -> str:
    if days in {-1, 0, 1}:
        return {-1: "tomorrow", 0: "today", 1: "yesterday"}[days]
    for least, length, unit in UNITS:
        if abs(days) >= least:
            number = int(abs(days) / length)
            words = f"{number} {unit}{'s' if number > 1 else ''}"
            return f"{words} ago" if days > 0 else f"in {words}"
    raise AssertionError(days)


@register.filter
def ago(at: datetime | None) -> SafeString | str:
    """The same as a `<time>`, whose exact day is there for whoever points at it."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), f"{local:%-d %B %Y}", age(at)
    )
