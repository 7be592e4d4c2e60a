"""A customer's answer by mail -> an entry on their account. Every letter can be answered (law 8).

The mail server hands each message for `REPLIES_TO` to `manage.py receive_mail` (RFC 5322). Which letter it answers is
read from the identifiers that a mail program sends back: ours are signed, so nobody can guess one. Who wrote it is
believed when our mail server vouches for the sender (see `proof`); otherwise a person looks at it first.
"""

from __future__ import annotations

import hashlib
from email.utils import parseaddr

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import Contact, Entry, HeldMail, Letter, Refused
from accounts.models.base import database_now, refuse_if, require_words

from .proof import is_proven
from .reading import Mail

#: So many mails in answer to one letter wait for a person; a loop of machines ends there.
MOST_HELD = 20


class Unanswered(Refused):
    """A machine sent it, and it is not kept: nothing is sent back, or two machines might never stop."""


def receive(raw: bytes) -> Entry | HeldMail:
    """Record a customer's answer to a letter on their account, in their words, without what it quotes.

    Without a proof of who wrote it, it is held for a person to look at. The same message again gives the same row.
    `Refused` says why a message cannot be taken.
    """
    mail = Mail.read(raw)
    letter = letter_answered(mail)
    contact = letter.their_contact if letter else None
    if mail.is_automatic and not contact:
        raise Unanswered("A machine sent this, and it answers no letter of ours.")
    refuse_if("This answers no letter of ours. Please write to the person directly." if not contact else None)
    assert letter
    assert contact
    theirs = {letter.reader.email.lower(), contact.email.lower()} - {""}
    elsewhere = "It comes from another address than the one that the letter went to."
    refuse_if(None if mail.sender in theirs or mail.is_automatic else elsewhere)
    words = require_words(mail.words, "There are no words in this message.")
    named = f"{letter.pk} {mail.message_id} {words}"
    external_id = f"mail:{hashlib.sha256(named.encode()).hexdigest()}"
    try:
        with transaction.atomic():
            return kept(external_id) or keep(mail, letter, contact, words, external_id)
    except IntegrityError:  # handed over twice at the same moment
        if before := kept(external_id):
            return before
        raise


def letter_answered(mail: Mail) -> Letter | None:
    """The letter that the message says it answers; None when it names none, or one whose signature is not ours."""
    letters = Letter.objects.named_in(mail.references)
    return letters.select_related(
        "to__contact__account__merged_into", "contact__account__merged_into"
    ).first()


def kept(external_id: str) -> Entry | HeldMail | None:
    known = {"external_id": external_id}
    return HeldMail.objects.filter(**known).first() or Entry.objects.filter(**known).first()


def keep(mail: Mail, letter: Letter, contact: Contact, words: str, external_id: str) -> Entry | HeldMail:
    account = contact.account.merged_into or contact.account
    if because := doubt(mail, letter, contact):
        waiting = HeldMail.objects.waiting().filter(letter=letter)
        if waiting.count() >= MOST_HELD:
            too_many = "Too many answers to this letter wait to be looked at."
            raise Unanswered(too_many) if mail.is_automatic else Refused(too_many)
        return HeldMail.objects.create(
            letter=letter,
            account=account,
            contact=contact,
            from_address=mail.sender[:320],
            text=words,
            at=mail.at,
            received_at=database_now(),
            because=because[:500],
            external_id=external_id,
        )
    return Entry.record(
        account,
        Entry.Kind.EMAIL,
        words,
        by=contact,
        at=mail.at,
        contacts=[contact],
        subject=f"Answer to “{letter.subject}”"[:300],
        external_id=external_id,
    )


def doubt(mail: Mail, letter: Letter, contact: Contact) -> str | None:
    """Why a mail cannot be taken as the contact's own words without somebody looking at it."""
    ours = {parseaddr(address)[1].lower() for address in (settings.DEFAULT_FROM_EMAIL, settings.REPLIES_TO)}
    if mail.sender in ours:
        return "It comes from our own address."
    if mail.is_automatic:
        return "A machine sent it: an automatic answer, or word that the letter did not arrive."
    if contact.left_on or (letter.to and not letter.to.is_active):
        return f"{contact} has left, or has no access any more."
    if shared := contact.shared_with(mail.sender).filter(account=contact.account_id).first():
        return f"{shared} reads the same address: who wrote it has to be told from the words."
    if not is_proven(mail.authentication, mail.sender):
        return f"Nothing proves that {mail.sender} sent it."
    return None
