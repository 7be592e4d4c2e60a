from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import User

from .base import RecordForm, VerbForm, because

STAFF = [(kind.value, kind.label) for kind in User.Kind if kind != User.Kind.CUSTOMER]


class PersonForm(RecordForm):
    """A colleague. Managers add to their own team; operations add anybody."""

    kind = forms.ChoiceField(label="Works as", choices=STAFF)

    class Meta:
        model = User
        fields = ["name", "email", "kind", "title", "phone", "region", "reports_to"]

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        managers = User.objects.active().filter(kind=User.Kind.MANAGER).exclude(pk=self.instance.pk)
        if not by.is_operations:
            managers = managers.filter(pk__in=by.team_ids())
            self.fields["reports_to"].required = True
            self.fields["kind"].choices = STAFF[:2]  # type: ignore[attr-defined]
            self.initial.setdefault("reports_to", by.pk)
        self.fields["reports_to"].queryset = managers.order_by("name")  # type: ignore[attr-defined]


class DeactivateForm(VerbForm):
    because = because("Why does their access end?")
