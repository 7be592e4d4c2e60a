from __future__ import annotations

from datetime import date
from typing import Unpack

from django import forms

from accounts.calendars.reading import MOST_BYTES
from accounts.models import Account, Ask, Cadence, Obligation, User, Verdict, today
from accounts.models.organisation import validate_time_zone

from .base import (
    AtAnHour,
    ContactForAccountForm,
    FieldValues,
    FormData,
    FormOptions,
    UploadField,
    VerbForm,
    because,
    day,
    hour,
    one_of,
    one_of_theirs,
    words,
)


class ObligationForm(ContactForAccountForm):
    kind = one_of("What is it?", Obligation.Kind, initial=Obligation.Kind.PROMISE)
    text = words("The exact words", "As they were said. They outlive whoever said them.")
    contact = one_of_theirs("To whom, or who raised it", "nobody in particular")
    due = day("By when", "A promise needs a date.", required=False)
    urgency = forms.ChoiceField(choices=Obligation.Urgency.choices, initial=Obligation.Urgency.NORMAL)
    stretch = forms.BooleanField(label="A stretch: we said we would try", required=False)
    shared = forms.BooleanField(label="Show it on their page from now on", required=False)


class MeetingForm(ContactForAccountForm, AtAnHour):
    text = because("What is it about?", "Such as: the first quarter, with their new controller.")
    contact = one_of_theirs("With whom?", "nobody in particular")
    on = day("On which day?")
    hour = hour("At what hour?")

    def __init__(self, data: FormData = None, *, account: Account, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, account=account, **options)
        self.zone = account.zone
        self.fields["hour"].help_text = f"By the clock where they are ({account.time_zone})."

    def clean(self) -> FieldValues:
        given = super().clean() or self.cleaned_data
        if given.get("on") and given.get("hour"):
            given["starts_at"] = self.instant(given["on"], given["hour"])
        return given

    @property
    def planned(self) -> FieldValues:
        """What `Obligation.plan_meeting` takes."""
        return {name: self.cleaned_data[name] for name in ("text", "contact", "starts_at")}


class MoveObligationForm(AtAnHour):
    to = day("To")
    hour = hour("At", required=False)
    because = because("Because", "They see the reason when the line is shared.")

    def __init__(
        self, data: FormData = None, *, obligation: Obligation, **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **options)
        self.zone = obligation.account.zone
        if obligation.kind != Obligation.Kind.VISIT:
            del self.fields["hour"]
        elif obligation.starts_at:
            self.initial.update(to=obligation.due, hour=obligation.hour)
        if "hour" in self.fields:
            hint = f"By the clock where they are ({obligation.account.time_zone}). Without one, only the day is set."
            self.fields["hour"].help_text = hint

    def clean(self) -> FieldValues:
        """`to` becomes an instant when an hour is given."""
        given = super().clean() or self.cleaned_data
        hour, _ = given.pop("hour", None), given.pop("which", None)
        if hour and given.get("to"):
            given["to"] = self.instant(given["to"], hour)
        return given


class AnswerObligationForm(VerbForm):
    text = words("The answer", "It closes when they agree, or lapses in two weeks.", rows=3)


class DecideForm(VerbForm):
    decision = one_of("We say", Obligation.Decision)
    because = because("Because", "A no without a reason is no answer.")


class AgreeForm(ContactForAccountForm):
    contact = one_of_theirs("Who agreed?", "Choose one of their people", required=True)
    words = words("Their words", "You record it for them; it is shown as reported by us.", rows=2)


class ReopenObligationForm(VerbForm):
    because = because("What is still missing?", "The second time, it goes to the manager by itself.")


class MakeGoodForm(VerbForm):
    text = words("What was done", "The customer reads it when the line is shared.", rows=3)


class EscalateForm(VerbForm):
    because = because("Why does it need their manager?", "A letter goes to them by name, once.")


class DropForm(VerbForm):
    because = because("Why is it dropped?")


class DeclineForm(VerbForm):
    note = because("Why does it stay?", "Whoever asked reads this.")


class CalendarForm(VerbForm):
    file = UploadField(
        label="Calendar file",
        help_text="An .ics file, as Outlook, Google and Apple export it. At most 5 MB.",
        accept=".ics,text/calendar",
        most_bytes=MOST_BYTES,
    )
    zone = forms.CharField(
        label="Hours without a time zone are meant in",
        help_text="Write it like Europe/Berlin.",
        validators=[validate_time_zone],
    )


class LetBeForm(VerbForm):
    because = because("Because", "Such as: they are on their summer break.")
    until = day("Until", "On that day it is due again, with you.")

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until <= today():
            raise forms.ValidationError("Choose a day in the future.")
        return until


class IncidentForm(VerbForm):
    """Anybody may report on any customer whose exact name they know. They learn nothing but that it is one of ours."""

    account = forms.CharField(
        label="With which customer?",
        max_length=255,
        help_text="Their exact name. You need not serve them.",
    )
    text = words("What went wrong?", "In plain words: what happened, and to whom.")
    severity = one_of("How bad is it for them?", Obligation.Severity)
    obstacle = forms.ChoiceField(
        label="Does something of ours stand in the way of doing business?",
        choices=[("", "No"), *Obligation.Obstacle.choices],
        required=False,
        help_text="Obstacles are counted across all accounts.",
    )

    def __init__(self, data: FormData = None, *, user: User, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, **options)
        self.user = user

    def clean_account(self) -> Account:
        """The open account of that name; of several, the one that this person sees."""
        found = Account.objects.open().called(self.cleaned_data["account"])
        named = list(found.visible_to(self.user)[:2]) or list(found[:2])
        if not named:
            raise forms.ValidationError("No customer of ours is called exactly so. Look at the spelling.")
        if len(named) > 1:
            raise forms.ValidationError("More than one customer is called so. Ask operations to report it.")
        return named[0]


class AskCustomerForm(ContactForAccountForm):
    kind = one_of("What do we ask for?", [(kind, Ask.Kind(kind).label) for kind in Ask.BY_HAND])
    what = words(
        "In which words?", "Everybody who serves them sees it, and so do they, on their page.", rows=3
    )
    contact = one_of_theirs("Whom do we ask?", "nobody in particular")


class CadenceForm(VerbForm):
    role = forms.ChoiceField(label="Who visits?", choices=Cadence.ROLES)
    every_days = forms.IntegerField(label="Every how many days?", min_value=1, max_value=1000, initial=90)


class HandForm(VerbForm):
    colleague = forms.ModelChoiceField(
        User.objects.can_serve(), label="To whom?", empty_label="Choose a colleague"
    )
    because = because("Why?", required=False)


class ReportVerdictForm(ContactForAccountForm):
    """What a customer said to one of us."""

    contact = one_of_theirs("Who said so?", "Choose one of their people", required=True)
    answer = one_of("Would they make the same choice?", Verdict.Answer)
    words = words("Their words", "You report it for them; it is shown as reported by us.", rows=3)
