"""The answer to a letter that asks somebody's old address whether they have another one now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

from .base import Refused, refuse_if, verb
from .users import ADDRESS_SALT, User

#: For how long such a letter can be answered with yes.
ASKED_FOR = timedelta(days=7)


@dataclass(frozen=True)
class AddressChange:
    """What the link in the letter names: whose address it is, what it would become, and who asked."""

    person: User
    new: str
    by: User

    @classmethod
    def asked(cls, link: str) -> AddressChange:
        """`Refused` when the link is too old, not ours, or answered."""
        try:
            pk, old, new, by = signing.loads(link, salt=ADDRESS_SALT, max_age=ASKED_FOR)
        except signing.BadSignature as broken:
            raise Refused("This link is older than a week, or a part of it is missing.") from broken
        person = User.objects.filter(pk=pk, email=old).first()
        if person is None:
            raise Refused("The address has been changed already.")
        return cls(person, new, User.objects.get(pk=by))

    @verb
    def confirm(self) -> None:
        """The reader of the old address says yes."""
        person = self.person
        person.refresh_from_db(from_queryset=User.objects.select_for_update())
        refuse_if(None if person.may_come_in else f"{person} does not sign in any more.")
        person.take_address(User.objects.address_for(person, self.new), self.by)
