"""How files of one shape are to be read, kept under a name and found again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from django.db import models

from accounts.rules import clocks

from .base import refuse_if, require
from .fields import LineField
from .users import User


class ImportMappingQuerySet(models.QuerySet["ImportMapping"]):
    def visible_to(self, user: User) -> ImportMappingQuerySet:
        """Operations see every mapping; a manager, those of operations and their own."""
        if user.is_operations:
            return self
        if not user.runs_changes:
            return self.none()
        return self.filter(models.Q(saved_by=user) | models.Q(saved_by__kind=User.Kind.OPERATIONS))

    def for_shape(self, shape: str) -> ImportMapping | None:
        """The mapping kept last for files of this shape."""
        return self.filter(shape=shape).select_related("saved_by").order_by("-saved_at", "-pk").first()


class ImportMapping(models.Model):
    """What a file of this shape holds, and which of its columns is which of our fields.

    `shape` stands for the set of headings, and `columns` gives for each of our fields the heading of its column.
    """

    name = LineField(max_length=120)
    shape = LineField(max_length=64)
    kind = LineField(max_length=12)
    columns = models.JSONField(default=dict)
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=clocks.now)

    objects = ImportMappingQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["saved_by", "name"], name="import_mapping_name_once"),
        ]
        indexes = [models.Index(fields=["shape"], name="import_mapping_shape")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def keep(cls, name: str, *, shape: str, kind: str, columns: Mapping[str, str], by: User) -> ImportMapping:
        """Keep how files of this shape are read; the same name again takes the place of the earlier one."""
        require(by.runs_changes)
        refuse_if("Give the mapping a name." if not name.strip() else None)
        said = {"shape": shape, "kind": kind, "columns": dict(columns), "saved_at": clocks.now()}
        mapping, _ = cls.objects.update_or_create(saved_by=by, name=name.strip()[:120], defaults=said)
        return mapping


def shape_of(headings: Iterable[str]) -> str:
    """What files with the same headings have in common, in whatever order these stand."""
    return hashlib.sha256("\n".join(sorted(set(headings))).encode()).hexdigest()
