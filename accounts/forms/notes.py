from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Account, Contact, Entry, User

from .base import Moment, VerbForm, because, words

KINDS = [(kind.value, kind.label) for kind in Entry.Kind if kind in Entry.KEPT_BY_HAND]


class NoteForm(VerbForm):
    """What happened, in one's own words. `account` may be chosen on the form or be given."""

    account = forms.ModelChoiceField(Account.objects.none(), empty_label="Choose an account")
    text = words("What happened?", rows=7)
    kind = forms.ChoiceField(choices=KINDS, initial=Entry.Kind.CONVERSATION)
    at = forms.DateTimeField(label="When", required=False, widget=Moment(), help_text="Empty means now.")
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(), label="With whom", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, user: User, account: Account | None, fixed: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if fixed:
            del self.fields["account"]
        else:
            choices = Account.objects.visible_to(user).open()
            self.fields["account"].queryset = choices  # type: ignore[attr-defined]
            self.initial["account"] = account
        people = account.contacts.present() if account else Contact.objects.none()
        self.fields["contacts"].queryset = people  # type: ignore[attr-defined]
        self.fields["text"].widget.attrs["autofocus"] = True
        self.draft(f"note:{account.pk}" if fixed and account else "note")

    def keep(self, account: Account, *, by: User) -> Entry:
        given = self.cleaned_data
        return Entry.keep(
            account, kind=given["kind"], text=given["text"], by=by, at=given["at"], contacts=given["contacts"]
        )


class RetractForm(VerbForm):
    because = because("Why do you take it back?", "It stays readable, struck through, with this reason.")
