"""What every model here leans on: verbs that the database can refuse, and rows that never change."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, Self, TypeAlias, TypeVar

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    OperationalError,
    connection,
    models,
    transaction,
)

from accounts.database.sentences import sentence_of
from accounts.limits import LONGEST_TEXT
from accounts.rules import clocks
from accounts.rules.lines import one_line, plain_words

from .fields import LineField

if TYPE_CHECKING:
    from .accounts import Account
    from .users import User

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M")
Row = TypeVar("Row", bound=models.Model, covariant=True)
One = TypeVar("One", bound=models.Model)
logger = logging.getLogger(__name__)

Json: TypeAlias = dict[str, Any]
"""An object that PostgreSQL built in the query, beside its row."""


CANNOT_BE_KEPT = "Something in it is longer or larger than can be kept, so nothing was changed. Shorten it."


class Refused(ValidationError):
    """\"Not now\": carries the sentences that stand in the way. A page answers it with 409."""


def sentence_for(error: DatabaseError) -> str:
    """The sentence for a refusal by PostgreSQL: ours for a named law, else what a trigger of ours said."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    said = getattr(diagnosis, "message_primary", None) or str(error)
    sqlstate = getattr(diagnosis, "sqlstate", "")
    if sentence := sentence_of(name):
        return sentence
    if sqlstate in {"40001", "40P01", "55P03"}:
        return "Somebody else was changing the same thing at the same moment. Look at what they did and try again."
    if sqlstate == "23000":
        return said
    return f"The records would no longer agree with each other, so nothing was changed ({name or said})."


_inside_a_verb: ContextVar[bool] = ContextVar("inside_a_verb", default=False)
_acts: ContextVar[int] = ContextVar("acts", default=0)


def acts_done() -> int:
    """How many acts this thread has done: after a request there are more when it did something."""
    return _acts.get()


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
            _acts.set(_acts.get() + 1)
            return result
        except IntegrityError as error:
            raise Refused(sentence_for(error)) from error
        except DataError as error:
            raise Refused(CANNOT_BE_KEPT) from error
        except OperationalError as error:
            if getattr(getattr(error.__cause__, "diag", None), "sqlstate", "") in {"40001", "40P01", "55P03"}:
                raise Refused(sentence_for(error)) from error
            raise

    return act


@contextmanager
def alone(what: object, *, unless: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """Whatever fails in this block is logged and goes no further, so that what comes after it has its turn.

    For work that nobody waits for: what is refused or broken now stays for the next time. `unless` goes on outside.
    """
    try:
        yield
    except unless:
        raise
    except Refused as refusal:
        logger.info("%s: %s", what, "; ".join(refusal.messages))
    except Exception:
        logger.exception("%s", what)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()  # a lost connection is no reason for the next to fail


def each(rows: Iterable[One], act: Callable[[One], object]) -> int:
    """Do something to every row in a transaction of its own. Returns for how many it was done.

    One row that fails must not keep the day from all the others.
    """
    done = 0
    for row in rows:
        with alone(f"{type(row).__name__} {row.pk}"):
            with transaction.atomic():
                act(row)
            done += 1
    return done


def database_now() -> datetime:
    """This instant by the database's clock, or by the one that is set. Read it after a lock."""
    if clocks.is_set():
        return clocks.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_now()")
        (instant,) = cursor.fetchone()
    return instant  # type: ignore[no-any-return]  # of a cursor


def sentences(*maybe: str | None) -> list[str]:
    """Those of them that say something."""
    return [sentence for sentence in maybe if sentence]


def refuse_if(*maybe: str | None) -> None:
    """Raise `Refused` with every sentence given that is not empty."""
    if standing := sentences(*maybe):
        raise Refused(standing)


def require(allowed: bool) -> None:
    """Raise `PermissionDenied` unless this person may."""
    if not allowed:
        raise PermissionDenied


def require_words(text: str, sentence: str) -> str:
    """The text without blanks around it; `Refused` when it is too long, or with the sentence when it says nothing."""
    if not one_line(text):
        raise Refused(sentence)
    text = plain_words(text).strip()
    too_long = f"A text may have {LONGEST_TEXT:,} characters and this has {len(text):,}. Shorten it, or write several."
    refuse_if(too_long if len(text) > LONGEST_TEXT else None)
    return text


def save_columns(row: models.Model, **columns: object) -> None:
    """Change these columns of a row, and save them and no others."""
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))


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


class Imported(models.Model):
    """A row that a file may have brought in: then it says who imported it, and from which file and row."""

    imported_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    imported_from = LineField(max_length=400, blank=True, db_default="", default="", editable=False)

    class Meta:
        abstract = True

    @property
    def origin(self) -> str:
        """As “imported by Omar Haddad from deals.csv, row 7”; nothing where no file brought it in."""
        return f"imported by {self.imported_by} from {self.imported_from}" if self.imported_by else ""


def imported_by_somebody(name: str) -> models.CheckConstraint:
    """What came from a file says from which, and who brought it."""
    return models.CheckConstraint(
        name=name,
        condition=models.Q(imported_by=None, imported_from="")
        | (models.Q(imported_by__isnull=False) & ~models.Q(imported_from="")),
    )


class Frozen(models.Model):
    """A row that is written once. The site's role may insert and read it, and nothing else (see database/grants.py)."""

    frozen: ClassVar[bool] = True

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)
