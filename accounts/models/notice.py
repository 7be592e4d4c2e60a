"""Somebody who is leaving adds to the memory, and takes nothing from it alone."""

from __future__ import annotations

from .users import User


def not_alone(by: User, **about: object) -> str | None:
    """Why somebody who is leaving cannot do this alone; nothing where they stay, or a second person has agreed.

    `about` is the entry, the fact or the obligation that a `Countersignature` speaks of. PostgreSQL asks the same.
    """
    if not User.objects.filter(pk=by.pk, notice_at__isnull=False).exists():
        return None
    if about and by.countersignatures.filter(agreed=True, **about).exists():
        return None
    second = by.manager_if_any()
    return f"{by} is leaving, and others depend on this. {second or 'A second person'} has to agree to it."
