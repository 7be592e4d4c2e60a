"""The small kit that every page is made of. The settings name it a builtin: no template has to load it."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..slots import parts_of

register = template.Library()

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
