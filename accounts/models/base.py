"""What every model here leans on: verbs that the database can refuse, and rows that never change."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, Self, TypeVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, OperationalError, connection, models, transaction

from accounts.rules import clocks

if TYPE_CHECKING:
    from .accounts import Account
    from .users import User

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M")
Row = TypeVar("Row", bound=models.Model, covariant=True)

# The sentence a person reads when a law of the database refuses what they asked for.
SENTENCES = {
    "account_has_owner": "An open account needs exactly one owner. Name who takes it over first.",
    "coverage_one_owner": "This account already has an owner. Somebody else may just have changed it.",
    "coverage_owner_spells_meet": "Two people cannot own the same account at the same time.",
    "coverage_person_is_active": "That person no longer works here, so they cannot serve an account.",
    "coverage_ends_with_account": "This account is closed, so nobody serves it.",
    "coverage_serves_once": "That person already serves this account in that role.",
    "obligation_holder_serves": "Whoever holds what we owe must serve that account in the role it belongs to.",
    "deal_holder_serves": "Whoever holds a deal must serve that account in the role it belongs to.",
    "last_resort_is_active": "The person of last resort must be somebody who is active. Name another first.",
    "fact_superseded_once": "Somebody has just recorded a newer answer to this. Read theirs before adding yours.",
    "asked_again_of_fact_once_a_day": "You have told us so today already. It is counted.",
    "asked_again_of_ask_once_a_day": "You have told us so today already. It is counted.",
    "topic_is_needed": "The account’s page, the brief and the checks are built on this topic, so it stays in use.",
    "topic_named_once": "There is a topic of that name already.",
    "letter_one_digest_a_day": "Today's digest has already been written.",
    "handoff_one_open": "There is already an open handoff for this account and role.",
    "handoff_account_is_open": "There is an open handoff for this account. Finish it or call it off first.",
    "undone_before_anyone_was_told": "A customer has been told, so it can no longer be taken back.",
    "transition_one_for_a_person": "A departure or leave of this person is already under way.",
    "transition_one_for_a_deal": "What was sold in this deal is being handed to success already.",
    "read_back_one_waiting": "A read-back is already waiting to be accepted.",
    "handoff_once_per_move": "This handoff has already been opened.",
    "obligation_ends_with_account": "What we owe ends with the account only when the account is closed.",
    "obligation_lapses_on_its_day": "It cannot lapse yet.",
    "only_a_dated_promise_breaks": "Only a promise with a date can be broken.",
    "only_visits_have_an_hour": "Only a visit has an hour.",
    "cadence_one_per_role": "Somebody has just said how often this role visits them.",
    "visit_one_at_a_time": "The next visit is planned already.",
    "context_ends_within_a_year": "It ends within a year: choose an earlier day.",
    "ask_once_per_check_in": "They have just been asked that.",
    "verdict_once_per_ask": "One of them has just answered this.",
    "customer_closes_what_they_raised": "Only the customer can close what the customer raised.",
}


class Refused(ValidationError):
    """\"Not now\": carries the sentences that stand in the way. A page answers it with 409."""


def sentence_for(error: DatabaseError) -> str:
    """The sentence for a refusal by PostgreSQL: ours for a named law, else what a trigger of ours said."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    said = getattr(diagnosis, "message_primary", None) or str(error)
    sqlstate = getattr(diagnosis, "sqlstate", "")
    if name in SENTENCES:
        return SENTENCES[name]
    if sqlstate in {"40001", "40P01", "55P03"}:
        return "Somebody else was changing the same thing at the same moment. Look at what they did and try again."
    if sqlstate == "23000":
        return said
    return f"The records would no longer agree with each other, so nothing was changed ({name or said})."


_inside_a_verb: ContextVar[bool] = ContextVar("inside_a_verb", default=False)


def verb(method: Callable[Concatenate[M, P], R]) -> Callable[Concatenate[M, P], R]:
    """Make a method one act: all of it happens or none of it, and a law it would break is a `Refused`.

    The outermost verb checks the deferred constraints before it returns, so that a refusal is an answer
    here and not a crash at commit.
    """

    @functools.wraps(method)
    def act(self: M, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if _inside_a_verb.get():
            return method(self, *args, **kwargs)
        try:
            with transaction.atomic():
                token = _inside_a_verb.set(True)
                try:
                    result = method(self, *args, **kwargs)
                finally:
                    _inside_a_verb.reset(token)  # before the commit: what it sets off are acts of their own
                connection.check_constraints()
            return result
        except IntegrityError as error:
            raise Refused(sentence_for(error)) from error
        except OperationalError as error:
            if getattr(getattr(error.__cause__, "diag", None), "sqlstate", "") in {"40001", "40P01", "55P03"}:
                raise Refused(sentence_for(error)) from error
            raise

    return act


def database_now() -> datetime:
    """This instant by the database's clock, or by the one that is set. Read it after a lock."""
    if clocks.is_set():
        return clocks.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_now()")
        (instant,) = cursor.fetchone()
    return instant  # type: ignore[no-any-return]


def refuse_if(*sentences: str | None) -> None:
    """Raise `Refused` with every sentence given that is not empty."""
    if standing := [sentence for sentence in sentences if sentence]:
        raise Refused(standing)


def require_words(text: str, sentence: str) -> str:
    """The text without blanks around it; `Refused` with the sentence when nothing is left."""
    if not (text := text.strip()):
        raise Refused(sentence)
    return text


class AccountRows(models.QuerySet[Row]):
    """Rows of memory: each belongs to an account."""

    def of(self, account: Account) -> Self:
        """Those of this account and of the accounts merged into it: their memory is read as one."""
        return self.filter(account__in=account.memory_ids)

    def visible_to(self, user: User) -> Self:
        """Those of the accounts that this person may see; of them a customer sees what is shared."""
        accounts = apps.get_model("accounts", "Account")._default_manager
        seen = self.filter(account__in=accounts.visible_to(user))
        return seen.shared() if user.is_customer else seen

    def shared(self) -> Self:
        """What the customer sees, too."""
        return self


class Frozen(models.Model):
    """A row that is written once. The site's role may insert and read it, and nothing else (see database/grants.py)."""

    frozen: ClassVar[bool] = True

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)
