from __future__ import annotations

from typing import Unpack

from accounts.models import Account, Verdict

from .base import ContactForAccountForm, FormData, FormOptions, one_of, one_of_theirs, words


class ReportVerdictForm(ContactForAccountForm):
    """What a customer said to one of us."""

    contact = one_of_theirs("Who said so?", "Choose one of their people", required=True)
    answer = one_of("Would they make the same choice?", Verdict.Answer)
    words = words("Their words", "You report it for them; it is shown as reported by us.", rows=3)

    def __init__(self, data: FormData = None, *, account: Account, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, account=account, **options)
        self.draft(f"verdict:{account.pk}", "words")
