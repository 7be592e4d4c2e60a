from __future__ import annotations

from typing import Unpack

from django import forms
from django.http import QueryDict

from accounts.limits import LONGEST_TEXT
from accounts.models import Account, Entry, Note, User
from accounts.notes.preview import NotePreview
from accounts.notes.saving import save
from accounts.rules.lines import plain_words

from .base import FormData, FormOptions, Moment, OwnWords, VerbForm, because

KINDS = [(kind.value, kind.label) for kind in Entry.Kind if kind in Entry.KEPT_BY_HAND]
CHOICES = 300
"""So many accounts at most are offered; on the page of any other one, `n` keeps a note on it."""

MARKS = (
    "A line that begins with ! is a promise, ? a question, “ their words, + feedback, "
    "# a fact, > a stage; @ names a person."
)


class NoteForm(VerbForm):
    """What happened, in one's own words. `account` may be chosen on the form or be given."""

    account = forms.ModelChoiceField(Account.objects.none(), empty_label="Choose an account")
    text = OwnWords(
        label="What happened?",
        help_text=MARKS,
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"class": "voice-input", "rows": 7}),
        error_messages={"max_length": "This is too long for one note. Keep it in several, or in a file."},
    )
    kind = forms.ChoiceField(label="It was a", choices=KINDS, initial=Entry.Kind.CONVERSATION)
    at = forms.DateTimeField(label="When", required=False, widget=Moment())

    def __init__(
        self,
        data: FormData = None,
        *,
        user: User,
        account: Account | None,
        fixed: bool = False,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, **options)
        self.user, self.chosen = user, account
        choices = Account.objects.visible_to(user).open()
        self.offer("account", choices)
        self.initial["account"] = account
        if fixed:
            del self.fields["account"]
        if self["kind"].value() == Entry.Kind.EXECUTIVE:
            self.fields["text"].label = "What did you learn from them?"
        self.fields["text" if account else "account"].widget.attrs["autofocus"] = True
        self.draft(f"note:{account.pk}" if fixed and account else "note")

    @property
    def choices(self) -> list[Account]:
        """Accounts to choose from: one's own before all others."""
        seen = Account.objects.visible_to(self.user).open()
        mine = list(seen.filter(coverage__in=self.user.holdings()).distinct()[:CHOICES])
        rest = seen.exclude(pk__in=[account.pk for account in mine])[: CHOICES - len(mine)]
        chosen = [self.chosen] if self.chosen else []
        return sorted({*mine, *rest, *chosen}, key=lambda account: account.name.casefold())

    @property
    def text_now(self) -> str:
        return plain_words(self["text"].value() or "")

    def preview(self, account: Account) -> NotePreview:
        return NotePreview.of(account, self.text_now, by=self.user, right=self.sent("past"))

    def sent(self, name: str) -> list[str]:
        """What the chips sent along with the form."""
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []

    def save(self, preview: NotePreview) -> Note:
        return save(preview, kind=self.cleaned_data["kind"], at=self.cleaned_data["at"])


class RetractForm(VerbForm):
    because = because("Why do you take it back?", "It stays readable, struck through, with this reason.")
