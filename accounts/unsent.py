"""Words that were sent after the session had ended: kept for whoever wrote them, for a day, and shown to nobody else.

Each form says, signed, for whom it was shown. Without that nothing is kept.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest

from .models import User
from .models.base import Json
from .rules import clocks

UNSENT, WRITER = "unsent", "writer"
LONGEST = 200_000
KEPT_FOR = timedelta(days=1)
SIGNER = Signer(salt=WRITER)


def mark_of(user: User) -> str:
    """What a form shown to this person carries in its field `writer`."""
    return SIGNER.sign(str(user.pk))


def keep(request: HttpRequest, fields: dict[str, list[str]]) -> bool:
    """Keep what was sent until its writer is back; False when it does not say whose it is, or is too long."""
    try:
        writer = int(SIGNER.unsign(request.POST.get(WRITER, "")))
    except BadSignature:
        return False
    if len(json.dumps(fields)) > LONGEST:
        return False
    request.session[UNSENT] = {
        "writer": writer,
        "at": clocks.now().isoformat(),
        "path": request.get_full_path(),
        "fields": fields,
    }
    return True


def waiting(request: HttpRequest) -> Json | None:
    """What waits here for the person who is signed in. What is another's, or has waited too long, is thrown away."""
    kept: Json | None = request.session.get(UNSENT)
    if not kept:
        return None
    if kept["writer"] == request.user.pk and datetime.fromisoformat(kept["at"]) > clocks.now() - KEPT_FOR:
        return kept
    forget(request)
    return None


def forget(request: HttpRequest) -> None:
    request.session.pop(UNSENT, None)
