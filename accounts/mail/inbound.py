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

from accounts.models import Contact, Entry, HeldMail, Letter, Original, Refused
from accounts.models.base import database_now, refuse_if, require_words

from .proof import is_proven
from .reading import Mail

#: So many mails in answer to one letter wait for a person; a loop of machines ends there.
MOST_HELD = 20
ELSEWHERE = "It comes from another address than the one that the letter went to."


class Unanswered(Refused):
    """A machine sent it, and it is not kept: nothing is sent back, or two machines might never stop."""


def receive(raw: bytes) -> Entry | HeldMail:
    """Record a customer's answer to a letter on their account, in their words, without what it quotes.

    What a program sent is nobody's words and no contact: it is on the account as that. Without a proof of who sent it,
    a mail is held for a person to look at, and so is word that a letter did not arrive. The same message again gives
    the same row. `Refused` says why a message cannot be taken.
    """
    mail = Mail.read(raw)
    letter = letter_answered(mail)
    contact = letter.their_contact if letter else None
    if mail.automatic and not contact:
        raise Unanswered("A machine sent this, and it answers no letter of ours.")
    refuse_if("This answers no letter of ours. Please write to the person directly." if not contact else None)
    assert letter
    assert contact
    refuse_if(None if mail.sender in theirs(letter, contact) or mail.automatic else ELSEWHERE)
    words = require_words(
        mail.words or (mail.quoted if mail.automatic else ""), "There are no words in this message."
    )
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


def theirs(letter: Letter, contact: Contact) -> set[str]:
    """The addresses from which an answer to the letter may come."""
    return {letter.reader.email.lower(), contact.email.lower()} - {""}


def kept(external_id: str) -> Entry | HeldMail | None:
    known = {"external_id": external_id}
    return HeldMail.objects.filter(**known).first() or Entry.objects.filter(**known).first()


def keep(mail: Mail, letter: Letter, contact: Contact, words: str, external_id: str) -> Entry | HeldMail:
    account = contact.account.merged_into or contact.account
    row: Entry | HeldMail
    if because := doubt(mail, letter, contact):
        refuse_more(mail, letter)
        row = HeldMail.objects.create(
            letter=letter,
            account=account,
            contact=contact,
            from_address=mail.sender[:320],
            text=words,
            at=mail.at,
            received_at=database_now(),
            because=because[:500],
            automatic=bool(mail.automatic),
            external_id=external_id,
        )
    elif mail.automatic:
        refuse_more(mail, letter)
        row = Entry.objects.create(
            account=account,
            kind=Entry.Kind.AUTOMATIC,
            text=words,
            author_name=mail.sender,
            at=mail.at,
            subject=automatic_subject(letter),
            external_id=external_id,
        )
    else:
        row = Entry.record(
            account,
            Entry.Kind.EMAIL,
            words,
            by=contact,
            at=mail.at,
            contacts=[contact],
            subject=f"Answer to “{letter.subject}”"[:300],
            external_id=external_id,
        )
    Original.of_mail(row, mail.raw, mail.quoted)
    return row


def automatic_subject(letter: Letter) -> str:
    return f"Automatic answer to “{letter.subject}”"[:300]


def refuse_more(mail: Mail, letter: Letter) -> None:
    """Refuse what two machines send each other without end."""
    away = Entry.objects.filter(kind=Entry.Kind.AUTOMATIC, subject=automatic_subject(letter))
    held = HeldMail.objects.waiting().filter(letter=letter).count()
    if held + (away.count() if mail.automatic else 0) >= MOST_HELD:
        too_many = "Too many answers to this letter wait to be looked at."
        raise Unanswered(too_many) if mail.automatic else Refused(too_many)


def doubt(mail: Mail, letter: Letter, contact: Contact) -> str | None:
    """Why a mail cannot be taken as what it says it is without somebody looking at it."""
    ours = {parseaddr(address)[1].lower() for address in (settings.DEFAULT_FROM_EMAIL, settings.REPLIES_TO)}
    if mail.sender in ours:
        return "It comes from our own address."
    if mail.automatic == "bounce":
        return "A machine sent it: word that the letter did not arrive."
    if mail.sender not in theirs(letter, contact):
        return f"A machine sent it. {ELSEWHERE}"
    if contact.left_on or (letter.to and not letter.to.is_active):
        return f"{contact} has left, or has no access any more."
    if shared := contact.shared_with(mail.sender).filter(account=contact.account_id).first():
        return f"{shared} reads the same address: who wrote it has to be told from the words."
    if not is_proven(mail.authentication, mail.sender):
        machine = "A machine sent it, and nothing" if mail.automatic else "Nothing"
        return f"{machine} proves that {mail.sender or 'anybody'} sent it."
    return None
