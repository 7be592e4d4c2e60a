"""The columns that hold text. Each keeps its own law, whichever way a text came: by a form, a file or a mail.

`LineField` is one line, and PostgreSQL refuses what would break it; `WordsField` is somebody's own words.
A row that is saved holds what was kept, so that a letter which is written next is not broken by its name either.
"""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.rules.lines import NEVER_IN_SQL, NEVER_IN_WORDS_IN_SQL, one_line, plain_words

Set = TypeVar("Set")
Get = TypeVar("Get")


class LineField(models.CharField[Set, Get]):
    """One line of text: a name, a title, a subject, an address, a reason."""

    def to_python(self, value: object) -> str | None:
        text: str | None = super().to_python(value)
        return text if text is None else one_line(text)

    def pre_save(self, model_instance: models.Model, add: bool) -> object:
        return cleaned(self, model_instance)

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        return f"\"{self.column}\" !~ '{NEVER_IN_SQL}'"


class AddressField(LineField[Set, Get], models.EmailField[Set, Get]):
    """An address of mail."""


class NameField(LineField[Set, Get], models.SlugField[Set, Get]):
    """A name in an address of ours."""


class WordsField(models.TextField[Set, Get]):
    """Somebody's own words, in as many lines as they like."""

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        return f"\"{self.column}\" !~ '{NEVER_IN_WORDS_IN_SQL}'"

    def to_python(self, value: object) -> str | None:
        text: str | None = super().to_python(value)
        return text if text is None else plain_words(text)

    def pre_save(self, model_instance: models.Model, add: bool) -> object:
        return cleaned(self, model_instance)


def cleaned(field: models.Field[Set, Get], row: models.Model) -> object:
    """What is saved, and from now on stands on the row; an expression is PostgreSQL's to work out."""
    value = getattr(row, field.attname)
    if isinstance(value, str):
        setattr(row, field.attname, field.to_python(value))
    return getattr(row, field.attname)
