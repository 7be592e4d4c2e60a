"""Accounts, who serves them, and the deals in flight with them."""

from __future__ import annotations

from typing import Unpack

from django import forms
from django.db.models import Q, QuerySet

from accounts.models import Account, Condition, Coverage, Deal, Obligation, Stage, User

from .base import (
    DateInput,
    FieldValues,
    FormData,
    FormOptions,
    OneLine,
    PersonField,
    RecordForm,
    RecordOptions,
    VerbForm,
    because,
    day,
    one_of,
    words,
)


class AccountForm(RecordForm[Account]):
    class Meta:
        model = Account
        fields = [
            "name", "industry", "region", "segment", "country", "address", "phone", "website", "employees", "revenue",
            "founded", "time_zone", "parent",
        ]  # fmt: skip
        help_texts = {
            "time_zone": "What we promise them is due by their day. Write it like Europe/Berlin.",
            "parent": "The company that they belong to.",
        }

    def __init__(
        self, data: FormData = None, *, user: User, **options: Unpack[RecordOptions[Account]]
    ) -> None:
        super().__init__(data, **options)
        seen = Account.objects.visible_to(user)
        self.offer("parent", seen.open().exclude(pk=self.instance.pk))
        if self.instance.parent_id and not seen.filter(pk=self.instance.parent_id).exists():
            del self.fields["parent"]  # it belongs to one that this person does not see, and stays so


class NewAccountForm(AccountForm):
    owner = PersonField(User.objects.none(), help_text="Who answers for this customer from now on.")
    another = forms.BooleanField(label="It is another customer of the same name", required=False)
    field_order = ["name", "another", "owner"]

    def __init__(
        self, data: FormData = None, *, user: User, **options: Unpack[RecordOptions[Account]]
    ) -> None:
        super().__init__(data, user=user, **options)
        self.offer("owner", may_be_given_to(user))
        self.initial.setdefault("owner", user.pk)
        self.initial["time_zone"] = self.initial.get("time_zone") or "UTC"
        name = str(self["name"].value() or "").replace("\0", "")
        self.namesake = Account.objects.visible_to(user).open().called(name).first()
        if self.namesake is None:
            del self.fields["another"]

    def clean(self) -> FieldValues:
        """Asks only about accounts that this person sees. Possible duplicates elsewhere are told to operations."""
        cleaned = super().clean()
        if self.namesake and not cleaned.pop("another", False):
            self.add_error("another", f"{self.namesake} is open already. Is it another customer?")
        return cleaned


def may_be_given_to(user: User) -> QuerySet[User]:
    """The colleagues to whom this person may give a new account."""
    serving: QuerySet[User] = User.objects.can_serve()
    if user.is_operations:
        return serving
    return serving.filter(pk__in=user.team_ids() if user.is_manager else [user.pk])


class ConditionForm(VerbForm):
    condition = one_of("How do they stand?", Condition)
    because = because("Because", "What you saw or heard. The next owner reads it first.")


class StageForm(VerbForm):
    stage = one_of("They are now", Stage)
    evidence = words("What shows it?", "What they said or did. If they went back a stage, why.")
    on = day("Since", "Leave it empty for today.", required=False)


class CloseForm(VerbForm):
    """Asks, for each thing still owed, what becomes of it."""

    because = because("Why is the account closed?")

    def __init__(
        self, data: FormData = None, *, owed: list[Obligation], **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **options)
        self.owed = owed
        for obligation in owed:
            self.fields[f"outcome_{obligation.pk}"] = OneLine(
                label=f"“{obligation}”",
                help_text=f"{obligation.get_kind_display()} held by {obligation.holder}. What becomes of it?",
                max_length=500,
            )

    @property
    def outcomes(self) -> dict[int, str]:
        return {obligation.pk: self.cleaned_data[f"outcome_{obligation.pk}"] for obligation in self.owed}


class MergeForm(VerbForm):
    other = forms.ModelChoiceField(
        Account.objects.none(),
        label="It is the same customer as",
        empty_label="Choose an account",
        help_text="Memory is read there, and what is owed is held there, from now on.",
    )
    because = because("How do you know?")

    def __init__(
        self, data: FormData = None, *, account: Account, user: User, **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **options)
        others = Account.objects.visible_to(user).open().exclude(pk=account.pk)
        self.offer("other", others)


class TeamForm(VerbForm):
    ROLES = [
        (role.value, role.label)
        for role in (
            Coverage.Role.SUCCESS,
            Coverage.Role.SUPPORT,
            Coverage.Role.ENGINEER,
            Coverage.Role.SPONSOR,
            Coverage.Role.BACK_UP,
        )
    ]
    person = forms.ModelChoiceField(
        User.objects.can_serve(), label="Who joins?", empty_label="Choose a colleague"
    )
    role = one_of("As", ROLES)
    because = because("Why?")


class EndServiceForm(VerbForm):
    coverage = forms.ModelChoiceField(Coverage.objects.none(), widget=forms.HiddenInput)
    because = because("Why does it end?")

    def __init__(self, data: FormData = None, *, account: Account, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, **options)
        ending = account.coverage.current().exclude(role__in=[Coverage.Role.OWNER, Coverage.Role.INCOMING])
        self.offer("coverage", ending)


class DealForm(RecordForm[Deal]):
    class Meta:
        model = Deal
        fields = [
            "kind", "name", "holder", "stage", "product", "amount", "currency", "engaged_on",
            "expected_close",
        ]  # fmt: skip
        widgets = {"engaged_on": DateInput(), "expected_close": DateInput()}
        help_texts = {"holder": "Somebody who serves this account."}

    def __init__(
        self, data: FormData = None, *, account: Account, **options: Unpack[RecordOptions[Deal]]
    ) -> None:
        super().__init__(data, **options)
        serving = account.coverage.accountable().values("person")
        holders = User.objects.filter(Q(pk__in=serving) | Q(pk=self.instance.holder_id))
        self.offer("holder", holders.order_by("name"))
        if owner := account.owner:
            self.initial["holder"] = self.initial.get("holder") or owner.pk

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class CloseDealForm(VerbForm):
    outcome = one_of("How did it end?", Deal.Outcome)
