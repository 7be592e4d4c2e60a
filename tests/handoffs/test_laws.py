"""The laws of changes of hands, tried with raw SQL as the role that the site runs as."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection

from accounts.models import Contact, Coverage, Entry, Letter, Refused, User
from handoffs.models import Handoff, ReadBack, Transition
from tests.base import CastTestCase, make_account, make_contact, make_coverage, the_cast
from tests.handoffs.steps import approve, hand_over, read_back, write
from tests.laws import refusal_of, run_sql

Second = psycopg.Connection[tuple[Any, ...]]


NOBODY_TOLD = "Nobody there has been told yet. A letter has to be sent, or a call written down, first."
NOT_TOLD_BY_THAT = (
    "Whoever was told is one of theirs, by a letter that was sent or by a call on their thread."
)


class ChangesOfHands(CastTestCase):
    handoff: Handoff

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.handoff = hand_over(cls.acme, cls.ines, by=cls.max)

    def set(self, assignments: str, *values: object) -> str:
        """The refusal of setting these columns of the handoff."""
        return refusal_of(
            f"UPDATE handoffs_handoff SET {assignments} WHERE id = %s", *values, self.handoff.pk
        )

    def test_there_is_one_open_handoff_for_each_account_and_role(self) -> None:
        columns = [
            f.column
            for f in Handoff._meta.local_concrete_fields
            if f.column not in {"id", "move_id", "follows_id", "coverage_id"}
        ]
        again = f"INSERT INTO handoffs_handoff ({', '.join(columns)}) SELECT {', '.join(columns)} FROM handoffs_handoff"
        assert refusal_of(again) == "handoff_one_open"
        make_coverage(self.acme, self.olivia, Coverage.Role.SUCCESS)
        hand_over(self.acme, self.ines, by=self.max, role=Coverage.Role.SUCCESS)

    def test_a_handoff_of_a_move_is_opened_once(self) -> None:
        run_sql(
            "UPDATE handoffs_handoff SET cancelled_at = now(), cancelled_by_id = %s, cancelled_because = 'x'",
            self.max.pk,
        )
        columns = [
            f.column
            for f in Handoff._meta.local_concrete_fields
            if f.column not in {"id", "follows_id", "coverage_id"}
        ]
        again = f"INSERT INTO handoffs_handoff ({', '.join(columns)}) SELECT {', '.join(columns)} FROM handoffs_handoff"
        assert refusal_of(again) == "handoff_once_per_move"

    def test_it_moves_only_when_accepted_or_overridden(self) -> None:
        row = self.acme.owner_coverage
        assert row
        law = "handoff_moves_when_read_back_or_overridden"
        assert self.set("moved_at = now()") == law
        assert self.set("moved_at = now(), coverage_id = %s", row.pk) == law
        assert self.set("moved_at = now(), accepted_at = now(), accepted_by_id = %s", self.max.pk) == law

    def test_an_override_says_why_and_who(self) -> None:
        law = "handoff_override_says_why"
        assert self.set("overridden_at = now(), overridden_by_id = %s", self.max.pk) == law
        assert self.set("overridden_at = now(), overridden_because = 'I say so'") == law

    def test_it_is_accepted_by_a_second_person_who_is_named(self) -> None:
        law = "handoff_accepted_by_a_second_person"
        assert self.set("accepted_at = now(), accepted_by_id = %s", self.ines.pk) == law
        assert self.set("accepted_at = now()") == law

    def test_it_ends_in_one_way(self) -> None:
        for ends in (
            "refused_at = now(), cancelled_at = now()",
            "moved_at = now(), accepted_at = now(), accepted_by_id = 1, coverage_id = 1, cancelled_at = now()",
        ):
            assert self.set(ends) == "handoff_ends_once"

    def test_nobody_hands_over_to_themselves(self) -> None:
        assert self.set("incoming_id = outgoing_id") == "handoff_changes_hands"

    def test_an_open_handoff_needs_an_open_account(self) -> None:
        with pytest.raises(Refused, match="Finish it or call it off first"):
            self.acme.close(by=self.max, because="Gone", outcomes={})
        with pytest.raises(Refused, match="Finish it or call it off first"):
            self.acme.merge_into(self.cobalt, by=self.max, because="One company")
        self.handoff.cancel(by=self.max, because="Not needed")
        self.acme.close(by=self.max, because="Gone", outcomes={})
        assert self.set("cancelled_at = NULL") == "handoff_account_is_open"

    def test_an_approval_is_frozen(self) -> None:
        write(self.handoff, by=self.olivia)
        approve(self.handoff)
        for sql in (
            "UPDATE handoffs_approval SET brief = '{}'",
            "UPDATE handoffs_approval SET approved = false",
            "DELETE FROM handoffs_approval",
        ):
            assert refusal_of(sql).startswith("permission denied")

    def test_the_words_of_a_read_back_are_frozen_and_it_is_decided_by_a_second_person(self) -> None:
        write(self.handoff, by=self.olivia)
        approve(self.handoff)
        read_back(self.handoff)
        for column in (*ReadBack.QUESTIONS, "by_id", "at"):
            assert refusal_of(f"UPDATE handoffs_readback SET {column} = {column}").startswith(
                "permission denied"
            )
        decided = "UPDATE handoffs_readback SET decided_at = now(), decided_by_id = %s, accepted = %s"
        law = "read_back_decided_by_a_second_person"
        assert refusal_of(decided, self.ines.pk, True) == law
        assert refusal_of(decided, None, True) == law
        assert refusal_of(decided, self.max.pk, None) == law
        assert refusal_of(decided, self.max.pk, False) == "read_back_return_says_why"

    def test_what_a_customer_was_told_is_never_undone(self) -> None:
        run_sql(*told_by_call(self.handoff, self.champion, self.max))
        run_sql(
            "UPDATE handoffs_handoff SET announced_at = now(), announced_by_id = %s WHERE id = %s",
            self.max.pk,
            self.handoff.pk,
        )
        undo = "UPDATE handoffs_transition SET undone_at = now(), undone_by_id = %s"
        assert refusal_of(undo, self.max.pk) == "undone_before_anyone_was_told"

    def test_what_was_undone_is_never_told(self) -> None:
        self.handoff.transition.undo(by=self.max)
        run_sql(*told_by_call(self.handoff, self.champion, self.max))
        said = self.set("announced_at = now(), announced_by_id = %s", self.max.pk)
        assert said == "undone_before_anyone_was_told"

    def test_nothing_is_announced_before_somebody_was_told(self) -> None:
        assert self.set("announced_at = now(), announced_by_id = %s", self.max.pk) == NOBODY_TOLD
        run_sql(*told_by_call(self.handoff, self.champion, self.max))
        run_sql("UPDATE handoffs_handoff SET announced_at = now(), announced_by_id = %s", self.max.pk)
        for sql in ("DELETE FROM handoffs_notification", "UPDATE handoffs_notification SET at = now()"):
            assert refusal_of(sql).startswith("permission denied")

    def test_a_letter_tells_somebody_once_it_was_sent(self) -> None:
        letter = Letter.write(self.carla, signed_by=self.max, account=self.acme, subject="x", text="x")
        tell = (
            "INSERT INTO handoffs_notification (handoff_id, contact_id, at, by_id, letter_id)"
            " VALUES (%s, %s, now(), %s, %s)"
        )
        values = [self.handoff.pk, self.champion.pk, self.max.pk, letter.pk]
        assert refusal_of(tell, *values) == NOT_TOLD_BY_THAT
        Letter.objects.send()
        elsewhere = make_contact(self.cobalt, "Somebody else").pk
        assert refusal_of(tell, values[0], elsewhere, *values[2:]) == NOT_TOLD_BY_THAT
        run_sql(tell, *values)

    def test_a_call_is_with_whoever_was_told_by_it(self) -> None:
        sql, *values = told_by_call(self.handoff, self.champion, self.max)
        assert refusal_of(sql, values[0], self.dieter.pk, *values[2:]) == NOT_TOLD_BY_THAT

    def test_a_person_has_one_departure_or_leave_under_way(self) -> None:
        columns = ", ".join(
            f.column for f in Transition._meta.local_concrete_fields if f.column not in {"id", "kind"}
        )
        insert = f"INSERT INTO handoffs_transition (kind, {columns})"
        insert += f" SELECT %s, {columns} FROM handoffs_transition LIMIT 1"
        run_sql("UPDATE handoffs_transition SET person_id = %s", self.olivia.pk)
        run_sql(insert, "departure")
        assert refusal_of(insert, "departure") == "transition_one_for_a_person"


def told_by_call(handoff: Handoff, contact: Contact, by: User) -> tuple[str, Any, Any, Any, Any]:
    """The SQL that notes that this contact was told by a call, with its values."""
    call = Entry.record(handoff.account, Entry.Kind.CONVERSATION, "Told them", by=by, contacts=[contact])
    sql = (
        "INSERT INTO handoffs_notification (handoff_id, contact_id, at, by_id, entry_id)"
        " VALUES (%s, %s, now(), %s, %s)"
    )
    return sql, handoff.pk, contact.pk, by.pk, call.pk


def meanwhile(act: Any) -> tuple[threading.Thread, list[BaseException | None]]:
    outcome: list[BaseException | None] = []

    def run() -> None:
        try:
            act()
            outcome.append(None)
        except (Refused, DatabaseError) as error:
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


TELL = "UPDATE handoffs_handoff SET announced_at = clock_timestamp(), announced_by_id = %s WHERE id = %s"
UNDO = "UPDATE handoffs_transition SET undone_at = clock_timestamp(), undone_by_id = %s WHERE id = %s"


def test_undoing_while_a_customer_is_being_told_is_refused(second_connection: Second) -> None:
    cast = the_cast()
    handoff = hand_over(cast.acme, cast.ines, by=cast.max)
    run_sql(*told_by_call(handoff, cast.champion, cast.max))
    second_connection.execute(TELL, [cast.max.pk, handoff.pk])
    thread, outcome = meanwhile(lambda: handoff.transition.undo(by=cast.max))
    time.sleep(0.3)
    second_connection.commit()
    thread.join(10)
    assert isinstance(outcome[0], Refused)
    handoff.refresh_from_db()
    assert handoff.announced_at
    assert not handoff.transition.undone_at


def test_telling_a_customer_while_it_is_being_undone_is_refused(second_connection: Second) -> None:
    cast = the_cast()
    handoff = hand_over(cast.acme, cast.ines, by=cast.max)
    second_connection.execute(UNDO, [cast.max.pk, handoff.transition_id])
    thread, outcome = meanwhile(handoff.announce)
    time.sleep(0.3)
    second_connection.commit()
    thread.join(10)
    assert isinstance(outcome[0], Refused)
    handoff.refresh_from_db()
    assert not handoff.announced_at
    assert not Letter.objects.exists()


def test_closing_an_account_while_its_handoff_is_being_opened_leaves_no_orphan(
    second_connection: Second,
) -> None:
    cast = the_cast()
    make_account("Another", cast.olivia)
    transition = hand_over(cast.borealis, cast.ines, by=cast.max).transition
    second_connection.execute(
        "INSERT INTO handoffs_handoff (transition_id, account_id, role, outgoing_id, incoming_id, access_on,"
        " accountable_on, announce_on, opened_at, overridden_because, refused_because, cancelled_because)"
        " VALUES (%s, %s, 'owner', %s, %s, now(), now(), now(), now(), '', '', '')",
        [transition.pk, cast.acme.pk, cast.olivia.pk, cast.ines.pk],
    )
    second_connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    thread, outcome = meanwhile(lambda: cast.acme.close(by=cast.max, because="Gone", outcomes={}))
    time.sleep(0.3)
    second_connection.commit()
    thread.join(10)
    assert isinstance(outcome[0], Refused)
    cast.acme.refresh_from_db()
    assert not cast.acme.closed_at
