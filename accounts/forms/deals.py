from __future__ import annotations

from typing import Unpack

from django.db.models import Q

from accounts.models import Account, Deal, User

from .base import DateInput, FormData, RecordForm, RecordOptions, VerbForm, one_of


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
