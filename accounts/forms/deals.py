from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.models import Account, Deal, User

from .base import DateInput, RecordForm, VerbForm, one_of


class DealForm(RecordForm):
    class Meta:
        model = Deal
        fields = [
            "kind",
            "name",
            "holder",
            "stage",
            "product",
            "amount",
            "currency",
            "engaged_on",
            "expected_close",
        ]
        widgets = {"engaged_on": DateInput(), "expected_close": DateInput()}
        help_texts = {"holder": "Somebody who serves this account."}

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        serving = account.coverage.accountable().values("person")
        self.fields["holder"].queryset = User.objects.filter(  # type: ignore[attr-defined]
            Q(pk__in=serving) | Q(pk=self.instance.holder_id)
        ).order_by("name")
        if owner := account.owner:
            self.initial["holder"] = self.initial.get("holder") or owner.pk

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class CloseDealForm(VerbForm):
    outcome = one_of("How did it end?", Deal.Outcome)
