"""A customer's answer by mail -> an entry on their account. Every letter can be answered (law 8).

The mail server hands each message for `REPLIES_TO` to `manage.py receive_mail` (RFC 5322). Which letter it answers is
read from the identifiers that a mail program sends back: ours are signed, so nobody can guess one.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

from django.db import IntegrityError, transaction
from django.utils.html import strip_tags
from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES

from accounts.models import Entry, Letter, Refused
from accounts.models.base import refuse_if, require_words
from accounts.rules import clocks

LONGEST = 100_000
LANGUAGES = [language for language in MAIL_LANGUAGES if len(language) == 2]


def receive(raw: bytes) -> Entry:
    """Record a customer's answer to a letter on their account, in their words, without what it quotes.

    The same message again gives the same entry. `Refused` says why a message cannot be taken.
    """
    message = email.message_from_bytes(raw, policy=email.policy.default)
    letter = letter_answered(message)
    address = parseaddr(str(message.get("From", "")))[1].lower()
    contact = letter.to.contact if letter else None
    refuse_if("This answers no letter of ours. Please write to the person directly." if not contact else None)
    assert letter
    assert contact
    theirs = {letter.to.email.lower(), contact.email.lower()} - {""}
    elsewhere = "It comes from another address than the one that the letter went to."
    refuse_if(None if address in theirs else elsewhere)
    words = require_words(said(message), "There are no words in this message.")
    account = contact.account.merged_into or contact.account
    named = str(message.get("Message-ID") or f"{letter.pk} {words}")
    known = {"external_id": f"mail:{hashlib.sha256(named.encode(errors='replace')).hexdigest()}"}
    if before := Entry.objects.filter(**known).first():
        return before
    try:
        with transaction.atomic():
            return Entry.record(
                account,
                Entry.Kind.EMAIL,
                words,
                by=contact,
                at=written_at(message),
                contacts=[contact],
                subject=f"Answer to “{letter.subject}”"[:300],
                **known,
            )
    except IntegrityError:  # handed over twice at the same moment
        return Entry.objects.get(**known)


def letter_answered(message: EmailMessage) -> Letter | None:
    """The letter that the message says it answers; None when it names none, or one whose signature is not ours."""
    references = " ".join(str(message.get(name, "")) for name in ("In-Reply-To", "References"))
    return Letter.objects.named_in(references).select_related("to__contact__account__merged_into").first()


def said(message: EmailMessage) -> str:
    """The words of the message, without signature and quotation."""
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    try:
        text = str(body.get_content())
    except (LookupError, UnicodeDecodeError) as unreadable:
        raise Refused("The message is written in a way that cannot be read.") from unreadable
    if body.get_content_type() == "text/html":
        text = strip_tags(text)
    text = text.replace("\0", "")[:LONGEST]
    return str(EmailReplyParser(languages=LANGUAGES).parse_reply(text=text) or "")


def written_at(message: EmailMessage) -> datetime:
    """When they wrote it, by their own clock; never later than now."""
    now = clocks.now()
    try:
        at = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return now
    return min(at if at.tzinfo else at.replace(tzinfo=UTC), now)
