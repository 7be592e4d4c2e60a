"""What is attached to a message: named with it, and kept within limits with the message as it came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from accounts.limits import MB
from accounts.models.originals import MOST_KEPT

from .headers import subject_of, words

LONGEST_NAME = 120
MOST_NAMED = 50
#: What programs put into a message for each other.
OF_THE_MESSAGE = {
    "message/delivery-status", "message/disposition-notification", "text/rfc822-headers",
    "application/pgp-signature", "application/pkcs7-signature", "text/x-amp-html",
}  # fmt: skip


@dataclass(frozen=True)
class Attachment:
    """`size` in bytes. `left_out` says why it is not kept; it is when that is empty."""

    name: str
    size: int
    left_out: str = ""

    def __str__(self) -> str:
        named = f"{self.name}, {size_in_words(self.size)}"
        return f"[Left out: {named}; {self.left_out}]" if self.left_out else f"[Attached: {named}]"


def size_in_words(size: int) -> str:
    if size >= MB:
        return f"{size / MB:.1f} MB"
    return f"{size / 1024:.0f} KB" if size >= 1024 else f"{size} byte{'' if size == 1 else 's'}"


def parts_attached(message: Message) -> Iterator[Message]:
    """The parts that are attached, first things first; nothing from within a message that is."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if is_attached(part) and part is not message:
            yield part
        elif part.get_content_maintype() == "multipart" and isinstance(inside := part.get_payload(), list):
            waiting += [inner for inner in reversed(inside) if isinstance(inner, Message)]
        elif part is message and is_attached(part):
            yield part


def is_attached(part: Message) -> bool:
    """Whether somebody attached it. A picture that the page of the message shows is none, nor is a calling card."""
    kind = part.get_content_maintype()
    if part.get_content_disposition() == "attachment" or part.get_content_type() == "message/rfc822":
        return True
    if kind == "multipart" or part.get_content_type() in {"text/plain", "text/html"}:
        return False
    shown = kind == "image" and "Content-ID" in part
    return not shown and part.get_content_type() not in OF_THE_MESSAGE


def name_of(part: Message) -> str:
    if part.get_content_type() == "message/rfc822":
        inside = part.get_payload()
        inner = inside[0] if isinstance(inside, list) and inside else None
        subject = subject_of(inner) if isinstance(inner, Message) else ""
        return f"the message “{subject[:LONGEST_NAME]}”" if subject else "a message"
    name = words(part.get_filename("") or "").replace("\\", "/").rpartition("/")[2]
    return shortened(name) or f"a file without a name ({part.get_content_type()[:60]})"


def shortened(name: str) -> str:
    """A name with its ending, which says what kind of file it is."""
    stem, dot, ending = name.rpartition(".")
    if len(name) <= LONGEST_NAME or not dot or len(ending) > 10:
        return name[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def size_of(part: Message) -> int:
    data = part.get_payload(decode=True)
    return len(data) if isinstance(data, bytes) else len(part.as_bytes())


def kept(message: Message, raw: bytes) -> tuple[bytes, list[Attachment]]:
    """The message as it is kept, and what is attached to it: the largest are left out of one that is too large."""
    parts = [(part, name_of(part), size_of(part)) for part in parts_attached(message)]
    out: dict[int, str] = {}
    for part, _, size in sorted(parts, key=lambda one: -one[2]):
        if len(raw) <= MOST_KEPT:
            break
        why = f"of one message no more than {MOST_KEPT // MB} MB are kept."
        out[id(part)] = why
        raw = without(part, message, raw, f"{size} bytes; {why}")
    return raw[:MOST_KEPT], [
        Attachment(name, size, out.get(id(part), "")) for part, name, size in parts[:MOST_NAMED]
    ]


def without(part: Message, message: Message, raw: bytes, why: str) -> bytes:
    """The message without what is in one part of it."""
    del part["Content-Transfer-Encoding"]
    part.set_payload(f"Left out: {why}\n")
    try:
        return message.as_bytes()
    except (UnicodeError, LookupError, ValueError, TypeError, KeyError):  # it was damaged as it came
        return raw
