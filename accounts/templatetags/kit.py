"""The small kit that every page is made of. The settings name it a builtin: no template has to load it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from secrets import token_urlsafe
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template import Context
from django.template.defaultfilters import date as django_date
from django.template.defaulttags import CsrfTokenNode
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Obligation, User
from accounts.rules import clocks
from accounts.rules.lines import ended

from ..middleware import ONCE
from ..slots import parts_of
from ..unsent import WRITER, mark_of

register = template.Library()

#: In the form of a date, as Django writes it: what shows the year, and what the month.
HAS_YEAR, MONTH = re.compile(r"(?<!\\)[YyocrU]"), re.compile(r"(?<!\\)[FMNn]")
TAG_ICONS = {
    "due": "clock",
    "late": "exclamation-triangle",
    "ok": "check",
    "customer": "chat-bubble-left",
    "loose": "scissors",
    "gap": "question-mark-circle",
    "waiting": "pause",
    "internal": "lock-closed",
    "shared": "eye",
}


@register.simple_tag(takes_context=True, name="csrf_token")
def csrf_token_and_ours(context: Context) -> SafeString:
    """Django's own, the key by which the same form sent twice is done once (`OnceMiddleware`), and for whom it is shown
    (accounts/unsent.py).

    It has the name of Django's, because no form of ours can do without: so none can be without these.
    """
    fields = [(ONCE, token_urlsafe(16))]
    user = getattr(context.get("request"), "user", None)
    if isinstance(user, User):
        fields.append((WRITER, mark_of(user)))
    hidden = format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)
    return format_html("{}{}", CsrfTokenNode().render(context), hidden)


@register.inclusion_tag("_tag.html")
def tag(kind: str, *words: object) -> dict[str, Any]:
    """`{% tag "late" "since" promise.due|date:"j M" %}`: a word or two, with the icon of their kind."""
    icon = TAG_ICONS.get(kind, "information-circle")
    return {"kind": kind, "icon": icon, "words": " ".join(str(word) for word in words)}


@register.inclusion_tag("_person.html")
def person(
    who: Any,
    *,
    href: str = "",
    role: str = "",
    size: str = "",
    customer: bool = False,
    left: bool = False,
    unread: bool = False,
) -> dict[str, Any]:
    """`{% person handoff.incoming role="takes over" %}`: initials, name and role, linked where there is an href.
    Sizes are "small" and "large"."""
    looks = [size, customer and "customer", left and "left", unread and "unread"]
    css_class = " ".join(["person", *(f"person--{look}" for look in looks if look)])
    return {"who": who, "href": href, "role": role, "left": left, "unread": unread, "css_class": css_class}


@register.inclusion_tag("_field.html")
def field(field: BoundField, *, inline: bool = False, css_class: str = "") -> dict[str, Any]:
    """`{% field form.name %}`: label, hint, control and errors."""
    return {"field": field, "inline": inline, "css_class": css_class}


@register.simple_block_tag(end_name="end_empty_state")
def empty_state(content: SafeString, title: str, *, href: str = "", verb: str = "") -> SafeString:
    """`{% empty_state "No item is in use" href=new_url verb="Add an item" %}Why.{% end_empty_state %}`:
    a list with nothing in it teaches one verb."""
    context = {"title": title, "text": content, "href": href, "verb": verb}
    return render_to_string("_empty.html", context)


@register.simple_tag(takes_context=True)
def slot(context: Context, name: str, thing: Any) -> list[Any]:
    """`{% slot "account notices" account as notices %}`: what other apps have to say here, as in accounts/slots.py."""
    return parts_of(name, context["request"].user, thing)


@register.simple_tag(takes_context=True)
def current(context: Context, *names: str) -> str:
    """`<a href="..." {% current "person" %}>`: marks the link to where one is, by how the address's name begins."""
    here = context["request"].resolver_match
    is_here = here is not None and (here.url_name or "").startswith(names)
    return format_html('aria-current="{}"', "page") if is_here else ""


@register.simple_tag
def cast_url() -> str:
    """Where to choose whom to sign in as. Only a demonstration has such a page."""
    return reverse("cast") if settings.DEMO else ""


#: Where a line of a brief leads to, by what its key names.
BEHIND = {
    "fact": "fact",
    "contact": "contact",
    "obligation": "obligation",
    "deal": "deal",
    "late": "obligation",
    "urgent": "obligation",
    "agreed": "obligation",
    "day of fact": "fact",
    "day of deal": "deal",
}


@register.filter
def behind(key: str) -> str:
    """`{{ line.key|behind }}`: the page of what a line of a brief says; nothing where there is none."""
    kind, _, pk = key.rpartition(":")
    return reverse(BEHIND[kind], args=[pk]) if kind in BEHIND else ""


@register.filter
def at(things: Mapping[str, Any], key: str) -> Any:
    """`{{ asked|at:line.key }}`: what stands under this key."""
    return things.get(key)


@register.filter(name="ended")
def ended_once(text: object) -> str:
    """`{{ handoff.because|ended }}`: somebody's words with one mark at their end."""
    return ended(str(text)) if text else ""


# ---- Days


@register.filter(name="date", expects_localtime=True, is_safe=False)
def date_with_its_year(value: date | str | None, form: str | None = None) -> str:
    """Django's own, and a day of another year than this one carries its year, whatever the form says."""
    if form and isinstance(value, date) and value.year != clocks.now().year and not HAS_YEAR.search(form):
        form = MONTH.sub(r"\g<0> Y", form, count=1)
    return django_date(value, form)


@register.filter
def is_over(day: date) -> bool:
    """`{% if deal.expected_close|is_over %}`: whether the day lies before today."""
    return day < timezone.localdate(clocks.now())


# ---- How old something is, in the words one would use

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


# ---- How a line of what we owe looks in a list, wherever it stands


@register.filter
def at_hour(line: Obligation) -> str:
    """`{{ meeting|at_hour }}`: what follows the day of a meeting in a list, such as ", 14:30"."""
    return f", {line.hour}" if line.hour else ""


@register.filter
def row_class(line: Obligation) -> str:
    """`<li class="row {{ obligation|row_class }}">`: done, late, or what the customer raised."""
    if line.closed_at:
        return "row--done"
    if line.is_late:
        return "row--late"
    return "row--customer" if line.is_theirs else ""


@register.simple_tag
def state_tag(line: Obligation, undated: str = "") -> SafeString:
    """`{% state_tag obligation %}`: how it ended, that it is late, or when it is due; else `undated`."""
    words = state_of(line) or (("waiting", undated) if undated else ())
    return render_to_string("_tag.html", tag(*words)) if words else mark_safe("")


def state_of(line: Obligation) -> tuple[str, ...]:
    """The kind of the tag, and its words."""
    date = f"{clocks.day_in_words(line.due, short=True)}{at_hour(line)}" if line.due else ""
    if line.closed_at:
        return "ok" if line.ended_well else "info", line.outcome_in_words
    if line.late_since:
        late = line.late_since == line.due
        return ("late", "late since", date) if late else ("late", "waits too long")
    if line.answered_at:
        return "waiting", "answered, waits for them"
    if line.due == line.account.day():
        return "due", f"today{at_hour(line)}"
    if line.due:
        return "due", date
    return ("gap", "no date") if line.kind == Obligation.Kind.PROMISE else ()
