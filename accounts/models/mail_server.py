"""The mail server, and what a mail may hold: nothing here knows of a letter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formataddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected

from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address
from django.core.validators import validate_email

from accounts.rules.lines import one_line

#: Of a server that was there when a letter's turn came. Whether it still is, is looked at.
BROKEN_OFF = (SMTPServerDisconnected, ConnectionResetError, BrokenPipeError, TimeoutError)


class MailServerAway(OSError):
    """There is no connection to the mail server. It is no letter's fault, and all of them wait."""


@contextmanager
def connected() -> Iterator[BaseEmailBackend]:
    """A connection to the mail server, one for each letter; `MailServerAway` when there is none."""
    server: BaseEmailBackend = get_connection()
    try:
        server.open()
    except Exception as error:  # names, sockets, certificates, sign-in: none of it is a letter's fault
        raise MailServerAway(str(error)) from error
    try:
        yield server
    finally:
        with suppress(OSError):  # whoever has gone already cannot be told good-bye
            server.close()


def is_away(error: Exception, server: BaseEmailBackend) -> bool:
    """Whether the server went, or never came. One that breaks off at a letter and is there again has its reasons."""
    if not isinstance(error, BROKEN_OFF):
        return isinstance(error, OSError) and not isinstance(error, SMTPException)
    with suppress(OSError):
        server.close()
    try:
        server.open()
    except Exception:
        return True
    return False


def reason(error: Exception) -> str:
    """What the mail server said, or else what went wrong, in one line."""
    said: list[tuple[int, object]] = []
    if isinstance(error, SMTPRecipientsRefused):
        said = list(error.recipients.values())
    elif isinstance(error, SMTPResponseException):
        said = [(error.smtp_code, error.smtp_error)]
    answers = [
        f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
        for code, words in said
    ]
    return one_line("; ".join(answers) or str(error)) or type(error).__name__


def in_header(text: str) -> str:
    """One line, in which nothing is read as a sign that stands for another, such as a line break."""
    return one_line(text).replace("=?", "= ?")


def mailbox(name: str, email: str) -> str:
    """A name and an address for a header, in ASCII and in one line; empty when no mail can go to this address.

    A name is put right. An address is not: with a sign taken out it may be somebody else's.
    """
    try:
        validate_email(email)
        return formataddr((in_header(name), sanitize_address(("", email), "utf-8")))
    except (ValidationError, ValueError, IndexError):
        return ""
