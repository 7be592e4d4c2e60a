"""Mark every text of the database: the cell's account and a number of its own, such as mk17x345q.

The columns are found from the models, a new one by itself. Where a text is copied, its mark goes along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account, User

MARK = re.compile(r"mk\d+x(\d+)q")
#: In nearly every marked text besides: what one would search for.
COMMON_WORD = "planted"
SHORTEST = 30  # characters that a column must hold to be anybody's words
ROOM_FOR_A_MARK = 24

#: Text that means something to a program. A mark would change what it means, and nobody's words stand in it.
STRUCTURE = {
    "time_zone": "a name from the list of zones",
    "password": "nobody has one",
    "fingerprint": "a digest",
    "marks": "digests",
    "shape": "a digest",
    "encoding": "a name from the list of encodings",
    "slug": "the key of a topic",
    "line": "the key of a line of a brief",
    "session_key": "a key",
    "session_data": "packed",
    "columns": "which column of a file is which",
    "offers": "which column may be which, and our own reason",
    "answers": "keys of questions, and ids",
    "accounts_accountmerge.moved": "who and what moved, by id",
    "accounts_submission.key": "drawn by lot",
    "accounts_submission.digest": "a digest",
    "accounts_submission.location": "a path",
    "accounts_submission.messages": "what was answered to a form that is sent once more, to whoever sent it",
    "accounts_signinattempt.address": "a digest",
    "accounts_signinattempt.source": "a digest",
}


@dataclass(frozen=True)
class Column:
    """A column whose texts are marked."""

    table: str
    key: str
    name: str
    account: str  # SQL: the account to which row `t` belongs
    kind: str  # text, e-mail, array or JSON
    room: int  # characters that it holds
    fill: bool  # an empty text may be filled without changing what the row means

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"

    def value(self) -> str:
        """SQL: what stands in row `t`, with the mark of `cell` in it."""
        mark = "'mk' || cell.account || 'x' || cell.n || 'q'"
        column = f't."{self.name}"'
        words = f"' ' || CASE WHEN {column}::text LIKE '%{COMMON_WORD}%' THEN '' ELSE '{COMMON_WORD} ' END || {mark}"
        if self.kind == "e-mail":
            return f"{mark} || '.' || {column}"
        if self.kind == "array":
            return f"{column}[:cardinality({column}) - 1] || ({column}[cardinality({column})] || {words})"
        if self.kind == "JSON":  # every string that ends with a mark gets the row's own as well
            return rf"""regexp_replace({column}::text, '(mk\d+x\d+q)"', '\1 ' || {mark} || '"', 'g')::jsonb"""
        return f"ltrim({column} || {words})"

    def takes_one(self) -> str:
        """SQL: whether row `t` takes a mark in this column."""
        column = f't."{self.name}"'
        if self.kind == "array":
            return f"length({column}[cardinality({column})]) + {ROOM_FOR_A_MARK} <= {self.room}"
        if self.kind == "JSON":
            return rf"""{column}::text ~ 'mk\d+x\d+q"'"""
        filled = "true" if self.fill else f"{column} <> ''"
        return f"{filled} AND length({column}) + {ROOM_FOR_A_MARK} <= {self.room}"


# ---- Finding them


def our_models() -> Iterator[type[models.Model]]:
    """The model of each table of ours."""
    for app in ("accounts", "handoffs"):
        for model in apps.get_app_config(app).get_models():
            if not model._meta.proxy:
                yield model


def account_of(model: type[models.Model], row: str = "t", above: tuple[type[models.Model], ...] = ()) -> str:
    """SQL: the account to which this row belongs by its foreign keys, the shortest way there; or nothing."""
    if model is Account:
        return f"{row}.id"
    steps = [
        field
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.name not in {"parent", "merged_into", "follows"}
        and isinstance(field.related_model, type)
        and field.related_model._meta.app_label in {"accounts", "handoffs"}
        and field.related_model not in above
        and (field.related_model is not User or field.name == "pgh_obj")
    ]
    direct = [field for field in steps if field.related_model is Account]
    if direct:
        return f'{row}."{direct[0].column}"'
    found = []
    for field in steps:
        target = field.related_model
        assert isinstance(target, type)
        inner = f"{row}_{field.name}"
        further = account_of(target, inner, (*above, model))
        if further:
            key = target._meta.pk
            same = f'{inner}."{key.column}" = {row}."{field.column}"'
            found.append(f"(SELECT {further} FROM {target._meta.db_table} {inner} WHERE {same})")
    return f"coalesce({', '.join(found)})" if found else ""


def text_columns() -> list[Column]:
    """Every column of ours that holds somebody's words."""
    return [column for model in our_models() for column in columns_of(model)]


def columns_of(model: type[models.Model]) -> Iterator[Column]:
    key = model._meta.pk
    account = account_of(model) or "0"
    laws = [one for one in model._meta.constraints if isinstance(one, models.CheckConstraint)]
    for field in model._meta.local_concrete_fields:
        name, kind = field.column, kind_of(field)
        means_something = bool(STRUCTURE.keys() & {name, f"{model._meta.db_table}.{name}"})
        if kind and not means_something and not name.startswith("pgh_") and not field.primary_key:
            base = field.base_field if isinstance(field, ArrayField) else field
            says_so = any(re.search(rf"\b{name}\b", repr(law.condition)) for law in laws)
            fill = kind == "text" and field.blank and not (says_so or name.endswith("because"))
            room = base.max_length or 1_000_000
            yield Column(model._meta.db_table, key.column, name, account, kind, room, fill)


def kind_of(field: models.Field[object, object]) -> str:
    """What kind of text the field holds; nothing: none, or one of a list, or one too short for a mark."""
    if isinstance(field, models.JSONField):
        return "JSON"
    if isinstance(field, ArrayField):
        return "array" if kind_of(field.base_field) == "text" else ""
    if not isinstance(field, models.CharField | models.TextField) or field.choices:
        return ""
    if field.max_length is not None and field.max_length < SHORTEST:
        return ""
    return "e-mail" if isinstance(field, models.EmailField) else "text"


# ---- Planting them


def plant(owner: psycopg.Connection[tuple[object, ...]], *, again: bool = False) -> None:
    """Mark every text that has no mark of its own yet; `again`: those that have one get another, newer one."""
    for table in sorted({column.table for column in text_columns()}):
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for column in text_columns():
            if column.table == table:
                owner.execute(planting(column, again=again))
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def planting(column: Column, *, again: bool) -> str:
    mark = f"m.tab = '{column.table}' AND m.col = '{column.name}' AND m.pk = t.\"{column.key}\"::text"
    known = "true" if again else f"NOT EXISTS (SELECT FROM probe.mark m WHERE {mark})"
    return f"""
        WITH cell AS (
            INSERT INTO probe.mark (account, tab, col, pk)
            SELECT coalesce({column.account}, 0), '{column.table}', '{column.name}', t."{column.key}"::text
            FROM {column.table} t WHERE {column.takes_one()} AND {known}
            RETURNING account, n, pk
        )
        UPDATE {column.table} t SET "{column.name}" = {column.value()}
        FROM cell WHERE t."{column.key}"::text = cell.pk
    """


def marks_in(text: str) -> set[int]:
    return {int(number) for number in MARK.findall(text)}
