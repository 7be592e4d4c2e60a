"""What the forms share: a refusal is said on the form, and the form keeps what was typed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any, Generic, TypeAlias, TypedDict, TypeVar, Unpack
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxLengthValidator
from django.db import models
from django.forms.models import model_to_dict
from django.http import QueryDict
from django_stubs_ext import StrPromise

from accounts.limits import LONGEST_TEXT, MB
from accounts.models import Account, Contact, Refused, User
from accounts.rules import clocks
from accounts.rules.lines import one_line, plain_words

M = TypeVar("M", bound=models.Model)
FormData: TypeAlias = Mapping[str, object] | None
Choices: TypeAlias = Sequence[tuple[str, str | StrPromise]]
FieldValues: TypeAlias = dict[str, Any]  # by field: each has a type of its own, which Django does not tell


NOT_TOO_LONG = MaxLengthValidator(
    LONGEST_TEXT,
    "This has %(show_value)d characters; a text may have %(limit_value)d. Shorten it, or write several.",
)


class FormOptions(TypedDict, total=False):
    """What Django's own constructor takes besides what was sent."""

    initial: FieldValues
    auto_id: str


class RecordOptions(FormOptions, Generic[M], total=False):
    instance: M


class FieldOptions(TypedDict, total=False):
    required: bool
    initial: object


class Refusals(forms.BaseForm):
    """For a form whose view calls a verb:

    if form.is_valid():
        with form.refusals():
            obligation.move(form.cleaned_data["to"], ...)
            return redirect(...)
    return render(..., status=form.status)
    """

    status = 200

    def full_clean(self) -> None:
        """Words that name no limit of their own have one, too."""
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and field.max_length is None:
                field.validators = [*field.validators, NOT_TOO_LONG]
        super().full_clean()

    @contextmanager
    def refusals(self) -> Iterator[None]:
        try:
            yield
        except Refused as refused:
            self.add_error(None, ValidationError(refused.messages))
            self.status = 409

    def draft(self, key: str, field: str = "text") -> None:
        """Keep what is typed into this field in the browser until `messages` says that it is saved."""
        self.fields[field].widget.attrs["data-draft"] = key

    def offer(self, name: str, rows: models.QuerySet[models.Model]) -> None:
        """The rows from which this field lets one choose."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows

    def choose_from(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def rewrite(self, name: str, value: str) -> None:
        """Show and send this in a field instead of what was sent."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix(name)] = value
        self.data = data


class VerbForm(Refusals, forms.Form):
    pass


class ContactForAccountForm(VerbForm):
    """A form about an account on which one of their people is chosen, among those who are there."""

    def __init__(self, data: FormData = None, *, account: Account, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, **options)
        self.offer("contact", account.contacts.present())


class RecordForm(Refusals, forms.ModelForm[M]):
    """A form for the plain columns of a row. It notices when somebody else changed them meanwhile."""

    as_of = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: FormData = None, **options: Unpack[RecordOptions[M]]) -> None:
        super().__init__(data, **options)
        self.before = model_to_dict(self.instance, self._meta.fields)
        self.state = hashlib.sha256(repr(self.before).encode()).hexdigest()[:16]
        self.initial["as_of"] = self.state

    def clean(self) -> FieldValues:
        cleaned: FieldValues = super().clean() or self.cleaned_data
        if self.instance.pk and cleaned.get("as_of") not in {"", self.state}:
            self.rewrite("as_of", self.state)
            self.status = 409
            theirs = [name for name in self.changed_data if name in self.before]
            raise ValidationError(
                [
                    "Somebody else changed this while you were writing. Send yours again if it still holds.",
                    *(f"{self.fields[name].label} is now “{self.shown(name)}”." for name in theirs),
                ]
            )
        return cleaned

    @property
    def changes(self) -> FieldValues:
        """The columns that were changed, with what they become."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.before}

    @property
    def columns(self) -> FieldValues:
        """Every column on the form, for a verb that makes the row."""
        return {name: self.cleaned_data[name] for name in self.cleaned_data if name != "as_of"}

    def save_changes(self) -> None:
        if self.changes:
            self.instance.save(update_fields=self.changes)

    def shown(self, name: str) -> str:
        """How a column reads now."""
        display = getattr(self.instance, f"get_{name}_display", None)
        value = display() if display else getattr(self.instance, name)
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return "" if value is None else str(value)


class OneLine(forms.CharField):
    """A field for one line, as its column keeps it (`LineField`)."""

    def to_python(self, value: object) -> str:
        return one_line(super().to_python(value) or "")


class OwnWords(forms.CharField):
    """A field for as many lines as one likes, as their column keeps them (`WordsField`)."""

    def to_python(self, value: object) -> str:
        return plain_words(super().to_python(value) or "")


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Moment(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class AtAnHour(VerbForm):
    """For a form with a day, an `hour` by the clock of a `zone`, and `which` of two when clocks go back.

    An hour that does not exist on that day, or comes twice, is asked about and not guessed.
    """

    FIRST, SECOND = "first", "second"
    zone: ZoneInfo

    def instant(self, day: date, hour: time) -> datetime | None:
        """The instant meant; None when the form has to ask."""
        found = clocks.instants(day, hour, self.zone)
        if len(found) == 1:
            return found[0]
        if not found:
            sentence = f"{hour:%H:%M} does not exist on {day:%-d %B %Y} in {self.zone}: the clocks are moved over it."
            self.add_error("hour", sentence)
            return None
        names = [self.FIRST, self.SECOND]
        choices = [
            (name, f"The {name} {hour:%H:%M} ({clocks.offset(at, self.zone)})")
            for name, at in zip(names, found, strict=True)
        ]
        self.fields["which"] = one_of("Which of the two?", choices)
        if (chosen := self.data.get(self.add_prefix("which"))) in names:
            return found[names.index(chosen)]
        sentence = f"{hour:%H:%M} comes twice on {day:%-d %B %Y} in {self.zone}. Which one is meant?"
        self.add_error("which", sentence)
        return None


def hour(label: str, help_text: str = "", **options: Unpack[FieldOptions]) -> forms.TimeField:
    return forms.TimeField(label=label, help_text=help_text, widget=TimeInput(), **options)


def words(
    label: str, help_text: str = "", *, rows: int = 4, **options: Unpack[FieldOptions]
) -> forms.CharField:
    """A field for a human's own words."""
    area = forms.Textarea(attrs={"class": "voice-input", "rows": rows})
    return OwnWords(label=label, help_text=help_text, widget=area, **options)


class UploadField(forms.FileField):
    """A file of at most so many bytes, which is said before anybody reads it."""

    def __init__(
        self, *, most_bytes: int, label: str, help_text: str, accept: str, required: bool = True
    ) -> None:
        widget = forms.FileInput(attrs={"accept": accept})
        super().__init__(label=label, help_text=help_text, widget=widget, required=required)
        self.error_messages["empty"] = "This file is empty."
        self.most_bytes = most_bytes

    def clean(self, data: UploadedFile | None, initial: object = None) -> UploadedFile | None:
        file: UploadedFile | None = super().clean(data, initial)
        if file and file.size is not None and file.size > self.most_bytes:
            raise ValidationError(
                f"This file is larger than {self.most_bytes // MB} MB. Send less of it at once."
            )
        return file


def because(label: str, help_text: str = "", **options: Unpack[FieldOptions]) -> forms.CharField:
    """A field for a reason: one line."""
    return OneLine(label=label, help_text=help_text, max_length=500, **options)


def day(label: str, help_text: str = "", **options: Unpack[FieldOptions]) -> forms.DateField:
    return forms.DateField(label=label, help_text=help_text, widget=DateInput(), **options)


def one_of_theirs(
    label: str, empty_label: str, help_text: str = "", *, required: bool = False
) -> forms.ModelChoiceField[Contact]:
    """One of an account's contacts; of which account, a `ContactForAccountForm` is told."""
    return forms.ModelChoiceField(
        Contact.objects.none(), label=label, empty_label=empty_label, help_text=help_text, required=required
    )


class PersonField(forms.ModelChoiceField[User]):
    """A colleague to be chosen: whoever leaves, or is away, is shown with that."""

    def label_from_instance(self, person: User) -> str:
        return person.as_choice


def one_of(
    label: str, choices: type[models.Choices] | Choices, **options: Unpack[FieldOptions]
) -> forms.ChoiceField:
    """Radio buttons for a few choices."""
    pairs = choices.choices if isinstance(choices, type) else choices
    return forms.ChoiceField(label=label, choices=pairs, widget=forms.RadioSelect, **options)
