from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models import Exists, OuterRef

from .base import Refused, refuse_if
from .organisation import Organisation

if TYPE_CHECKING:
    from .users import User


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> UserQuerySet:
        """Those who may come in: `User.may_come_in` as a filter."""
        return self.filter(is_active=True, access_ended_at=None)

    def who_signs_in_as(self, address: str) -> User | None:
        return self.active().filter(email__iexact=address.strip()).first()

    def staff(self) -> UserQuerySet:
        return self.exclude(kind=self.model.Kind.CUSTOMER)

    def can_serve(self) -> UserQuerySet:
        """Who may be given an account: active colleagues who sell, serve or manage."""
        return self.active().filter(kind__in=[self.model.Kind.REP, self.model.Kind.MANAGER]).order_by("name")

    def linked(self) -> dict[int, User]:
        """Every colleague by id with the managers above and the person of last resort at hand.

        One query for any number of walks upwards.
        """
        resort = Exists(Organisation.objects.filter(last_resort=OuterRef("pk")))
        people: dict[int, Any] = {
            person.pk: person for person in self.staff().annotate(is_last_resort=resort)
        }
        last = next((person for person in people.values() if person.is_last_resort), None)
        for person in people.values():
            person.reports_to = people.get(person.reports_to_id or 0)
            person.last_resort_read = [last]
        return people


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # a class made by a call
    def create_user(self, email: str, name: str, **fields: object) -> User:
        user: User = self.model(email=self.normalize_email(email), name=name, **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def address_for(self, person: User, address: str) -> str:
        """The address as it is kept; `Refused` when it is none, or somebody else signs in with it."""
        address = self.normalize_email(address.strip())
        try:
            validate_email(address)
        except ValidationError as wrong:
            raise Refused(f"“{address}” is not an e-mail address.") from wrong
        taken = self.filter(email__iexact=address).exclude(pk=person.pk).exists()
        refuse_if(
            "Somebody else signs in with that e-mail address." if taken else None,
            person.contact.not_alone_at(address) if person.contact else None,
        )
        return address

    def get_by_natural_key(self, email: str | None) -> User:
        user: User = self.get(email__iexact=email)
        return user
