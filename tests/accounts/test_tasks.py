"""Work that nobody waits for: one row's failure is that row's alone."""

from __future__ import annotations

from typing import Any
from unittest import mock

import psycopg
import pytest
from django.core import mail

from accounts.adapter import code_mail
from accounts.mail import digests
from accounts.mail.digests import Section
from accounts.models import Ask, Entry, Letter, Obligation, Organisation, User
from accounts.models.base import alone, each
from accounts.models.deadlines import break_promises
from accounts.tasks import send_digests, sweep
from tests.base import CastTestCase, make_obligation, the_cast
from tests.smtp import MailServer


class EachAlone(CastTestCase):
    def test_what_fails_is_undone_and_the_rest_is_done(self) -> None:
        def act(user: User) -> None:
            User.objects.filter(pk=user.pk).update(title="Seen")
            if user == self.ines:
                raise ZeroDivisionError

        with self.assertLogs("accounts.models.base", "ERROR") as logged:
            assert each([self.olivia, self.ines, self.nils], act) == 2
        assert set(User.objects.filter(title="Seen")) == {self.olivia, self.nils}
        assert f"User {self.ines.pk}" in logged.output[0]

    def test_what_is_meant_to_stop_everything_does(self) -> None:
        with pytest.raises(KeyboardInterrupt), alone("it"):
            raise KeyboardInterrupt
        with pytest.raises(ZeroDivisionError), alone("it", unless=ZeroDivisionError):
            raise ZeroDivisionError

    def test_a_digest_that_cannot_be_written_keeps_nobody_from_theirs(self) -> None:
        def fails_for_ines(user: User) -> Section:
            if user == self.ines:
                raise ZeroDivisionError
            return Section("Waits", ["for you"])

        with (
            mock.patch.object(digests, "SECTIONS", [fails_for_ines]),
            self.assertLogs("accounts.models.base", "ERROR"),
        ):
            send_digests()
        written_to = set(User.objects.filter(letters__digest_on__isnull=False))
        assert written_to == set(User.objects.staff()) - {self.ines}

    def test_each_clock_runs_and_the_letters_go_whatever_became_of_the_others(self) -> None:
        promise = make_obligation(self.acme, due_in=-3)
        Letter.write(self.nils, signed_by=self.olivia, subject="Look", text="At this")
        with (
            mock.patch(
                "accounts.tasks.escalate_questions", side_effect=ZeroDivisionError, __name__="questions"
            ),
            mock.patch.object(Ask, "due", side_effect=ZeroDivisionError),
            self.assertLogs("accounts.models.base", "ERROR") as logged,
        ):
            sweep()
        assert len(logged.output) == 2
        promise.refresh_from_db()
        assert promise.broken_at
        assert len(mail.outbox) == 1

    def test_one_who_cannot_be_asked_keeps_nobody_else_from_the_question(self) -> None:
        asked = []

        def fails_first(check_in: Obligation, *, by: User) -> None:
            asked.append(check_in)
            if len(asked) == 1:
                raise ZeroDivisionError

        due = [make_obligation(self.acme), make_obligation(self.borealis)]
        with (
            mock.patch.object(Ask, "due", return_value=due),
            mock.patch.object(Ask, "same_choice", fails_first),
            self.assertLogs("accounts.models.base", "ERROR"),
        ):
            assert Ask.put_due() == 1
        assert asked == due

    def test_a_code_goes_whatever_the_organisation_and_its_signer_are_called(self) -> None:
        Organisation.objects.update(name="=?utf-8?q?=0A?= Vendor")
        User.objects.filter(pk=self.petra.pk).update(email="é@vendor.example")
        with MailServer() as server:
            assert code_mail(self.olivia.email, "QWRT-ZXCV").send() == 1
        assert server.written_to == [self.olivia.email]


def test_a_row_that_the_database_refuses_keeps_no_other_from_its_date(
    transactional_db: None, owner_connection: psycopg.Connection[tuple[Any, ...]]
) -> None:
    cast = the_cast()
    promises = [make_obligation(cast.acme, f"Promise {number}", due_in=-3) for number in range(5)]
    owner_connection.execute("""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.text IN ('Promise 1', 'Promise 4') THEN
                RAISE EXCEPTION 'Not this one' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER refuse BEFORE UPDATE OF broken_at ON accounts_obligation
            FOR EACH ROW EXECUTE FUNCTION refuse();
    """)
    assert break_promises() == 3
    broken = Obligation.objects.exclude(broken_at=None)
    assert {promise.text for promise in broken} == {"Promise 0", "Promise 2", "Promise 3"}
    assert Entry.objects.filter(step="broken").count() == 3
    assert len(promises) == 5
