"""What becomes of a letter that could not be sent."""

from __future__ import annotations

from .base import VerbForm, because


class GiveUpForm(VerbForm):
    because = because("Why is it not tried any more?", "Such as: told her on the telephone.")
