"""What becomes of a letter that could not be sent, and of a mail that nobody can vouch for."""

from __future__ import annotations

from .base import VerbForm, because


class GiveUpForm(VerbForm):
    because = because("Why is it not tried any more?", "Such as: told her on the telephone.")


class SetAsideForm(VerbForm):
    because = because("Why does it not belong on the account?", "Such as: she says she never wrote it.")
