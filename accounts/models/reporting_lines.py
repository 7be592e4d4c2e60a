"""Who stands above somebody: the line of managers upwards, and the organisation's person of last resort at its end."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from .organisation import Organisation

if TYPE_CHECKING:
    from .users import User

#: Addresses that an import invented end so: mail to them leads nowhere (RFC 2606), so nobody comes in by one.
LEADS_NOWHERE = ".invalid"


def nearest_above(person: User, barred: Container[int]) -> User | None:
    """The nearest above who can decide something, but for those with these ids.

    That is somebody who may come in and has an address to do it with; where nobody has, whoever may come in.
    """
    nearest = None
    for other in _upwards(person):
        if other.may_come_in and other.pk not in barred:
            if other.has_an_address:
                return other
            nearest = nearest or other
    return nearest


def _upwards(person: User) -> Iterator[User]:
    above = person.reports_to
    while above is not None:
        yield above
        above = above.reports_to
    read = person.last_resort_read
    if resort := read[0] if read else Organisation.get().last_resort:
        yield resort
