"""One message as it comes from the mail server -> what we need of it, or a sentence why it cannot be read.

Its size, its parts and its headers are counted before any of them is looked at: the parsers of mail search the same
text once for every level, part or blank, and a message that is made for it would keep them busy for hours. Headers are
read as they were sent, for what a newer parser reads into a damaged one may be somebody else's address.
"""

from __future__ import annotations

import email
import email.policy
import html
import re
from codecs import getincrementaldecoder, lookup
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from mailparser_reply.constants import MAIL_LANGUAGES
from mailparser_reply.parser import EmailMessage as Replies

from accounts.models import Refused
from accounts.models.base import refuse_if
from accounts.rules import clocks
from accounts.rules.lines import one_line, plain_words

from .proof import bare

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
ADDRESS = re.compile(r"[^<>,;:@]*<\s*([^<>,;:@\s]+@[^<>,;:@\s]+)\s*>|([^<>,;:@\s]+@[^<>,;:@\s]+)")
#: Python knows these as encodings of text, and no mail is written in one.
NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape"}
UNREADABLE = "The message is written in a way that cannot be read."

QUOTATION = Replies(text="", languages=[one for one in MAIL_LANGUAGES if len(one) == 2]).HEADER_REGEX
"""How the many mail programs introduce what they quote. Looked for in lines of a bounded length, and not many."""
LONGEST_OUTLINE, MOST_OUTLINED = 160, 1_500
NOT_SHOWN = ("script", "style", "head", "title")
NEW_LINE = ("br", "p", "/p", "div", "/div", "li", "tr", "/tr", "blockquote", "h1", "h2", "h3")


@dataclass(frozen=True)
class Mail:
    """`sender`: one address in small letters, or empty. `references`: the identifiers of what it answers."""

    sender: str
    references: str
    message_id: str
    at: datetime
    words: str
    is_automatic: bool
    authentication: str  # what the mail server found out about who sent it; see `proof`

    @classmethod
    def read(cls, raw: bytes) -> Mail:
        """Read a message. `Refused` says why it cannot be."""
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        check_limits(raw)
        try:
            return cls.of(email.message_from_bytes(raw, policy=email.policy.compat32))
        except Refused:
            raise
        except Exception as error:  # on a damaged message the parser raises whatever it likes
            raise Refused(UNREADABLE) from error

    @classmethod
    def of(cls, message: Message) -> Mail:
        doubled = [name for name in ONCE if len(message.get_all(name, [])) > 1]
        refuse_if(*(f"The message has more than one {name}." for name in doubled))
        references = " ".join(every(message, "In-Reply-To") + every(message, "References"))
        return cls(
            sender=address_in(first(message, "From")),
            references=references,
            message_id=first(message, "Message-ID"),
            at=written_at(first(message, "Date")),
            words=words_of(message),
            is_automatic=is_automatic(message),
            authentication=first(message, "Authentication-Results"),
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


# ---- Headers


def every(message: Message, name: str) -> list[str]:
    return [one_line(str(value)) for value in message.get_all(name, [])]


def first(message: Message, name: str) -> str:
    return next(iter(every(message, name)), "")


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


def is_automatic(message: Message) -> bool:
    """Whether a machine sent it: an out-of-office answer, a mailing list, word that a letter did not arrive."""
    sender = address_in(first(message, "From")).partition("@")[0]
    return (
        first(message, "Auto-Submitted").partition(";")[0].strip().lower() not in {"", "no"}
        or first(message, "Precedence").lower() in {"bulk", "junk", "list", "auto_reply"}
        or first(message, "Return-Path") == "<>"
        or any(name in message for name in ("List-Id", "X-Autoreply", "X-Autorespond", "X-Failed-Recipients"))
        or message.get_content_type() in {"multipart/report", "message/delivery-status"}
        or sender in {"mailer-daemon", "postmaster"}
    )


# ---- Words


def words_of(message: Message) -> str:
    """The words of the message, without what it quotes; those for people who read no HTML, if there are any."""
    found = {part.get_content_type(): part for part in reversed(list(texts(message)))}
    if plain := found.get("text/plain"):
        return answer(text_of(plain))
    if page := found.get("text/html"):
        return answer(without_tags(text_of(page)))
    return ""


def texts(message: Message) -> Iterator[Message]:
    """Its texts, first things first; not what is attached, nor what stands in a message that is."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if part.get_content_disposition() == "attachment":
            continue
        inside = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inside, list):
            waiting += [inner for inner in reversed(inside) if isinstance(inner, Message)]
        elif part.get_content_maintype() == "text":
            yield part


def text_of(part: Message) -> str:
    """A text in the letters that it says it is written in; where it is not, in those that it is likely to be."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    charset = part.get_content_charset("utf-8")
    try:
        b"".decode(charset)  # fails for what Python knows and is no text, such as zlib
        refuse_if(UNREADABLE if lookup(charset).name in NO_CHARSETS else None)
    except (LookupError, ValueError) as unknown:
        raise Refused(UNREADABLE) from unknown
    most = 8 * LONGEST
    for name in (charset, "utf-8"):
        try:
            text = getincrementaldecoder(name)().decode(data[:most], final=len(data) <= most)
            return plain_words(text)[: 2 * LONGEST]
        except UnicodeDecodeError:
            continue
    return plain_words(data[:most].decode("cp1252", errors="replace"))[: 2 * LONGEST]


def answer(text: str) -> str:
    """What stands above the first quotation; all of it where they answer below or between the lines."""
    lines = text[:LONGEST].split("\n")
    outline = "\n".join(line.strip()[:LONGEST_OUTLINE] for line in lines[:MOST_OUTLINED])
    for found in QUOTATION.finditer(outline):
        begins = found.start() + (outline[found.start()] == "\n")
        if above := "\n".join(lines[: outline.count("\n", 0, begins)]).strip():
            return above
    return "\n".join(lines).strip()


def without_tags(page: str) -> str:
    """The text of a page. One look at each tag, whatever stands in it."""
    shown: list[str] = []
    hidden = ""
    before, *rest = page.split("<")
    for piece in rest:
        tag, closed, text = piece.partition(">")
        name = tag.partition(" ")[0].lower().strip()
        if hidden:
            hidden = "" if name in {f"/{hidden}", "body"} else hidden
        elif name in NOT_SHOWN:
            hidden = name
        if not hidden and closed:
            shown.append(("\n" if name.rstrip("/") in NEW_LINE else "") + text)
    return plain_words(html.unescape(before + "".join(shown)))
