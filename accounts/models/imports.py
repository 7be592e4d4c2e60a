from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.rules import clocks

from .base import database_now, refuse_if, require, save_columns, verb
from .fields import LineField, WordsField
from .import_mappings import ImportMapping
from .letters import Letter
from .users import User

PreviewData: TypeAlias = dict[str, Any]
"""What a plan said, or one of its questions, as plain data."""


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: User) -> ImportBatchQuerySet:
        """Operations see every import; a manager, their own, made with a manager's eyes."""
        if user.is_operations:
            return self
        return self.filter(created_by=user).exclude(preview__by_operations=True)


class ImportBatch(models.Model):
    """Files that were brought in together: staged, previewed, asked about, and applied in one act."""

    created_at = models.DateTimeField(default=clocks.now, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="imports")
    answers = models.JSONField(default=dict, blank=True)
    preview = models.JSONField(
        default=dict, blank=True, help_text="What the plan said when it was last made."
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    discarded_at = models.DateTimeField(null=True, blank=True)
    discarded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "import batches"
        constraints = [
            models.CheckConstraint(
                name="import_applied_or_discarded", condition=Q(applied_at=None) | Q(discarded_at=None)
            ),
            models.CheckConstraint(
                name="import_applied_by_somebody", condition=Q(applied_at=None) | Q(applied_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.applied_at is None and self.discarded_at is None

    @verb
    def discard(self, *, by: User) -> None:
        """Throw the staged rows away. What was applied stays."""
        self.lock(by)
        ImportRow.objects.filter(file__batch=self).delete()
        self.files.update(data=None)
        save_columns(self, discarded_at=database_now(), discarded_by=by)

    def lock(self, by: User) -> None:
        """Begin an act on this batch: nobody else changes it meanwhile. Raises `Refused` when it is no longer open."""
        require(by.runs_changes)
        self.refresh_from_db(from_queryset=ImportBatch.objects.select_for_update(of=("self",)))
        refuse_if(
            f"{self.applied_by} has already applied this import." if self.applied_at else None,
            f"{self.discarded_by} has thrown this import away." if self.discarded_at else None,
        )

    # What the pages show

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.preview)

    def tray(self) -> models.QuerySet[ImportRow]:
        """Every row that was not applied, or only in part, with the reason."""
        return (
            ImportRow.objects.filter(file__batch=self)
            .exclude(because="")
            .select_related("file")
            .order_by("file__position", "number")
        )

    @property
    def asks(self) -> int:
        """About so many rows operations are asked: they alone may see the accounts these may be about."""
        return len(self.preview.get("asks", []))

    def ask_operations(self, *, by: User) -> None:
        """Tell those in operations which rows wait for them, and where each may belong."""
        asks = self.preview.get("asks", [])
        for person in User.objects.active().filter(kind=User.Kind.OPERATIONS) if asks else []:
            text = f"These rows of {self} wait for you in its review tray:\n\n" + "\n".join(asks[:20])
            more = f"\n\nand {len(asks) - 20:,} more." if len(asks) > 20 else ""
            Letter.write(person, signed_by=by, subject=f"{self} asks operations", text=text + more)

    def unknown(self) -> models.QuerySet[ImportFile]:
        """The files of which somebody has to say what they hold."""
        return self.files.filter(kind="", row_count__gt=0)

    @property
    def waits_to_be_told(self) -> bool:
        """Whether somebody has to say of a file what it holds; asks nothing anew where the files are at hand."""
        return any(not file.kind and file.row_count for file in self.files.all())

    def waiting(self) -> list[PreviewData]:
        return [question for question in self.preview.get("questions", []) if question["waits"]]


def fingerprint(preview: PreviewData) -> str:
    """Changes when what an import would do changes."""
    said = {name: preview.get(name) for name in ("counts", "facts", "colleagues", "samples", "remarks")}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return str(int(digest[:16], 16))


class ImportFile(models.Model):
    """One sheet of a batch and how it was read. `kind` is empty until it is known what it holds."""

    IGNORED = "ignore"  # somebody said that nothing of it is to be taken

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="files")
    position = models.PositiveIntegerField()
    name = LineField(max_length=255)
    kind = LineField(max_length=12, blank=True)
    sentence = WordsField(blank=True)
    because = WordsField(blank=True, help_text="Why it is taken to hold that.")
    offers = models.JSONField(default=dict, help_text="By place: what an unused column may be, and why.")
    mapping = models.ForeignKey(
        ImportMapping, on_delete=models.PROTECT, null=True, blank=True, related_name="files"
    )
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    encoding = LineField(max_length=40, blank=True)
    encoding_because = LineField(max_length=300, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)  # a tab is one
    header = ArrayField(WordsField(), default=list)
    columns = models.JSONField(default=dict)
    row_count = models.PositiveIntegerField(default=0)
    data = models.BinaryField(
        null=True, help_text="As it came, to be read again in another encoding; until applied."
    )

    class Meta:
        ordering = ["batch", "position"]
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="import_file_position")]

    def __str__(self) -> str:
        return self.name

    @property
    def sample(self) -> list[ImportRow]:
        """A few rows to judge the encoding by: those with letters outside ASCII first."""
        rows = list(self.rows.order_by("number")[:500])
        return sorted(rows, key=lambda row: all(cell.isascii() for cell in row.cells))[:3]

    @property
    def meanings(self) -> list[tuple[str, str]]:
        """Our field and their header, for each column we take."""
        in_order = sorted(self.columns.items(), key=lambda pair: pair[1])
        return [(name.replace("_", " "), self.labels[place]) for name, place in in_order]

    @property
    def labels(self) -> list[str]:
        """The headings, each different: the second “Email” is “Email (2)”, one without words has its number."""
        seen: Counter[str] = Counter()
        labels = []
        for place, cell in enumerate(self.header, start=1):
            text = cell.strip() or f"Column {place}"
            seen[text] += 1
            labels.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
        return labels

    @property
    def is_ignored(self) -> bool:
        return self.kind == self.IGNORED

    @property
    def unused(self) -> list[str]:
        """The headings of the columns that nothing is read from, where the file is taken."""
        if not self.columns:
            return []
        return [label for place, label in enumerate(self.labels) if place not in self.columns.values()]


class ImportRow(models.Model):
    """One row as it came, and what became of it."""

    class State(models.TextChoices):
        NEW = "new", "New"
        CHANGED = "changed", "Changed"
        UNCHANGED = "unchanged", "Unchanged"
        ASIDE = "aside", "Left aside"
        IGNORED = "ignored", "Ignored"

    file = models.ForeignKey(ImportFile, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    cells = ArrayField(WordsField())
    state = LineField(max_length=9, choices=State.choices, blank=True)
    because = WordsField(blank=True)
    hint = WordsField(blank=True, help_text="What operations alone read: where it may belong.")

    class Meta:
        ordering = ["file", "number"]
        indexes = [models.Index(fields=["file", "number"], condition=~Q(because=""), name="import_tray")]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="import_row_once")]

    def __str__(self) -> str:
        return f"{self.file}, row {self.number} (line {self.line})"
