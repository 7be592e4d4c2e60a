from __future__ import annotations

from typing import Unpack

from django import forms

from accounts.models import User

from .base import FormData, RecordForm, RecordOptions, VerbForm, because

STAFF = [(kind.value, kind.label) for kind in User.Kind if kind != User.Kind.CUSTOMER]


class PersonForm(RecordForm[User]):
    """A colleague. Managers add to their own team; operations add anybody."""

    kind = forms.ChoiceField(label="Works as", choices=STAFF)

    class Meta:
        model = User
        fields = ["name", "email", "kind", "title", "phone", "region", "reports_to"]

    def __init__(self, data: FormData = None, *, by: User, **options: Unpack[RecordOptions[User]]) -> None:
        super().__init__(data, **options)
        managers = User.objects.active().filter(kind=User.Kind.MANAGER).exclude(pk=self.instance.pk)
        if not by.is_operations:
            managers = managers.filter(pk__in=by.team_ids())
            self.fields["reports_to"].required = True
            self.choose_from("kind", STAFF[:2])
            self.initial.setdefault("reports_to", by.pk)
        self.offer("reports_to", managers.order_by("name"))


class DeactivateForm(VerbForm):
    because = because("Why does their access end?")
