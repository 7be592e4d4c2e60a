from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .base import database_now, refuse_if, require_words, verb
from .facts import Fact
from .letters import Letter
from .obligations import Obligation
from .organisation import today
from .users import User

if TYPE_CHECKING:
    from .accounts import Account
    from .contacts import Contact

LAPSES_AFTER = timedelta(days=14)
SAID_BEFORE = "That is the answer they have already sent back. Say something new."


class CustomerCase(Obligation):
    """What waits for our answer: a question, feedback, or something that went wrong. The customer closes it (law 5)."""

    class Meta:
        proxy = True

    @classmethod
    @verb
    def report(
        cls,
        /,
        account: Account,
        text: str,
        *,
        by: User,
        severity: str,
        obstacle: str = "",
        contact: Contact | None = None,
    ) -> CustomerCase:
        """Anybody of ours saw something go wrong for a customer, whether or not they may see the account.

        The account's owner holds it from now on and is told by letter.
        """
        refuse_if(None if severity in cls.Severity.values else "Say how bad it is for them.")
        repair = cls.owe(
            account, cls.Kind.REPAIR, text, by=by, contact=contact, severity=severity, obstacle=obstacle
        )
        if repair.holder != by:
            subject, because = f"Something went wrong at {account}", f"{by} reports this."
            Letter.write_about(repair, repair.holder, subject=subject, because=because, by=by)
        return repair

    @verb
    def answer(self, text: str, *, by: User) -> None:
        """Answer what they raised. It stays open until they agree, or lapses two weeks later."""
        text = require_words(text, "Write the answer.")
        self._lock(by)
        refuse_if(
            None if self.is_theirs else "Only what the customer raised is answered.",
            self._said_before(text),
        )
        self._wait_for_them()
        self.note("answered", text, by=by, at=self.answered_at)

    @verb
    def decide(self, decision: str, because: str, *, by: User) -> None:
        """Decide on their feedback: yes, planned or no, and because. A yes to a correction corrects the fact."""
        because = require_words(because, "Say because of what. A no without a reason is no answer.")
        self._lock(by)
        refuse_if(
            None if self.kind == self.Kind.FEEDBACK else "Only feedback is decided.",
            None if decision in self.Decision.values else "Choose yes, planned or no.",
        )
        if decision == self.Decision.YES and self.fact:
            self.fact.supersede(self.text, by=by, provenance=Fact.Provenance.TOLD, contact=self.contact)
        self.decision = decision
        self._wait_for_them("decision")
        self.note("decided", f"{self.get_decision_display()}: {because}", by=by, at=self.answered_at)

    @verb
    def make_good(self, text: str, *, by: User) -> None:
        """Say what was done about what went wrong. Only the customer closes what the customer raised."""
        text = require_words(text, "Say what was done to make it good.")
        self._lock(by)
        refuse_if(
            None if self.kind == self.Kind.REPAIR else "Only what went wrong is made good.",
            self._said_before(text),
        )
        if self.is_theirs:
            self._wait_for_them()
        else:
            self.end(self.Outcome.DONE, by=by)
        self.note("made_good", text, by=by)

    def _said_before(self, text: str) -> str | None:
        """Why this cannot be the answer, when they have sent the same one back."""
        before = self.entries.filter(step__in=["answered", "made_good"], text__iexact=text)
        return SAID_BEFORE if before.exists() else None

    def _wait_for_them(self, *changed: str) -> None:
        """We have answered: it is the customer's turn, until it lapses."""
        self.answered_at = database_now()
        self.lapses_on = today() + LAPSES_AFTER
        self.save(update_fields=["answered_at", "lapses_on", *changed])
