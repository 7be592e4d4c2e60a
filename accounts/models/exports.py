from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from accounts.limits import MB
from accounts.rules import clocks
from config.celery import queue

from .accounts import Account
from .base import Frozen, database_now, refuse_if, require, save_columns, verb
from .contacts import Erasure
from .fields import LineField
from .users import User

if TYPE_CHECKING:
    pass

#: So long a file can be downloaded.
KEPT_FOR = timedelta(hours=24)
#: When nobody has worked on an export for so long, its message or its worker was lost.
STALLED_AFTER = timedelta(minutes=2)
MOST_TRIES = 3
MOST_BYTES = 200 * MB
A_PART = MB
ERASED = "Somebody asked to be forgotten since it was made, so the file is gone. Make it again: it is without them."
CHANGED = "You no longer see all the accounts in it, so the file is closed. Make it again: it holds what you see now."
TOO_LARGE = f"The file would be larger than {MOST_BYTES // MB} MB. Choose fewer accounts at once."
OFTEN_INTERRUPTED = "The work on it was interrupted time and again. Choose fewer accounts, or try once more."


class ExportEnded(Exception):
    """Somebody has stopped the export that is being made, or another worker has made it."""


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: User) -> ExportQuerySet:
        """The log: operations read all of it, and everybody else what they took themselves."""
        if user.is_customer:
            return self.none()
        return self if user.is_operations else self.filter(by=user)

    def under_way(self) -> ExportQuerySet:
        return self.filter(finished_at=None, stopped_at=None, failed_because="")

    def stalled(self) -> ExportQuerySet:
        return self.under_way().filter(heartbeat_at__lt=clocks.now() - STALLED_AFTER)

    def forget_files(self) -> None:
        """Delete the files whose time is over. What was taken, when and by whom stays in the log."""
        over = self.filter(expires_at__lte=clocks.now())
        ExportPart.objects.filter(export__in=over).delete()

    def with_downloads(self) -> ExportQuerySet:
        """Adds `downloads` and `downloaded_at`, when that was the last time."""
        taken = ExportDownload.objects.filter(export=OuterRef("pk")).order_by().values("export")
        return self.annotate(
            downloads=Subquery(taken.annotate(n=models.Count("pk")).values("n")),
            downloaded_at=Subquery(taken.annotate(last=models.Max("at")).values("last")),
        )


class Export(models.Model):
    """Somebody takes along what they may see, as a file: a line of the access log, and the work of making it."""

    class Shape(models.TextChoices):
        XLSX = "xlsx", "Workbook (XLSX)"
        CSV = "csv", "Tables (CSV in a ZIP)"
        JSON = "json", "Whole memory (JSON)"

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exports")
    shape = LineField(max_length=4, choices=Shape.choices)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="exports"
    )
    query = LineField(max_length=500, blank=True, help_text="The filter of the list, as its address has it.")
    what = LineField(max_length=500, help_text="The same in words, or the account's name.")
    asked_at = models.DateTimeField(default=clocks.now, editable=False)
    begun_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(default=clocks.now, editable=False)
    tries = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    accounts = ArrayField(models.BigIntegerField(), default=list, help_text="Those that are in the file.")
    size = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    failed_because = LineField(max_length=500, blank=True)

    never_deleted = True
    columns_that_stay = ("by_id", "shape", "account_id", "query", "what", "asked_at")
    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["by", "shape", "account", "query"],
                condition=Q(finished_at=None, stopped_at=None, failed_because=""),
                nulls_distinct=False,
                name="export_made_once",
                violation_error_message="It is being made already.",
            ),
            models.CheckConstraint(
                name="export_ends_once", condition=Q(finished_at=None) | Q(stopped_at=None, failed_because="")
            ),
            models.CheckConstraint(
                name="export_expires", condition=Q(finished_at=None) | Q(expires_at__isnull=False)
            ),
            models.CheckConstraint(
                name="export_of_an_account_or_a_list", condition=Q(account=None) | Q(query="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} ({self.get_shape_display()})"

    @classmethod
    @verb
    def ask(
        cls,
        /,
        *,
        by: User,
        shape: str,
        what: str,
        total: int,
        account: Account | None = None,
        query: str = "",
    ) -> Export:
        """Write down what somebody wants. What is being made for them already is not made twice."""
        require(not by.is_customer)
        refuse_if(None if shape in cls.Shape.values else "Choose one of the kinds of file.")
        User.objects.select_for_update().get(pk=by.pk)  # two clicks, one after the other
        wanted = cls.objects.filter(by=by, shape=shape, account=account, query=query)
        if making := wanted.under_way().first():
            return making
        return cls.objects.create(
            by=by, shape=shape, account=account, query=query, what=what[:500], total=total
        )

    # How far it is

    @property
    def state(self) -> str:
        """One of ready, expired, stopped, failed, interrupted and under way."""
        if self.finished_at:
            return "ready" if self.expires_at and clocks.now() < self.expires_at else "expired"
        if self.stopped_at or self.failed_because:
            return "stopped" if self.stopped_at else "failed"
        return "interrupted" if self.heartbeat_at < clocks.now() - STALLED_AFTER else "under way"

    @property
    def is_under_way(self) -> bool:
        return self.state in {"under way", "interrupted"}

    @property
    def file_ending(self) -> str:
        if self.shape == self.Shape.XLSX:
            return "xlsx"
        return "json" if self.shape == self.Shape.JSON and self.account_id else "zip"

    def queue(self) -> None:
        """Tell the worker once it is committed. No broker: `resume_exports` finds it."""
        queue("accounts.tasks.make_export", self.pk)

    @verb
    def begin(self) -> None:
        """Part of making it: from here on somebody works on it. Raises `ExportEnded`."""
        self._lock()
        now = database_now()
        save_columns(self, tries=self.tries + 1, begun_at=now, heartbeat_at=now, done=0, rows=0)

    @verb
    def go_on(self, done: int, rows: int) -> None:
        """So many accounts and rows are written. Raises `ExportEnded`."""
        self._lock()
        save_columns(self, done=done, rows=rows, heartbeat_at=database_now())

    def _lock(self) -> None:
        self.refresh_from_db(from_queryset=Export.objects.select_for_update(of=("self",)))
        if self.finished_at or self.stopped_at or self.failed_because:
            raise ExportEnded

    @verb
    def finish(self, path: Path, accounts: Iterable[int], *, done: int, rows: int) -> None:
        """The file is whole: keep it for a day. Until here there is nothing of it to be downloaded.

        `done` is how many accounts it has, of which some may be several that were merged: `accounts` are all of these.
        """
        self._lock()
        size, now = path.stat().st_size, database_now()
        refuse_if(TOO_LARGE if size > MOST_BYTES else None)
        with path.open("rb") as file:
            for number, data in enumerate(iter(lambda: file.read(A_PART), b"")):
                ExportPart.objects.create(export=self, number=number, data=data)
        held = {"accounts": sorted(accounts), "done": done, "rows": rows, "size": size}
        save_columns(self, **held, finished_at=now, expires_at=now + KEPT_FOR)

    @verb
    def fail(self, because: str) -> None:
        self._lock()
        save_columns(self, failed_because=because[:500])

    @verb
    def stop(self, *, by: User) -> None:
        """Whoever wanted it does not any more. What was written of it is thrown away."""
        require(by.pk == self.by_id)
        self.refresh_from_db(from_queryset=Export.objects.select_for_update(of=("self",)))
        refuse_if(None if self.is_under_way else "Nobody works on it any more.")
        save_columns(self, stopped_at=database_now())

    @verb
    def start_again(self, *, by: User) -> None:
        """Its worker was lost: begin it anew. What had been written of it went with the worker."""
        require(by.pk == self.by_id)
        self.refresh_from_db(from_queryset=Export.objects.select_for_update(of=("self",)))
        refuse_if(None if self.state == "interrupted" else "Somebody works on it already, or it has ended.")
        save_columns(self, heartbeat_at=database_now(), tries=0, done=0)
        self.queue()

    # Its file

    @verb
    def hand_out(self, *, to: User) -> int:
        """Note in the log that they take the file now. `Refused` where they may not have it any more.

        Returns its size in bytes. Access ends with the person's own: whoever sees less by now gets nothing.
        """
        require(to.pk == self.by_id and to.may_come_in)
        seen = Account.objects.visible_to(to).filter(pk__in=self.accounts).count()
        erased = Erasure.objects.filter(contact__account__in=self.accounts, at__gte=self.begun_at)
        refuse_if(
            {"ready": None, "expired": "Its time is over, and the file is deleted. Make it again."}.get(
                self.state, "There is no file of it yet."
            ),
            ERASED if self.state == "ready" and erased.exists() else None,
            CHANGED if self.state == "ready" and seen < len(set(self.accounts)) else None,
        )
        ExportDownload.objects.create(export=self)
        return self.size

    def file(self) -> Iterator[bytes]:
        """The file in its parts, each read when it is asked for."""
        for number in (
            ExportPart.objects.filter(export=self).order_by("number").values_list("number", flat=True)
        ):
            yield bytes(ExportPart.objects.values_list("data", flat=True).get(export=self, number=number))


class ExportPart(models.Model):
    """A piece of a file that waits to be downloaded: here, so that every web server can give it out."""

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="export_part_once")]

    def __str__(self) -> str:
        return f"Part {self.number} of {self.export}"


class ExportDownload(Frozen):
    """A file was given out. The log keeps it for good."""

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="downloaded")
    at = models.DateTimeField(default=clocks.now, editable=False)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.export}, {self.at:%Y-%m-%d}"
