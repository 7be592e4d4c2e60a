"""What the oracle says: may this person read this mark, and may they have changed this row?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from django.test import override_settings

from accounts.mail.inbound import receive
from accounts.models import Letter, Refused, User
from config.celery import app

from .addresses import Thing
from .marks import account_of, marks_in, our_models
from .relations import ANONYMOUS, OUR_MAIL_SERVER, answer_to

#: Rows that say who is signed in or what was done, and belong to no account.
MACHINERY = {"accounts_session", "handoffs_jobrun"}
#: What belongs to the house, and only operations change.
OF_THE_HOUSE = {"accounts_topic", "accounts_organisation", "handoffs_templateitem"}


@dataclass(frozen=True, order=True)
class Leak:
    """Somebody got or did what is not theirs."""

    who: str
    method: str
    url: str
    what: str


#: Who has no sign-in is told by letter of their own account who hands over to whom, and why, and nothing else.
TOLD_BY_LETTER = """
    SELECT m.n FROM probe.mark m JOIN accounts_letter l ON l.id = %s
    LEFT JOIN handoffs_recipient r ON r.letter_id = l.id
    LEFT JOIN handoffs_handoff h ON h.id = r.handoff_id
    WHERE m.tab = 'accounts_letter' AND m.pk = l.id::text
       OR m.tab = 'accounts_account' AND m.col = 'name' AND m.pk = l.account_id::text
       OR m.tab = 'accounts_contact' AND m.col = 'name' AND m.pk = l.contact_id::text
       OR m.tab = 'accounts_user' AND m.col = 'name' AND m.pk IN (h.outgoing_id::text, h.incoming_id::text)
       OR m.tab = 'handoffs_transition' AND m.col = 'because' AND m.pk = h.transition_id::text
"""


class Judge:
    """The oracle's answers, asked once for each person of the world as it stands, and kept."""

    def __init__(self, owner: psycopg.Connection[tuple[object, ...]], people: Mapping[str, User]) -> None:
        self.people = people
        self.keys = {name: user.pk for name, user in people.items()}
        owner.execute("GRANT USAGE ON SCHEMA probe TO PUBLIC")
        owner.execute("GRANT SELECT ON ALL TABLES IN SCHEMA probe TO PUBLIC")
        self.readable = {name: self.numbers("may_read", name) for name in people}
        self.readable_there = {name: self.numbers("staff_may_read_there", name) for name in people}
        self.accounts = {name: self.numbers("accounts", name) for name in [*people, ANONYMOUS]}
        self.changeable = {name: self.numbers("may_change", name) for name in [*people, ANONYMOUS]}
        self.changeable_people = {
            name: self.numbers("may_change_people", name) for name in [*people, ANONYMOUS]
        }
        self.runs = {name: self.numbers("transitions", name) for name in [*people, ANONYMOUS]}
        self.changing = {name: self.numbers("accounts_changing", name) for name in [*people, ANONYMOUS]}
        self.once = {name: self.numbers("handoffs_once", name) for name in [*people, ANONYMOUS]}
        self.last_account, self.last_user = max(self.accounts["omar"]), self.newest("accounts_user")
        self.last_letter = self.newest("accounts_letter")
        ((self.planted,),) = self.rows("SELECT count(*) FROM probe.mark")
        self.changed_rows = " UNION ALL ".join(self.look_for_changes())

    @staticmethod
    def rows(statement: str, *given: int | list[int]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, given)
            return list(cursor.fetchall())

    def numbers(self, function: str, who: str) -> set[int]:
        if who not in self.keys:
            return set()
        return {row[0] for row in self.rows(f"SELECT probe.{function}(%s)", self.keys[who])}

    def newest(self, table: str) -> int:
        (row,) = self.rows(f"SELECT coalesce(max(id), 0) FROM {table}")
        return int(row[0])

    # ---- Reading

    def not_allowed(self, who: str, seen: set[int], *, of_handoffs: bool, changed: bool = False) -> set[int]:
        """Those of the marks that this person may not read. After a change they may read what it made theirs."""
        wrong = seen - self.readable.get(who, set())
        if wrong and of_handoffs:
            wrong -= self.readable_there.get(who, set())
        if wrong and changed:
            wrong -= self.numbers("may_read", who)
            wrong -= self.numbers("staff_may_read_there", who) if of_handoffs else set()
        return wrong

    def in_words(self, marks: set[int]) -> set[str]:
        """The columns in which these marks were planted."""
        if not marks:
            return set()
        found = self.rows(
            "SELECT DISTINCT tab || '.' || col || ' of ' || CASE account WHEN 0 THEN coalesce("
            " (SELECT name FROM accounts_user u WHERE tab = 'accounts_user' AND u.id::text = pk), 'row ' || pk)"
            " ELSE (SELECT split_part(name, ' ', 1) FROM accounts_account a WHERE a.id = account) END"
            " FROM probe.mark WHERE n = ANY (%s)",
            list(marks),
        )
        return {row[0] for row in found}

    # ---- Changing

    def look_for_changes(self) -> Iterator[str]:
        """SQL for the rows of each table that this transaction wrote."""
        for model in our_models():
            table, key = model._meta.db_table, model._meta.pk
            if table in MACHINERY or hasattr(model, "pgh_tracked_model"):
                continue
            account = account_of(model) or "0"
            about = {
                "accounts_user": "coalesce(t.reports_to_id, 0)",
                "accounts_importbatch": "t.created_by_id",
                "accounts_importfile": "(SELECT b.created_by_id FROM accounts_importbatch b WHERE b.id = t.batch_id)",
                "accounts_importmapping": "t.saved_by_id",
                "accounts_importrow": "(SELECT b.created_by_id FROM accounts_importfile f"
                " JOIN accounts_importbatch b ON b.id = f.batch_id WHERE f.id = t.file_id)",
                "accounts_export": "t.by_id",
                "accounts_exportpart": "(SELECT e.by_id FROM accounts_export e WHERE e.id = t.export_id)",
                "accounts_exportdownload": "(SELECT e.by_id FROM accounts_export e WHERE e.id = t.export_id)",
                "handoffs_transition": "t.opened_by_id",
                "handoffs_approval": "coalesce(t.transition_id, 0)",
                "accounts_obligation": "CASE WHEN t.kind = 'repair' THEN t.raised_by_id ELSE 0 END",
                "accounts_entry": "coalesce((SELECT CASE WHEN o.kind = 'repair' THEN o.raised_by_id ELSE 0 END"
                " FROM accounts_obligation o WHERE o.id = t.obligation_id), 0)",
            }.get(table, "0")
            yield (
                f"SELECT '{table}', t.\"{key.column}\"::text, coalesce({account}, 0)::bigint, ({about})::bigint"
                f" FROM {table} t WHERE t.xmin::text::bigint >= %(first)s"
            )

    def changes(self, who: str, url: str) -> set[str]:
        """The changes of this transaction that are not this person's to make, in words."""
        ((first,),) = self.rows("SELECT pg_current_xact_id_if_assigned()::text::bigint")
        if first is None:
            return set()
        with connection.cursor() as cursor:
            cursor.execute(self.changed_rows, {"first": int(first)})
            rows = cursor.fetchall()
        found = {f"changed {table}" for table, *row in rows if not self.may(who, table, *row)}
        for letter in Letter.objects.filter(
            pk__in=[key for table, key, *_ in rows if table == "accounts_letter"]
        ):
            found |= {
                f"wrote a letter to somebody who may not read {what}" for what in self.too_much_in(letter)
            }
        return found

    def relation(self, who: str, table: str, thing: Thing) -> str:
        """In which relation a row is to this person: one of each is asked for."""
        if thing.account in self.accounts[who]:
            return "theirs"
        if thing.account in self.changing[who]:
            return "about to be theirs"
        if table == "handoffs_handoff" and int(thing.keys[0]) in self.once[who]:
            return "once theirs"
        if table == "handoffs_transition" and int(thing.keys[0]) in self.runs[who]:
            return "theirs"
        return "another's" if thing.account else "nobody's"

    def may(self, who: str, table: str, key: str, account: int, about: int) -> bool:
        me = self.keys.get(who, 0)
        if table == "accounts_user":
            theirs = self.changeable_people[who]
            added = int(key) > self.last_user and (about in theirs or self.may_change(who, account))
            return int(key) in theirs or added
        if table in OF_THE_HOUSE:
            return who == "omar"
        if table.startswith("accounts_import"):
            return about == me or who == "omar"
        if table.startswith("accounts_export"):
            return about == me
        if table == "handoffs_transition" and not account:
            return about == me or int(key) in self.runs[who]
        if table == "handoffs_approval" and not account:
            return about in self.runs[who]
        if table == "accounts_letter":
            return True  # judged by what it says
        if not account or account > self.last_account:
            return True  # one that they have just made
        reported = table in {"accounts_obligation", "accounts_entry"} and about == me != 0
        return self.may_change(who, account) or reported

    def may_change(self, who: str, account: int) -> bool:
        return account in self.changeable[who]

    # ---- Mail

    def answered(self, who: str, letter: Letter) -> set[str]:
        """What an answer to this letter from this person's address changed that is not theirs to change."""
        with override_settings(MAIL_AUTHENTICATED_BY=OUR_MAIL_SERVER):
            try:
                receive(answer_to(letter))
            except Refused:
                return set()
        # a mail waits until a person looks at it, with what it was read from
        return self.changes(who, "mail") - {"changed accounts_heldmail", "changed accounts_original"}

    def letters(self) -> Iterator[tuple[str, str]]:
        """What a letter says that whoever gets it may not read."""
        for line in app.conf.beat_schedule.values():
            app.tasks[line["task"]]()
        names = {key: name for name, key in self.keys.items()}
        for letter in Letter.objects.select_related("to", "signed_by").order_by("pk"):
            reads = letter.their_contact and self.readable.get(names.get(letter.to_id or 0, ""))
            if letter.pk > self.last_letter or reads:
                for what in self.too_much_in(letter):
                    yield names.get(letter.to_id or 0, str(letter.reader)), what

    def too_much_in(self, letter: Letter) -> set[str]:
        """What a letter says that its reader may not read."""
        mail = letter.as_mail()
        said = f"{mail.subject} {mail.body} {mail.from_email} {mail.reply_to}"
        readable = self.rows(
            "SELECT probe.may_read(%s)"
            " UNION SELECT n FROM probe.mark WHERE tab = 'accounts_user' AND pk = %s::text"  # who signs is named
            " AND col IN ('name', 'title', 'email')",
            letter.to_id or 0,
            letter.signed_by.pk,
        )
        readable += self.rows(TOLD_BY_LETTER, letter.pk) if letter.contact_id else []
        return self.in_words(marks_in(said) - {row[0] for row in readable})
