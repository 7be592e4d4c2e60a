"""One message as it comes from the mail server -> what we need of it, or a sentence why it cannot be read.

Its size, its parts and its headers are counted before any of them is looked at: the parsers of mail search the same
text once for every level, part or blank, and a message that is made for it would keep them busy for hours. Headers are
read as they were sent, for what a newer parser reads into a damaged one may be somebody else's address.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import Message

from accounts.models import Refused
from accounts.models.base import refuse_if
from accounts.rules import quotations
from accounts.rules.decoding import decoded
from accounts.rules.html_text import text_of as text_of_page
from accounts.rules.lines import plain_words

from .attachments import Attachment, is_attached, kept
from .automatic import Automatic, automatic
from .headers import address_in, every, first, written_at

LARGEST = 10_000_000  # bytes
MOST_LINES = 200_000
MOST_NESTED = 30
MOST_PARTS = 1_000
LONGEST_HEADERS, LONGEST_HEADER, LONGEST_OF_A_PART = 200_000, 20_000, 4_000
LONGEST = 100_000  # letters of an answer

CONTENT_HEADER = re.compile(rb"^content-[a-z-]+:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
HEADER = re.compile(rb"^[^\s:]+:[^\n]*(?:\n[ \t][^\n]*)*", re.MULTILINE)
#: A message has one of each, or it is not known which one is meant.
ONCE = ("From", "Message-ID", "Subject", "Date")
UNREADABLE = "The message is written in a way that cannot be read."

COULD_NOT = "This message could not be read. It is kept as it came."
NO_WORDS = "There are no words of theirs in it."


@dataclass(frozen=True)
class Mail:
    """`sender`: one address in small letters, or empty. `references`: the identifiers of what it answers."""

    sender: str
    references: str
    message_id: str
    at: datetime
    words: str  # their own, and what is attached; empty when there is nothing in it
    quoted: str  # what they quote of others
    automatic: Automatic
    authentication: str  # what the mail server found out about who sent it; see `proof`
    raw: bytes  # as it is kept
    attached: Sequence[Attachment] = ()

    @classmethod
    def read(cls, raw: bytes) -> Mail:
        """Read a message. `Refused` says why it cannot be."""
        unix = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        check_limits(unix)
        try:
            return cls.of(email.message_from_bytes(unix, policy=email.policy.compat32), raw)
        except Refused:
            raise
        except Exception as error:  # on a damaged message the parser raises whatever it likes
            raise Refused(UNREADABLE) from error

    @classmethod
    def of(cls, message: Message, raw: bytes) -> Mail:
        doubled = [name for name in ONCE if len(message.get_all(name, [])) > 1]
        refuse_if(*(f"The message has more than one {name}." for name in doubled))
        references = " ".join(every(message, "In-Reply-To") + every(message, "References"))
        words, quoted = words_of(message)
        raw, attached = kept(message, raw)
        named = "\n".join(map(str, attached))
        return cls(
            sender=address_in(first(message, "From")),
            references=references,
            message_id=first(message, "Message-ID"),
            at=written_at(first(message, "Date")),
            words=f"{words or NO_WORDS}\n\n{named}" if named else words,
            quoted=quoted,
            automatic=automatic(message),
            authentication=first(message, "Authentication-Results"),
            raw=raw,
            attached=attached,
        )


def check_limits(raw: bytes) -> None:
    """Refuse what could take long to read, before it is read. Each line costs once for each level of parts."""
    refuse_if(
        f"The message is larger than {LARGEST // 1_000_000} MB. Please send large files another way."
        if len(raw) > LARGEST
        else None
    )
    head, small = raw.partition(b"\n\n")[0], raw.lower()
    nested = small.count(b"multipart/") + small.count(b"message/")
    refuse_if(
        "The message has too many lines." if raw.count(b"\n") > MOST_LINES else None,
        "The message has too many parts within parts." if nested > MOST_NESTED else None,
        "The message has too many parts." if nested and raw.count(b"\n--") > MOST_PARTS else None,
        "The message has too long a header."
        if len(head) > LONGEST_HEADERS
        or longest(HEADER, head) > LONGEST_HEADER
        or longest(CONTENT_HEADER, raw) > LONGEST_OF_A_PART
        else None,
    )


def longest(pattern: re.Pattern[bytes], raw: bytes) -> int:
    return max((found.end() - found.start() for found in pattern.finditer(raw)), default=0)


# ---- Words


def words_of(message: Message) -> tuple[str, str]:
    """The words of the message, and apart from them what it quotes."""
    text = "\n\n".join(found for found in texts(message) if found.strip())[:LONGEST]
    return quotations.split(text)


def texts(part: Message) -> list[str]:
    """Its texts, first things first; of alternatives that for people who read no HTML, if it says anything."""
    if is_attached(part):
        return []
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        inside = part.get_payload()  # never asked of a text: it decodes by whatever letters that names
        found = [texts(inner) for inner in inside if isinstance(inner, Message)]
        if part.get_content_type() == "multipart/alternative":
            return next((some for some in found if "".join(some).strip()), [])
        return [text for some in found for text in some]
    if part.get_content_type() not in {"text/plain", "text/html"}:
        return []
    return [text_of(part)]


def text_of(part: Message) -> str:
    data = part.get_payload(decode=True)
    text = decoded(data, part.get_content_charset(""), most=8 * LONGEST) if isinstance(data, bytes) else ""
    if text is None:
        return COULD_NOT
    text = plain_words(text)
    shown = text_of_page(text[: 4 * LONGEST]) if part.get_content_type() == "text/html" else text
    return shown[: 2 * LONGEST]
