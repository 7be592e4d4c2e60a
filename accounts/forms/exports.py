"""In which form somebody takes their accounts along."""

from __future__ import annotations

from django import forms

from accounts.models import Export

from .base import FormData, VerbForm

WHAT_EACH_IS = {
    Export.Shape.XLSX: "To read, sort and correct in Excel: a sheet each for accounts, contacts, deals, entries, what"
    " we owe, facts, coverage and people.",
    Export.Shape.CSV: "The same tables as text, for other programs.",
    Export.Shape.JSON: "Every line with who said it, when and from what; a file for each account.",
}


class ExportForm(VerbForm):
    """`may_take_closed` is for those who see closed accounts."""

    shape = forms.ChoiceField(
        label="As", choices=Export.Shape.choices, widget=forms.RadioSelect, initial=Export.Shape.XLSX
    )
    closed = forms.BooleanField(label="Closed accounts, too", required=False)

    def __init__(self, data: FormData = None, *, may_take_closed: bool, closed: bool = False) -> None:
        super().__init__(data, initial={"closed": closed})
        if not may_take_closed:
            del self.fields["closed"]

    @property
    def shapes(self) -> list[tuple[object, str]]:
        """Each choice, with a sentence that says what it is good for."""
        return [(radio, WHAT_EACH_IS[Export.Shape(radio.data["value"])]) for radio in self["shape"]]
