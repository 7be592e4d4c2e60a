"""The headers of a message, as they were sent: what a newer parser reads into a damaged one may be somebody else's."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from accounts.rules import clocks
from accounts.rules.decoding import decoded
from accounts.rules.lines import one_line

from .proof import bare

ADDRESS = re.compile(r"[^<>,;:@]*<\s*([^<>,;:@\s]+@[^<>,;:@\s]+)\s*>|([^<>,;:@\s]+@[^<>,;:@\s]+)")


def every(message: Message, name: str) -> list[str]:
    return [one_line(str(value)) for value in message.get_all(name, [])]


def first(message: Message, name: str) -> str:
    return next(iter(every(message, name)), "")


def subject_of(message: Message) -> str:
    """What the subject says, also where it came in letters that no header may hold."""
    raw = next((str(value) for name, value in message.raw_items() if name.lower() == "subject"), "")
    return words(decoded(raw.encode("utf-8", "surrogateescape")) or "")


def words(value: str) -> str:
    """A header of words, such as a subject or the name of a file, with its encoded parts read."""
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError):
        return one_line(value)
    read = [part if isinstance(part, str) else decoded(part, charset or "") or "" for part, charset in parts]
    return one_line("".join(read))


def address_in(header: str) -> str:
    """The one address that a From names, in small letters; empty when there is none, several, or a group."""
    found = ADDRESS.fullmatch(bare(header).strip())
    return (found[1] or found[2]).lower() if found else ""


def written_at(header: str) -> datetime:
    """When they wrote it, by their own clock; never later than now."""
    now = clocks.now()
    try:
        at = parsedate_to_datetime(header)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(at.astimezone(UTC), now) if at.year >= 2000 else now
    except (TypeError, ValueError, OverflowError, IndexError):
        return now
