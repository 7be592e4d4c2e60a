"""Who the probe is, what becomes of letters to them, and what seldom happens to rows of theirs."""

from __future__ import annotations

from email.message import EmailMessage

from accounts.models import Letter

#: Each person of the probe, and in which relation they are to an account.
RELATIONS = {
    "olivia": "owner",
    "per": "past owner",
    "inka": "incoming, who may read already",
    "ivo": "incoming, who may not read yet",
    "ines": "back-up",
    "stan": "stand-in whose handoff was taken back",
    "rika": "receiver who refused",
    "rolf": "receiver who was replaced",
    "nils": "rep of another branch",
    "uwe": "rep who serves nobody",
    "mona": "manager of another branch",
    "rosa": "manager who gains one account and once decided on another",
    "max": "manager",
    "petra": "manager above",
    "omar": "operations",
    "gerd": "deactivated",
    "carla": "customer",
    "dara": "customer of another account",
    "pia": "contact who has left their company",
    "bo": "contact whose invitation was ended",
}
ANONYMOUS = "anonymous"
OUR_MAIL_SERVER = "mail.vendor.example"


#: What only an outage or somebody's hesitation writes.
WHAT_SELDOM_HAPPENS = {
    "accounts_letter": "failed_because = 'The mail server was away', address = 'other@acme.example', sent_at = NULL,"
    " held_because = 'They do not know him yet',"
    " given_up_at = accounts_now(), given_up_by_id = signed_by_id, given_up_because = 'They have rung',"
    " next_try_at = NULL WHERE id IN (SELECT max(id) FROM accounts_letter)",
    "accounts_offboarding": "failed_because = 'The database was away'",
    "accounts_session": "browser = 'Firefox'",
    "handoffs_move": "refused_because = 'One was open already' WHERE transition_id IN"
    " (SELECT id FROM handoffs_transition WHERE cancelled_at IS NOT NULL)",
}


def answer_to(letter: Letter, words: str = "An answer of the probe") -> bytes:
    """A mail that answers the letter, from the address to which that went."""
    mail = EmailMessage()
    mail["From"], mail["To"] = letter.goes_to, "replies@vendor.example"
    mail["References"] = letter.as_mail().extra_headers["Message-ID"]
    mail["Message-ID"] = f"<{letter.pk}.{len(words)}@customer.example>"
    domain = letter.goes_to.rpartition("@")[2]
    mail["Authentication-Results"] = f"{OUR_MAIL_SERVER}; dmarc=pass header.from={domain}"
    mail.set_content(f"{words}\n\nOn Tue, 3 Mar 2026 at 10:00, somebody wrote:\n> What the probe asked")
    return bytes(mail)
