"""How a line of what we owe looks in a list: one row, one tag, wherever it stands."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Obligation

from .kit import tag

register = template.Library()


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
    date = f"{line.due:%-d %b}{line.at_hour}" if line.due else ""
    if line.closed_at:
        return "ok" if line.ended_well else "info", line.outcome_in_words
    if line.late_since:
        late = line.late_since == line.due
        return ("late", "late since", date) if late else ("late", "waits too long")
    if line.answered_at:
        return "waiting", "answered, waits for them"
    if line.due == line.account.day():
        return "due", f"today{line.at_hour}"
    return ("due", date) if line.due else ()
