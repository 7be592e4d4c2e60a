"""The laws of memory, tried with raw SQL as the role that the site runs as: around the models, not through them."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from accounts.database.sentences import SENTENCES
from accounts.models import (
    Account,
    Ask,
    Contact,
    Context,
    Countersignature,
    Coverage,
    CustomerCase,
    Deal,
    Entry,
    Erasure,
    Fact,
    HeldMail,
    Letter,
    Obligation,
    Organisation,
    Refused,
    Retraction,
    Share,
    User,
    Verdict,
)
from accounts.models.held_answers import answers_held
from tests.base import (
    CastTestCase,
    days_ago,
    in_days,
    make_account,
    make_case,
    make_contact,
    make_coverage,
    make_customer,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
    make_question,
    make_user,
    the_cast,
)
from tests.handoffs.steps import WORDS
from tests.laws import is_waiting, refusal_of, run_sql

FROZEN = {
    "accounts_answersource",
    "accounts_ask",
    "accounts_askedagain",
    "accounts_confirmation",
    "accounts_context",
    "accounts_contextend",
    "accounts_distinctaccounts",
    "accounts_entry",
    "accounts_erasure",
    "accounts_exportdownload",
    "accounts_fact",
    "accounts_mention",
    "accounts_notepart",
    "accounts_original",
    "accounts_passedanswer",
    "accounts_retraction",
    "accounts_share",
    "accounts_sortedpassage",
    "accounts_undonesorting",
    "accounts_verdict",
    "handoffs_approval",
    "handoffs_inquiry",
    "handoffs_inquiryanswer",
    "handoffs_notification",
    "handoffs_takeover",
}
HISTORY = {
    "handoffs_checklistitemevent",
    "accounts_accountevent",
    "accounts_contactevent",
    "accounts_dealevent",
    "accounts_obligationevent",
    "accounts_topicevent",
    "accounts_userevent",
    "handoffs_handoffevent",
    "handoffs_transitionevent",
}
#: Nothing that a person's work hangs on can be deleted by the site, whatever it may otherwise change.
KEPT = {
    "accounts_account",
    "accounts_cadence",
    "accounts_contact",
    "accounts_coverage",
    "accounts_deal",
    "accounts_obligation",
    "accounts_organisation",
    "accounts_topic",
    "accounts_user",
    "handoffs_checklistitem",
    "handoffs_handoff",
    "handoffs_holdout",
    "handoffs_readback",
    "handoffs_transition",
    "pghistory_context",
}
BEGIN = """
    INSERT INTO accounts_coverage (account_id, role, person_id, acting, started_at, started_by_id, started_because,
                                   ended_at, ended_by_id, ended_because)
    VALUES (%s, %s, %s, false, coalesce(%s, accounts_now()), %s, %s, %s, %s, %s)
"""
END = "UPDATE accounts_coverage SET ended_at = %s, ended_by_id = %s, ended_because = %s WHERE id = %s"


def rights(table: str) -> set[str]:
    """What the site's role may do to a table or to any column of it."""
    whole = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    found = {right for right in whole if run_sql("SELECT has_table_privilege(%s, %s)", table, right)[0][0]}
    for right in ("UPDATE", "REFERENCES"):
        if run_sql("SELECT has_any_column_privilege(%s, %s)", table, right)[0][0]:
            found.add(right)
    return found


def all_tables() -> list[str]:
    return [row[0] for row in run_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]


class TheRoleOfTheSite(CastTestCase):
    def test_it_owns_no_table_and_may_truncate_none(self) -> None:
        owned = "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
        assert run_sql(owned) == [(0,)]
        assert len(all_tables()) > 30
        for table in all_tables():
            with self.subTest(table):
                assert not rights(table) & {"TRUNCATE", "REFERENCES", "TRIGGER"}

    def test_it_is_nobody_special_and_member_of_nothing_stronger(self) -> None:
        special = """
            SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication, rolname
            FROM pg_roles WHERE rolname = current_user
        """
        assert run_sql(special) == [(False, settings.SITE_ROLE)]
        stronger = """
            SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
            WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = current_user)
                AND (g.rolsuper OR g.rolbypassrls OR g.rolcreaterole
                     OR EXISTS (SELECT 1 FROM pg_class WHERE relowner = g.oid)
                     OR EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                                AND has_table_privilege(g.oid, oid, 'INSERT, UPDATE, DELETE, TRUNCATE')))
        """
        assert run_sql(stronger) == []
        assert run_sql("SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]

    def test_it_cannot_switch_the_laws_off(self) -> None:
        for sql in (
            "SET session_replication_role = replica",
            "ALTER TABLE accounts_coverage DISABLE TRIGGER ALL",
            "ALTER TABLE accounts_account DROP CONSTRAINT account_has_owner",
            "DROP TRIGGER coverage_tenures ON accounts_coverage",
            "CREATE OR REPLACE FUNCTION accounts_erase() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
            "CREATE OR REPLACE FUNCTION accounts_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
            "ALTER FUNCTION accounts_now() RENAME TO accounts_then",
        ):
            with self.subTest(sql):
                assert refusal_of(sql).startswith(("permission denied", "must be owner"))

    def test_there_is_one_clock(self) -> None:
        """The owner's: no function but one of pghistory's, and no default of a column, asks another."""
        another = r"\m(clock_timestamp|statement_timestamp|transaction_timestamp|now)\s*\(|\mcurrent_(timestamp|date)"
        functions = """
            SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                AND proname NOT IN ('accounts_now', '_pgh_attach_context') AND prosrc ~* %s
        """
        defaults = """
            SELECT adrelid::regclass::text FROM pg_attrdef JOIN pg_class ON pg_class.oid = adrelid
            WHERE relnamespace = 'public'::regnamespace AND pg_get_expr(adbin, adrelid) ~* %s
        """
        assert run_sql(functions, another) == []
        assert run_sql(defaults, another) == []

    def test_only_triggers_write_with_the_rights_of_the_owner(self) -> None:
        """A function with more rights than its caller is a door: a trigger cannot be called, `STABLE` cannot write."""
        doors = """
            SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
                AND (proconfig IS NULL OR (prorettype <> 'trigger'::regtype AND provolatile = 'v'))
        """
        assert run_sql(doors) == []


class NothingIsForgotten(CastTestCase):
    """Law 1."""

    def test_the_frozen_tables_are_these(self) -> None:
        appendable = {table for table in all_tables() if rights(table) == {"SELECT", "INSERT"}}
        assert appendable >= FROZEN | HISTORY
        frozen = {model._meta.db_table for model in apps.get_models() if getattr(model, "frozen", False)}
        assert frozen == FROZEN
        events = {
            model._meta.db_table for model in apps.get_models() if getattr(model, "pgh_tracked_model", None)
        }
        assert events == HISTORY

    def test_a_frozen_row_cannot_be_updated_deleted_or_truncated(self) -> None:
        make_entry(self.acme)
        make_fact(self.acme)
        for table in sorted(FROZEN | HISTORY):
            column = run_sql(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 2", table
            )[0][0]
            for sql in (
                f'UPDATE {table} SET "{column}" = "{column}"',
                f"DELETE FROM {table}",
                f"TRUNCATE {table}",
                f"TRUNCATE {table} CASCADE",
                f"MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
                f"SELECT 1 FROM {table} FOR UPDATE",
            ):
                with self.subTest(sql):
                    assert refusal_of(sql).startswith("permission denied")

    def test_an_entry_cannot_be_written_over_by_an_insert(self) -> None:
        entry = make_entry(self.acme)
        over = """
            INSERT INTO accounts_entry (id, account_id, kind, at, recorded_at, author_id, author_name, subject, text,
                                        stage, step, external_id)
            VALUES (%s, %s, 'note', now(), now(), %s, '', '', 'other words', '', '', '')
            ON CONFLICT (id) DO UPDATE SET text = excluded.text
        """
        assert refusal_of(over, entry.pk, self.acme.pk, self.olivia.pk).startswith("permission denied")
        entry.text = "other words"
        with pytest.raises(DatabaseError), transaction.atomic():
            entry.save()  # Frozen.save always inserts

    def test_what_people_work_with_cannot_be_deleted(self) -> None:
        for table in sorted(KEPT):
            with self.subTest(table):
                assert refusal_of(f"DELETE FROM {table}").startswith("permission denied")

    def test_coverage_can_only_be_ended_and_a_read_back_only_decided(self) -> None:
        for table, may in {
            "accounts_coverage": {"ended_at", "ended_by_id", "ended_because"},
            "handoffs_readback": {"decided_at", "decided_by_id", "accepted", "note"},
            "handoffs_holdout": {"ended_at"},
        }.items():
            columns = run_sql(
                """
                SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
                    AND has_column_privilege(%s::regclass, attnum, 'UPDATE')
                """,
                table,
                table,
            )
            assert {row[0] for row in columns} == may

    def test_what_was_owed_cannot_be_reworded(self) -> None:
        """The exact words, who raised them and when are never changed by the site, only by a lawful erasure."""
        owed = make_question(self.acme, self.dieter)
        for column, value in {
            "text": "Something else",
            "kind": "task",
            "contact_id": None,
            "raised_by_id": self.max.pk,
            "raised_at": days_ago(1),
        }.items():
            with self.subTest(column):
                said = refusal_of(
                    f"UPDATE accounts_obligation SET {column} = %s WHERE id = %s", value, owed.pk
                )
                assert said.startswith("permission denied")

    def test_an_answer_is_superseded_once_even_by_two_people_at_once(self) -> None:
        fact = make_fact(self.acme)
        newer = fact.supersede("In two days", by=self.olivia)
        with pytest.raises(Refused, match="since recorded a newer answer"):
            fact.supersede("In one day", by=self.max)
        with pytest.raises(Refused, match="Somebody has just recorded a newer answer"):
            make_fact(self.acme, text="In one day", supersedes=fact)
        assert list(Fact.objects.of(self.acme).live()) == [newer]
        assert Fact.objects.filter(pk=fact.pk).exists()

    def test_taking_a_note_back_leaves_it_readable(self) -> None:
        entry = make_entry(self.acme, "Carla is leaving")
        entry.retract(by=self.olivia, because="I mixed up two people")
        assert Entry.objects.get(pk=entry.pk).text == "Carla is leaving"
        assert not Entry.objects.not_retracted().filter(pk=entry.pk).exists()
        assert Retraction.objects.get(entry=entry).because == "I mixed up two people"

    def test_a_bulk_update_writes_the_same_history_as_single_saves(self) -> None:
        names = ["kept by one", "kept by one", "bulk", "bulk"]
        deals = [make_deal(self.acme, name) for name in names]
        deals[0].stage = "negotiation"
        deals[0].save()
        deals[1].stage = "negotiation"
        deals[1].save(update_fields=["stage"])
        Deal.objects.filter(name="bulk").update(stage="negotiation")
        run_sql("UPDATE accounts_deal SET stage = 'signing' WHERE name = 'bulk'")
        events = apps.get_model("accounts", "DealEvent").objects.order_by("pgh_id")

        def told(deal: Deal) -> list[tuple[str, str]]:
            return list(events.filter(pgh_obj=deal).values_list("pgh_label", "stage"))

        single = [("insert", ""), ("update", "negotiation")]
        assert told(deals[0]) == told(deals[1]) == single
        assert told(deals[2]) == told(deals[3]) == [*single, ("update", "signing")]

    def test_every_law_has_a_sentence_and_every_sentence_a_law(self) -> None:
        named = """SELECT conname FROM pg_constraint UNION SELECT indexrelid::regclass::text FROM pg_index
            UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"""
        laws = {row[0] for row in run_sql(named)}
        assert set(SENTENCES) <= laws
        deferred = "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conname NOT LIKE '%%fk%%'"
        assert {row[0] for row in run_sql(deferred)} <= set(SENTENCES)

    def test_an_update_that_changes_nothing_leaves_no_history(self) -> None:
        deal = make_deal(self.acme)
        run_sql("UPDATE accounts_deal SET stage = stage WHERE id = %s", deal.pk)
        assert apps.get_model("accounts", "DealEvent").objects.filter(pgh_obj=deal).count() == 1


class NobodyIsDropped(CastTestCase):
    """Law 2."""

    def test_an_open_account_has_an_owner_at_commit(self) -> None:
        alone = "INSERT INTO accounts_account ({}) SELECT {} FROM accounts_account WHERE id = %s"
        columns = ", ".join(
            f.column for f in Account._meta.local_concrete_fields if f.column not in {"id", "name"}
        )
        sql = alone.format(f"name, {columns}", f"'Nobody''s', {columns}")
        assert refusal_of(sql, self.acme.pk) == "account_has_owner"

    def test_the_owner_cannot_just_end(self) -> None:
        row = self.acme.owner_coverage
        assert row
        law = refusal_of(END, days_ago(0), self.max.pk, "Left", row.pk)
        assert law == "account_has_owner"
        with pytest.raises(Refused, match="exactly one owner"):
            row.end(by=self.max, because="Left")

    def test_an_account_has_one_owner(self) -> None:
        law = refusal_of(
            BEGIN, self.acme.pk, "owner", self.ines.pk, None, self.max.pk, "Second", None, None, ""
        )
        assert law in {"coverage_one_owner", "coverage_owner_spells_meet"}

    def test_a_closed_account_is_served_by_nobody_and_stays_closed(self) -> None:
        self.acme.close(by=self.max, because="Gone", outcomes={})
        law = refusal_of(
            BEGIN, self.acme.pk, "support", self.ines.pk, None, self.max.pk, "Why", None, None, ""
        )
        assert law == "coverage_ends_with_account"
        assert refusal_of("UPDATE accounts_account SET closed_at = NULL WHERE id = %s", self.acme.pk) == (
            "account_has_owner"
        )

    def test_an_account_cannot_be_closed_under_those_who_serve_it(self) -> None:
        sql = "UPDATE accounts_account SET closed_at = now(), closed_by_id = %s, closed_because = 'x' WHERE id = %s"
        assert refusal_of(sql, self.max.pk, self.acme.pk) == "coverage_ends_with_account"

    def test_owners_spells_meet_without_gap_or_overlap(self) -> None:
        """The next owner starts neither a day late, nor now, nor before the last one ended."""
        row = self.acme.owner_coverage
        assert row
        for start in (days_ago(1), None, days_ago(3)):
            with self.subTest(start), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(END, [days_ago(2), self.max.pk, "Left", row.pk])
                law = refusal_of(
                    BEGIN, self.acme.pk, "owner", self.ines.pk, start, self.max.pk, "Next", None, None, ""
                )
                assert law.startswith("An owner starts at the very instant")
                transaction.set_rollback(True)

    def test_an_owner_s_past_cannot_be_written_afterwards(self) -> None:
        said = refusal_of(
            BEGIN,
            self.acme.pk,
            "owner",
            self.ines.pk,
            days_ago(900),
            self.max.pk,
            "x",
            days_ago(800),
            self.max.pk,
            "x",
        )
        assert said == "coverage_one_owner"

    def test_an_imported_spell_before_our_records_may_have_gaps(self) -> None:
        for person, start, end in ((self.ines, 900, 800), (self.nils, 850, 700), (self.ines, 600, 590)):
            run_sql(
                BEGIN,
                self.acme.pk,
                "past",
                person.pk,
                days_ago(start),
                self.max.pk,
                "From the old system",
                days_ago(end),
                self.max.pk,
                "From the old system",
            )
        assert self.acme.coverage.filter(role="past").count() == 3
        said = refusal_of(BEGIN, self.acme.pk, "past", self.max.pk, None, self.max.pk, "x", None, None, "")
        assert said == "coverage_past_has_ended"

    def test_each_change_says_who_and_why(self) -> None:
        row = make_coverage(self.acme, self.ines)
        for values in (("", None), ("Left", None), ("", self.max.pk)):
            with self.subTest(values):
                assert refusal_of(END, days_ago(0), values[1], values[0], row.pk) == "coverage_says_why"
        assert (
            refusal_of(BEGIN, self.acme.pk, "support", self.nils.pk, None, self.max.pk, "", None, None, "")
            == "coverage_says_why"
        )
        nobody = refusal_of(BEGIN, self.acme.pk, "support", self.nils.pk, None, None, "Why", None, None, "")
        assert "started_by_id" in nobody

    def test_a_spell_ends_once(self) -> None:
        row = make_coverage(self.acme, self.ines)
        run_sql(END, days_ago(1), self.max.pk, "Left", row.pk)
        for again in (days_ago(0), None):
            said = refusal_of(END, again, self.max.pk, "Left", row.pk)
            assert said.startswith("This coverage has already ended")

    def test_coverage_is_never_planned(self) -> None:
        row = make_coverage(self.acme, self.ines)
        assert refusal_of(END, days_ago(-1), self.max.pk, "Will leave", row.pk).startswith("Coverage records")
        assert refusal_of(END, days_ago(101), self.max.pk, "Before it began", row.pk) == (
            "coverage_ends_after_it_starts"
        )
        said = refusal_of(
            BEGIN,
            self.acme.pk,
            "support",
            self.nils.pk,
            days_ago(-1),
            self.max.pk,
            "Will come",
            None,
            None,
            "",
        )
        assert said.startswith("Coverage records")

    def test_whoever_serves_is_active_and_a_colleague(self) -> None:
        gone = make_user("Gone Person", is_active=False)
        for person in (gone, self.carla):
            for role in ("support", "incoming", "back_up"):
                with self.subTest(person=person.name, role=role):
                    said = refusal_of(
                        BEGIN, self.acme.pk, role, person.pk, None, self.max.pk, "x", None, None, ""
                    )
                    assert said == "coverage_person_is_active"

    def test_whoever_holds_something_serves_that_account_in_that_role(self) -> None:
        make_coverage(self.acme, self.ines)  # support
        owed, deal = make_obligation(self.acme), make_deal(self.acme)
        for table, row, law in (
            ("accounts_obligation", owed, "obligation_holder_serves"),
            ("accounts_deal", deal, "deal_holder_serves"),
        ):
            hold = f"UPDATE {table} SET holder_id = %s, role = %s WHERE id = %s"
            for person, role in ((self.nils, "owner"), (self.ines, "owner"), (self.olivia, "support")):
                with self.subTest(table=table, person=person.name, role=role):
                    assert refusal_of(hold, person.pk, role, row.pk) == law
            elsewhere = f"UPDATE {table} SET account_id = %s WHERE id = %s"
            assert refusal_of(elsewhere, self.cobalt.pk, row.pk) == law
            run_sql(hold, self.ines.pk, "support", row.pk)
        support = self.acme.coverage.get(person=self.ines)
        assert refusal_of(END, days_ago(0), self.max.pk, "Left", support.pk) in {
            "obligation_holder_serves",
            "deal_holder_serves",
        }
        with pytest.raises(Refused, match="must serve that account"):
            support.end(by=self.max, because="Left")

    def test_a_closed_line_keeps_its_holder_and_cannot_be_reopened_on_them(self) -> None:
        make_coverage(self.acme, self.ines)
        owed = make_obligation(self.acme, holder=self.ines, role="support")
        owed.keep(by=self.ines)
        self.acme.coverage.get(person=self.ines).end(by=self.max, because="Elsewhere now")
        owed.refresh_from_db()
        assert owed.holder == self.ines
        sql = (
            "UPDATE accounts_obligation SET closed_at = NULL, closed_by_id = NULL, outcome = '' WHERE id = %s"
        )
        assert refusal_of(sql, owed.pk) == "obligation_holder_serves"

    def test_whoever_holds_anything_cannot_be_deactivated_by_sql(self) -> None:
        off = "UPDATE accounts_user SET is_active = false WHERE id = %s"
        assert refusal_of(off, self.olivia.pk) == "coverage_person_is_active"
        make_coverage(self.dunmore, self.omar, Coverage.Role.INCOMING)
        assert refusal_of(off, self.omar.pk) == "coverage_person_is_active"
        run_sql(off, self.max.pk)  # serves nothing

    def test_whoever_serves_cannot_become_a_customer(self) -> None:
        sql = "UPDATE accounts_user SET kind = 'customer', contact_id = %s WHERE id = %s"
        assert refusal_of(sql, self.dieter.pk, self.olivia.pk) == "coverage_person_is_active"

    def test_deactivating_moves_everything_to_the_manager_first(self) -> None:
        make_coverage(self.cobalt, self.olivia, Coverage.Role.SUCCESS)
        make_coverage(self.dunmore, self.olivia, Coverage.Role.INCOMING)
        make_coverage(self.dunmore, self.olivia, Coverage.Role.BACK_UP)
        owed = make_obligation(self.acme)
        other = make_obligation(self.cobalt, holder=self.olivia, role="success")
        deal = make_deal(self.acme)
        held_out = make_deal(self.dunmore, role="back_up", holder=self.olivia)

        assert self.olivia.deactivate(by=self.max, because="Left the company") == self.max

        assert not Coverage.objects.current().filter(person=self.olivia).exists()
        for thing in (owed, other, deal, held_out):
            thing.refresh_from_db()
        assert (owed.holder, other.holder, deal.holder) == (self.max, self.max, self.max)
        assert (held_out.holder, held_out.role) == (self.nils, "owner")
        row = self.acme.owner_coverage
        assert row
        assert (row.person, row.acting, row.started_by, row.started_because) == (
            self.max,
            True,
            self.max,
            "Olivia Brandt has left",
        )
        assert row.follows is not None
        assert row.started_at == row.follows.ended_at
        success = self.cobalt.coverage.current().get(role="success")
        assert (success.person, success.acting) == (self.max, True)

    def test_the_person_of_last_resort_cannot_be_deactivated_before_another_is_named(self) -> None:
        with pytest.raises(Refused, match="This is the organisation's person of last resort"):
            self.petra.deactivate(by=self.omar, because="Left")
        Organisation.objects.update(last_resort=self.omar)
        assert self.max.deactivate(by=self.omar, because="Left") == self.petra
        assert self.petra.deactivate(by=self.omar, because="Left") == self.omar
        self.olivia.refresh_from_db()
        assert self.olivia.nearest_manager() == self.omar
        assert self.olivia.deactivate(by=self.omar, because="Left") == self.omar

    def test_only_a_manager_above_or_operations_deactivates(self) -> None:
        for by in (self.nils, self.ines, self.olivia, self.carla):
            with self.subTest(by.name), pytest.raises(PermissionDenied):
                self.olivia.deactivate(by=by, because="No")
        with pytest.raises(Refused, match="Say why"):
            self.olivia.deactivate(by=self.max, because=" ")

    def test_the_person_of_last_resort_is_active_and_named(self) -> None:
        assert refusal_of("UPDATE accounts_user SET is_active = false WHERE id = %s", self.petra.pk) == (
            "last_resort_is_active"
        )
        assert refusal_of("UPDATE accounts_organisation SET last_resort_id = %s", self.carla.pk) == (
            "last_resort_is_active"
        )
        assert refusal_of("UPDATE accounts_organisation SET last_resort_id = NULL").startswith(
            "There must always be a person of last resort"
        )
        assert refusal_of(
            "INSERT INTO accounts_organisation (id, name, time_zone, uuid) VALUES (2, 'x', 'UTC', gen_random_uuid())"
        ) == ("organisation_is_one")

    def test_reporting_lines_cannot_go_round(self) -> None:
        report = "UPDATE accounts_user SET reports_to_id = %s WHERE id = %s"
        for below, above in ((self.petra, self.olivia), (self.petra, self.max), (self.max, self.max)):
            with self.subTest(below=below.name, above=above.name):
                assert refusal_of(report, above.pk, below.pk).startswith("Reporting lines cannot go round")
        swap = "UPDATE accounts_user SET reports_to_id = CASE id WHEN %s THEN %s ELSE %s END WHERE id IN (%s, %s)"
        pair = (self.olivia.pk, self.ines.pk, self.olivia.pk, self.olivia.pk, self.ines.pk)
        assert refusal_of(swap, *pair).startswith("Reporting lines cannot go round")

    def test_nobody_who_wrote_held_or_owned_anything_can_be_deleted(self) -> None:
        make_entry(self.acme, by=self.ines)
        assert refusal_of("DELETE FROM accounts_user WHERE id = %s", self.ines.pk).startswith(
            "permission denied"
        )


class OnlyTheCustomerCloses(CastTestCase):
    """Law 5."""

    CLOSE = """
        UPDATE accounts_obligation SET closed_at = accounts_now(), closed_by_id = %s, outcome = %s,
            answered_at = coalesce(answered_at, %s), lapses_on = coalesce(lapses_on, %s), agreed_by_id = %s
        WHERE id = %s
    """

    def theirs(self) -> list[CustomerCase]:
        kinds = [Obligation.Kind.QUESTION, Obligation.Kind.FEEDBACK, Obligation.Kind.REPAIR]
        return [make_case(self.acme, f"A {kind}", kind, contact=self.dieter) for kind in kinds]

    def test_we_cannot_close_what_they_raised(self) -> None:
        for theirs in self.theirs():
            for outcome in set(Obligation.Outcome.values) - {"account_closed"}:
                with self.subTest(kind=theirs.kind, outcome=outcome):
                    law = refusal_of(self.CLOSE, self.olivia.pk, outcome, None, None, None, theirs.pk)
                    assert law == "customer_closes_what_they_raised"

    def test_it_does_not_end_with_an_account_that_is_open(self) -> None:
        for owed in [*self.theirs(), make_obligation(self.acme)]:
            law = refusal_of(self.CLOSE, self.olivia.pk, "account_closed", None, None, None, owed.pk)
            assert law == "obligation_ends_with_account"

    def test_it_does_not_lapse_before_its_day(self) -> None:
        for theirs in self.theirs():
            law = refusal_of(self.CLOSE, self.olivia.pk, "lapsed", days_ago(1), in_days(3), None, theirs.pk)
            assert law == "obligation_lapses_on_its_day"

    def test_whoever_agrees_is_somebody_of_that_account(self) -> None:
        agreed, *_ = self.theirs()
        stranger = make_contact(self.borealis, "Bo Lund")
        law = refusal_of(self.CLOSE, self.olivia.pk, "agreed", days_ago(1), None, stranger.pk, agreed.pk)
        assert law.startswith("That contact belongs to another account.")

    def test_they_agree_or_it_lapses(self) -> None:
        agreed, lapsed, ended = self.theirs()
        run_sql(self.CLOSE, self.olivia.pk, "agreed", days_ago(1), None, self.dieter.pk, agreed.pk)
        run_sql(self.CLOSE, self.olivia.pk, "lapsed", days_ago(20), in_days(-2), None, lapsed.pk)
        self.acme.close(by=self.max, because="They moved on", outcomes={ended.pk: "Told them so by phone"})
        ended.refresh_from_db()
        assert ended.outcome == "account_closed"

    def test_the_verbs_say_it_in_a_sentence(self) -> None:
        question, feedback, repair = self.theirs()
        for theirs in (question, feedback, repair):
            with pytest.raises(Refused, match="Only the customer can close"):
                theirs.keep(by=self.olivia)
            with pytest.raises(Refused, match="not been answered"):
                theirs.agree(contact=self.dieter, by=self.olivia, words="Fine")
        question.answer("Yes, as CSV", by=self.olivia)
        with pytest.raises(Refused, match="Write their words"):
            question.agree(contact=self.dieter, by=self.olivia)
        question.agree(contact=self.dieter, by=self.olivia, words="Great, thanks")
        question.refresh_from_db()
        assert (question.outcome, question.agreed_by) == ("agreed", self.dieter)

    def test_the_second_reopening_goes_to_the_manager(self) -> None:
        question = make_question(self.acme, self.dieter)
        for n, holder in ((1, self.olivia), (2, self.max)):
            question.answer(f"Answer {n}", by=question.holder)
            question.reopen(by=self.carla, because="Not yet")
            question.refresh_from_db()
            assert question.is_open
            assert question.holder == holder

    def test_they_may_reopen_even_where_nobody_is_above_the_owner(self) -> None:
        account = make_account("Top Account", self.petra)
        contact = Contact.objects.create(account=account, name="Theo Top")
        customer = make_customer(contact)
        question = make_question(account, contact)
        for n in (1, 2):
            question.answer(f"Answer {n}", by=self.petra)
            question.reopen(by=customer, because="Not yet")
        question.refresh_from_db()
        assert question.is_open
        assert question.holder == self.petra

    def test_the_customer_s_correction_of_a_merged_account_s_fact_can_be_followed(self) -> None:
        fact = make_fact(self.acme)
        correction = make_case(
            self.acme, "In five days", Obligation.Kind.FEEDBACK, contact=self.dieter, fact=fact
        )
        self.acme.merge_into(self.cobalt, by=self.max, because="One company")
        correction.refresh_from_db()
        correction.decide("yes", "They are right", by=self.ines)
        assert Fact.objects.of(self.cobalt).live().get().text == "In five days"


# ---- Lawful erasure

NAME, MAIL = "Xanthe Quillfeather", "xanthe@quill.example"
OLD_NAME = "Xanthe Mossbottom"


def rows_that_speak_of(*words: str) -> dict[str, int]:
    """How many rows of each table have one of these words anywhere, whatever the column."""
    pattern = "|".join(words)
    found = {}
    for table in all_tables():
        ((count,),) = run_sql(f'SELECT count(*) FROM "{table}" t WHERE t::text ~* %s', pattern)
        if count:
            found[table] = count
    return found


class LawfulErasure(CastTestCase):
    """The one path on which frozen words change: who and when stay, and a tombstone says so."""

    xanthe: Contact

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.xanthe = Contact.objects.create(
            account=cls.acme,
            name=OLD_NAME,
            email=MAIL,
            phone="Quillfeather 7",
            title="Chief of Xanthe's things",
            roles=["champion"],
            strength=2,
            evidence="Xanthe spoke up",
            cost="Xanthe lost her budget",
            say_name="Zan-thee Quillfeather",
        )
        make_entry(cls.acme, f"{OLD_NAME} told us of the plan", contacts=[cls.xanthe])
        cls.xanthe.name = NAME
        cls.xanthe.save()

    def speak_of_her_everywhere(self) -> None:
        """Write her name into everything that an account's memory and its change of hands can say."""
        from handoffs.models import Handoff, Inquiry, Transition

        said = f"{NAME} ({MAIL}) says so; ask Xanthe"
        customer = make_customer(self.xanthe)
        make_entry(self.acme, said, contacts=[self.xanthe])
        make_entry(self.acme, said, subject=said)
        Entry.record(self.acme, Entry.Kind.NOTE, said, by=self.xanthe)
        note = make_entry(self.acme, said, kind="note")
        note.retract(by=self.olivia, because=said)
        fact = make_fact(self.acme, "story", said, contact=self.xanthe)
        make_fact(self.acme, text=said).retract(by=self.olivia, because=said)
        question = make_question(self.acme, self.xanthe, said, fact=fact)
        question.answer(said, by=self.olivia)
        question.reopen(by=customer, because=said)
        held = [answer.key for answer in answers_held(self.acme, said)]
        Ask.make(self.acme, "favour", said, by=self.olivia, contact=self.xanthe, passed=held)
        for contact in (self.xanthe, self.dieter):
            Context.note(contact, said, in_days(30), by=self.olivia)
        Verdict.give(self.acme, "no", contact=self.xanthe, by=customer, words=said)
        Verdict.give(self.acme, "yes", contact=self.champion, by=self.olivia, words=said)
        letter = Letter.write(customer, signed_by=self.olivia, subject=said, text=said)
        Letter.objects.filter(pk=letter.pk).update(failed_because=said)
        for contact in (self.xanthe, self.dieter):
            HeldMail.objects.create(
                letter=letter,
                account=self.acme,
                contact=contact,
                from_address=MAIL,
                text=said,
                at=days_ago(1),
                received_at=days_ago(1),
                because=said,
                external_id=f"mail:{contact.pk}",
            )
        task = make_obligation(self.acme, said, "task")
        task.hand_to(self.nils, by=self.olivia)
        make_deal(self.acme, f"Renewal with {NAME}", stage=said[:60], product=said)
        self.acme.rate("watch", because=said, by=self.olivia)
        make_coverage(self.acme, self.omar, "sponsor").end(by=self.max, because=said)
        dates: dict[str, Any] = {
            "access_on": in_days(0),
            "accountable_on": in_days(0),
            "announced_on": in_days(0),
        }
        departure = Transition.objects.open_departure(self.olivia, by=self.max, because=said, **dates)
        for move in departure.moves.all():
            move.assign(self.ines, by=self.max, because=said)
        with self.captureOnCommitCallbacks(execute=True):
            departure.start(by=self.max)
        departure.refresh_from_db()
        handoff = Handoff.objects.get(account=self.acme)
        make_fact(self.acme, "if-then", said)
        for item in handoff.items.all():
            if not item.by_read_back:
                item.waive(by=self.max, because=said)
        Countersignature.ask("keep", self.acme.obligations.all()[0], by=self.olivia, words=said)
        handoff.write(by=self.olivia)
        handoff.return_to_writer(by=self.max, because=said)
        handoff.write(by=self.olivia)
        handoff.approve(by=self.max, fingerprint=handoff.brief().fingerprint)
        asked = Inquiry.ask(handoff, said, to=self.max, by=self.ines, line="", about=said)
        asked.answer(said, by=self.max)
        words = dict.fromkeys(WORDS, said)
        holders = {owed.pk: self.ines for owed in handoff.obligations()}
        handoff.read_back(by=self.ines, holders=holders, **words)
        handoff.return_read_back(by=self.max, note=said)
        handoff.hold_out(in_days(9), by=self.max, because=said, deal=self.acme.deals.get())
        handoff.override(by=self.max, because=said)
        departure.cancel(by=self.max, because=said)
        self.acme.deals.get().close("won", by=self.max)

    def test_no_table_speaks_of_them_afterwards(self) -> None:
        self.speak_of_her_everywhere()
        before = rows_that_speak_of("xanthe", "quillfeather", "mossbottom")
        for table in (
            "accounts_ask",
            "accounts_context",
            "accounts_entry",
            "accounts_fact",
            "accounts_heldmail",
            "accounts_letter",
            "accounts_retraction",
            "accounts_obligation",
            "accounts_obligationevent",
            "accounts_contact",
            "accounts_contactevent",
            "accounts_account",
            "accounts_accountevent",
            "accounts_coverage",
            "accounts_deal",
            "accounts_dealevent",
            "accounts_user",
            "accounts_userevent",
            "accounts_verdict",
            "handoffs_approval",
            "handoffs_readback",
            "handoffs_checklistitem",
            "handoffs_checklistitemevent",
            "accounts_countersignature",
            "handoffs_move",
            "handoffs_transition",
            "handoffs_transitionevent",
            "handoffs_handoff",
            "handoffs_handoffevent",
            "handoffs_holdout",
            "handoffs_inquiry",
        ):
            assert before.get(table), f"the test says nothing of her in {table}"
        counts = {table: run_sql(f'SELECT count(*) FROM "{table}"')[0][0] for table in all_tables()}

        self.xanthe.erase(by=self.omar, because="Her own request of last week")

        assert rows_that_speak_of("xanthe", "quillfeather", "mossbottom") == {}
        for table, count in counts.items():
            if table not in {"account_emailaddress", "accounts_session"}:
                assert run_sql(f'SELECT count(*) FROM "{table}"')[0][0] >= count, f"{table} lost a row"

    def test_who_and_when_stay_and_a_tombstone_says_so(self) -> None:
        entry = make_entry(self.acme, "Xanthe Quillfeather wants it by May", contacts=[self.xanthe])
        before = Entry.objects.filter(pk=entry.pk).values_list("author", "at", "recorded_at", "account").get()
        self.xanthe.erase(by=self.omar, because="Her own request")
        assert (
            Entry.objects.filter(pk=entry.pk).values_list("author", "at", "recorded_at", "account").get()
            == before
        )
        stone = Erasure.objects.get()
        assert (stone.contact, stone.by, stone.because) == (self.xanthe, self.omar, "Her own request")
        assert self.xanthe.erased_at is not None
        assert self.xanthe.name == "A former contact"
        entry.refresh_from_db()
        assert entry.text == "[erased on request]"

    def test_other_people_s_words_stay(self) -> None:
        about = make_entry(self.acme, "Xanthe Quillfeather and Dieter Krol want it by May")
        other = make_entry(self.cobalt, "Xanthe Quillfeather of another company called")
        self.xanthe.erase(by=self.omar, because="Her own request")
        about.refresh_from_db()
        other.refresh_from_db()
        assert about.text == "a former contact and Dieter Krol want it by May"
        assert other.text.startswith("Xanthe")

    def test_their_sign_in_ends(self) -> None:
        customer = make_customer(self.xanthe)
        client = self.as_(customer)
        self.xanthe.erase(by=self.omar, because="Her own request")
        customer.refresh_from_db()
        assert not customer.is_active
        assert client.session.get("_auth_user_id") is None or not User.objects.active().filter(pk=customer.pk)

    def test_only_once_and_with_a_reason(self) -> None:
        with pytest.raises(Refused, match="on whose request"):
            self.xanthe.erase(by=self.omar, because="")
        self.xanthe.erase(by=self.omar, because="Her own request")
        with pytest.raises(Refused, match="already erased"):
            self.xanthe.erase(by=self.omar, because="Again")

    def test_the_memory_of_merged_accounts_is_erased_too(self) -> None:
        self.acme.merge_into(self.cobalt, by=self.max, because="One company; Xanthe Quillfeather said so")
        self.xanthe.refresh_from_db()
        self.xanthe.erase(by=self.omar, because="Her own request")
        assert rows_that_speak_of("quillfeather", "mossbottom") == {}


# ---- Two at once


def in_the_background(act: Any) -> tuple[threading.Thread, list[Exception | None]]:
    """Do something on a connection of its own; afterwards the list holds how it ended."""
    outcome: list[Exception | None] = []

    def run() -> None:
        try:
            act()
            outcome.append(None)
        except Exception as error:  # the test looks at it
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


Second = psycopg.Connection[tuple[Any, ...]]
GIVE = "UPDATE accounts_obligation SET holder_id = %s, role = 'support' WHERE id = %s"
LEAVE = "UPDATE accounts_coverage SET ended_at = accounts_now(), ended_by_id = %s, ended_because = 'x' WHERE id = %s"


def giving(cast: Any) -> tuple[Obligation, Coverage]:
    return make_obligation(cast.acme), make_coverage(cast.acme, cast.ines)


def test_giving_to_somebody_who_is_leaving_is_refused(second_connection: Second) -> None:
    """They leave first, uncommitted; the one who gives waits, and is told."""
    cast = the_cast()
    owed, row = giving(cast)
    second_connection.execute(LEAVE, [cast.max.pk, row.pk])
    thread, outcome = in_the_background(lambda: owed.hand_to(cast.ines, by=cast.olivia))
    time.sleep(0.3)
    second_connection.commit()
    thread.join(10)
    assert isinstance(outcome[0], Refused)
    owed.refresh_from_db()
    assert owed.holder == cast.olivia


def test_leaving_while_being_given_something_is_refused(second_connection: Second) -> None:
    """Somebody gives first, uncommitted; the one who leaves waits, and is told."""
    cast = the_cast()
    owed, row = giving(cast)
    second_connection.execute(GIVE, [cast.ines.pk, owed.pk])
    second_connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    thread, outcome = in_the_background(lambda: row.end(by=cast.max, because="Leaves the team"))
    time.sleep(0.3)
    second_connection.commit()
    thread.join(10)
    assert isinstance(outcome[0], Refused)
    row.refresh_from_db()
    assert row.ended_at is None


def test_giving_and_leaving_unchecked_until_both_commit_has_one_winner(second_connection: Second) -> None:
    """Nothing is checked before the commits: there the one who gives waits for the one who leaves."""
    cast = the_cast()
    owed, row = giving(cast)
    second_connection.execute(GIVE, [cast.ines.pk, owed.pk])
    with psycopg.connect(second_connection.info.dsn, password=second_connection.info.password) as leaving:
        leaving.execute(LEAVE, [cast.max.pk, row.pk])
        thread, outcome = in_the_background(second_connection.commit)
        time.sleep(0.3)
        leaving.commit()
        thread.join(10)
    assert isinstance(outcome[0], psycopg.errors.ForeignKeyViolation)
    assert "obligation_holder_serves" in str(outcome[0])
    owed.refresh_from_db()
    row.refresh_from_db()
    assert owed.holder == cast.olivia
    assert row.ended_at is not None


def test_deactivating_while_an_account_is_being_given_takes_it_along(
    second_connection: Second,
) -> None:
    cast = the_cast()
    row = cast.acme.owner_coverage
    second_connection.execute(LEAVE, [cast.max.pk, row.pk])
    ended = second_connection.execute("SELECT ended_at FROM accounts_coverage WHERE id = %s", [row.pk])
    values = [cast.acme.pk, "owner", cast.ines.pk, ended.fetchone()[0], cast.max.pk, "x", None, None, ""]  # type: ignore[index]
    second_connection.execute(BEGIN, values)
    second_connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    thread, outcome = in_the_background(lambda: cast.ines.deactivate(by=cast.max, because="Gone"))
    time.sleep(0.3)
    second_connection.commit()
    thread.join(10)
    cast.ines.refresh_from_db()
    assert outcome == [None]
    assert not cast.ines.is_active
    assert Account.objects.get(pk=cast.acme.pk).owner == cast.max


def test_giving_an_account_to_somebody_who_is_being_deactivated_is_refused(second_connection: Second) -> None:
    cast = the_cast()
    newcomer = make_user("Nora Newcomer", reports_to=cast.max)
    second_connection.execute("UPDATE accounts_user SET is_active = false WHERE id = %s", [newcomer.pk])
    thread, outcome = in_the_background(
        lambda: Coverage.begin(cast.acme, "support", newcomer, by=cast.olivia, because="Helps")
    )
    time.sleep(0.3)
    second_connection.commit()
    thread.join(10)
    assert isinstance(outcome[0], Refused)
    assert not Coverage.objects.filter(person=newcomer).exists()


def test_two_people_who_take_an_account_at_once(second_connection: Second) -> None:
    cast = the_cast()
    row = cast.acme.owner_coverage
    second_connection.execute(LEAVE, [cast.max.pk, row.pk])
    ended = second_connection.execute("SELECT ended_at FROM accounts_coverage WHERE id = %s", [row.pk])
    values = [cast.acme.pk, "owner", cast.nils.pk, ended.fetchone()[0], cast.max.pk, "x", None, None, ""]  # type: ignore[index]
    second_connection.execute(BEGIN, values)

    def take() -> None:
        with transaction.atomic():
            Coverage.objects.owners().filter(account=cast.acme).pass_to(cast.ines, by=cast.max, because="x")

    thread, outcome = in_the_background(take)
    time.sleep(0.3)
    second_connection.commit()
    thread.join(10)
    assert isinstance(outcome[0], DatabaseError) or outcome == [None]  # it may find nothing left to take
    assert Coverage.objects.owners().get(account=cast.acme).person == cast.nils
    assert Coverage.objects.filter(account=cast.acme, role="owner").count() == 2


def test_two_changes_at_once_cannot_close_a_circle_of_reporting_lines(second_connection: Second) -> None:
    cast = the_cast()
    report = "UPDATE accounts_user SET reports_to_id = %s WHERE id = %s"
    second_connection.execute(report, [cast.ines.pk, cast.olivia.pk])
    thread, outcome = in_the_background(lambda: run_sql(report, cast.olivia.pk, cast.ines.pk))
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not is_waiting_anywhere(second_connection):
        time.sleep(0.05)
    second_connection.commit()
    thread.join(10)
    assert "circle" in str(outcome[0])
    cast.ines.refresh_from_db()
    assert cast.ines.reports_to == cast.max


def is_waiting_anywhere(connection: Second) -> bool:
    others = connection.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ).fetchall()
    return any(is_waiting(connection, pid) for (pid,) in others)


def test_the_owner_of_the_tables_cannot_delete_who_wrote_held_or_owned_anything(
    transactional_db: None, owner_connection: Second
) -> None:
    """Not even the role that migrates: foreign keys hold it, not only missing rights."""
    cast = the_cast()
    make_entry(cast.acme, by=cast.ines)
    for person in (cast.olivia, cast.ines, cast.nils, cast.petra, cast.max):
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            owner_connection.execute("DELETE FROM accounts_user WHERE id = %s", [person.pk])


def test_sharing_never_touches_the_entry(db: None) -> None:
    cast = the_cast()
    entry = make_entry(cast.acme)
    (before,) = run_sql("SELECT xmin::text, ctid::text FROM accounts_entry WHERE id = %s", entry.pk)
    entry.share(by=cast.olivia)
    assert Share.objects.filter(entry=entry).exists()
    assert run_sql("SELECT xmin::text, ctid::text FROM accounts_entry WHERE id = %s", entry.pk) == [before]
