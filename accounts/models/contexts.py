"""What weighs on somebody at a customer for a while."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q

from accounts.rules import clocks

from .base import Frozen, Refused, database_now, refuse_if, require_words, verb
from .fields import LineField
from .organisation import today
from .users import User

if TYPE_CHECKING:
    from .contacts import Contact

A_YEAR = timedelta(days=365)


class ContextQuerySet(models.QuerySet["Context"]):
    def visible_to(self, user: User) -> ContextQuerySet:
        """What weighs on somebody is ours to know: to a customer there is none."""
        if user.is_customer:
            return self.none()
        return self.filter(
            contact__account__in=apps.get_model("accounts", "Account")._default_manager.visible_to(user)
        )

    def lasting(self, day: Any) -> ContextQuerySet:
        """What still holds on a day."""
        ended = Exists(ContextEnd.objects.filter(context=OuterRef("pk")))
        return self.filter(~ended, until__gte=day).order_by("until", "pk")


class Context(Frozen):
    """What weighs on a contact for a while: a new boss, a first big purchase. Internal, and it ends by itself."""

    contact = models.ForeignKey("accounts.Contact", on_delete=models.PROTECT, related_name="contexts")
    text = LineField(max_length=300)
    until = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ContextQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            # a day more than a year: the organisation's calendar may be a day ahead of this one
            models.CheckConstraint(
                name="context_ends_within_a_year",
                condition=Q(
                    until__lte=Func(
                        F("at"),
                        template="((%(expressions)s AT TIME ZONE 'UTC')::date + 367)",
                        output_field=models.DateField(),
                    )
                ),
            )
        ]

    def __str__(self) -> str:
        return self.text

    @classmethod
    @verb
    def note(cls, contact: Contact, text: str, until: date, *, by: User) -> Context:
        """Write down what weighs on somebody, and until when it will matter."""
        text = require_words(text, "Write what weighs on them.")
        day = today()
        refuse_if(
            "Choose a day in the future, until which it matters." if until < day else None,
            "It ends within a year: choose an earlier day. What lasts longer is a fact about the account."
            if until > day + A_YEAR
            else None,
            f"{contact} was erased." if contact.erased_at else None,
        )
        return cls.objects.create(contact=contact, text=text, until=until, by=by, at=database_now())

    @verb
    def end(self, *, by: User) -> ContextEnd:
        """It matters no longer, before its day."""
        if self.until < today() or ContextEnd.objects.filter(context=self).exists():
            raise Refused("It has ended already.")
        return ContextEnd.objects.create(context=self, by=by)


class ContextEnd(Frozen):
    """Somebody said that a context matters no longer."""

    context = models.OneToOneField(Context, on_delete=models.PROTECT, related_name="ended")
    at = models.DateTimeField(default=clocks.now, editable=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
