"""What goes out: everything somebody may see, and it comes in again without a change."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from unittest import mock

import openpyxl
import pytest
from django.db import connection, transaction

from accounts.exporting import carrying_out
from accounts.exporting.carrying_out import make
from accounts.exporting.files import CsvArchive
from accounts.importing import batches
from accounts.importing.book import ImportPlan
from accounts.importing.reading import sheets_of
from accounts.models import (
    Account,
    Context,
    Coverage,
    Deal,
    EntryReading,
    Export,
    ExportDownload,
    ExportPart,
    Fact,
    ImportBatch,
    ImportRow,
    Obligation,
    Passage,
    Refused,
    User,
)
from accounts.models.exports import ERASED, STALLED_AFTER
from accounts.rules import clocks
from accounts.tasks import forget_exports, resume_exports
from tests.base import (
    CastTestCase,
    at_time,
    in_days,
    make_account,
    make_contact,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
)
from tests.laws import refusal_of


def asked(by: User, shape: str = "csv", account: Account | None = None, query: str = "") -> Export:
    return Export.ask(by=by, shape=shape, what="All accounts", total=0, account=account, query=query)


def export_of(by: User, shape: str = "csv", account: Account | None = None, query: str = "") -> Export:
    export = asked(by, shape, account, query)
    make(export)
    export.refresh_from_db()
    assert export.state == "ready", export.failed_because
    return export


def file_of(export: Export) -> bytes:
    return b"".join(export.file())


def tables_in(export: Export) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(file_of(export))) as archive:
        return {name.removesuffix(".csv"): rows_of(archive.read(name)) for name in archive.namelist()}


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def memory_of(export: Export) -> dict[str, Any]:
    memory: dict[str, Any] = json.loads(file_of(export))
    return memory


def csv_of(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def staged(data: bytes, by: User, name: str = "out.zip") -> tuple[ImportBatch, ImportPlan]:
    batch, plan = batches.stage(sheets_of([(name, data)]), by=by)
    rows = ImportRow.objects.filter(file__batch=batch)
    assert rows.count() == sum(batch.files.values_list("row_count", flat=True)) == len(plan.outcomes)
    return batch, plan


def come_in(data: bytes, by: User, name: str = "out.zip") -> tuple[bool, list[tuple[str, str, str]]]:
    """Whether bringing this file in changes nothing, and each row that is not unchanged."""
    batch, plan = staged(data, by, name)
    other = ImportRow.objects.filter(file__batch=batch).exclude(state="unchanged", because="")
    return plan.changes_nothing, list(other.values_list("file__name", "state", "because"))


class WithMemory(CastTestCase):
    fact: Fact

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        said = "=1+1\n'quoted', \"so\"; and more"
        make_entry(cls.acme, said, contacts=[cls.champion], subject="@audit")
        cls.fact = make_fact(cls.acme, "needs", "-5 % in all countries", contact=cls.champion)
        make_obligation(cls.acme, "+49 call", contact=cls.champion)
        make_deal(cls.acme)
        make_deal(cls.borealis, "Pilot").close("dropped", by=cls.olivia)
        make_entry(cls.dunmore, "Nobody in Max's team may read this.")


class RoundTrip(WithMemory):
    def test_what_went_out_comes_in_again_without_a_change(self) -> None:
        for person in (self.omar, self.max):
            for shape in ("csv", "xlsx"):
                with self.subTest(person.name, shape=shape):
                    data = file_of(export_of(person, shape))
                    assert come_in(data, person, f"out.{'zip' if shape == 'csv' else shape}") == (True, [])

    def test_what_has_changed_here_since_is_not_set_back(self) -> None:
        data = file_of(export_of(self.omar))
        self.acme.industry = "Drones"
        self.acme.save(update_fields=["industry"])
        assert come_in(data, self.omar) == (True, [])

    def test_what_somebody_corrects_in_the_file_changes_and_nothing_else(self) -> None:
        tables = tables_in(export_of(self.omar))
        for row in tables["accounts"]:
            row["Industry"] = "Drones" if row["Account"] == "Acme Robotics" else row["Industry"]
        for row in tables["contacts"]:
            row["Title"] = "Chief buyer" if row["Name"] == "Dieter Krol" else row["Title"]
        for row in tables["deals"]:
            row["Amount"] = "43000" if row["Deal name"] == "Renewal" else row["Amount"]
        before = (Account.objects.count(), Coverage.objects.count(), Deal.objects.count())
        for name in ("accounts", "contacts", "deals"):
            batch, plan = staged(csv_of(tables[name]), self.omar, f"{name}.csv")
            changed = ImportRow.objects.filter(file__batch=batch).exclude(state="unchanged", because="")
            assert [row.state for row in changed] == ["changed"], list(changed.values_list("because"))
            assert not plan.tenures
            batches.apply(batch, by=self.omar)
        self.acme.refresh_from_db()
        self.dieter.refresh_from_db()
        assert (self.acme.industry, self.acme.external_id) == ("Drones", "")
        assert (self.dieter.title, self.dieter.external_id) == ("Chief buyer", "")
        assert Deal.objects.get(name="Renewal").amount == 43_000
        assert before == (Account.objects.count(), Coverage.objects.count(), Deal.objects.count())

    def test_an_account_that_is_renamed_in_the_file_is_the_same_account(self) -> None:
        (row,) = [
            row for row in tables_in(export_of(self.omar))["accounts"] if row["Account"] == "Acme Robotics"
        ]
        batch, _ = staged(csv_of([row | {"Account": "Acme Drones"}]), self.omar, "accounts.csv")
        batches.apply(batch, by=self.omar)
        self.acme.refresh_from_db()
        assert self.acme.name == "Acme Drones"

    def test_a_file_rewrites_nothing_that_happened_and_says_so(self) -> None:
        tables = tables_in(export_of(self.omar))
        for name, heading in (
            ("entries", "Text"),
            ("facts", "Answer"),
            ("obligations", "Text"),
            ("coverage", "Role"),
        ):
            rows = [row | {heading: "Something else"} for row in tables[name][:1]]
            changes_nothing, told = come_in(csv_of(rows), self.omar, f"{name}.csv")
            assert changes_nothing
            assert [because for _, _, because in told if "changed in the file" in because], name

    def test_a_closed_deal_is_not_closed_at_another_hour(self) -> None:
        (row,) = [row for row in tables_in(export_of(self.omar))["deals"] if row["Deal name"] == "Pilot"]
        _, plan = staged(csv_of([row | {"Product": "Ledger"}]), self.omar, "deals.csv")
        assert [deal.fields for deal in plan.deals] == [{"product": "Ledger", "expected_close": None}]

    def test_two_accounts_of_one_name_stay_two(self) -> None:
        make_account("Acme Robotics", self.ines, industry="Toys")
        assert come_in(file_of(export_of(self.omar)), self.omar) == (True, [])

    def test_nothing_is_said_of_numbers_that_stand_so_here(self) -> None:
        for name, phone in (
            ("Jo", "0401234567"),
            ("Bo", "0301234567"),
            ("Al", "7654321"),
            ("Di", "4.42E+11"),
        ):
            make_contact(self.acme, name, phone=phone)
        assert come_in(file_of(export_of(self.omar)), self.omar) == (True, [])

    def test_what_went_out_of_another_house_is_no_mark_here(self) -> None:
        rows = tables_in(export_of(self.omar))["accounts"][:1]
        house, mark = self.house(), rows[0]["Throughline account"]
        rows[0]["Throughline account"] = mark.replace(house, "00000000")
        batch, _ = staged(csv_of([rows[0] | {"Industry": "Drones"}]), self.omar, "accounts.csv")
        assert ImportRow.objects.get(file__batch=batch).state == "changed"  # found by its name

    @staticmethod
    def house() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT left(uuid::text, 8) FROM accounts_organisation")
            return str(cursor.fetchone()[0])

    def test_a_manager_cannot_reach_another_teams_account_by_its_mark(self) -> None:
        rows = tables_in(export_of(self.omar))["accounts"]
        (row,) = [row | {"Industry": "Drones"} for row in rows if row["Account"] == "Dunmore Press"]
        batch, plan = staged(csv_of([row]), self.max, "accounts.csv")
        assert plan.changes_nothing
        assert ImportRow.objects.get(file__batch=batch).state == "aside"


class WhatGoesOut(WithMemory):
    def test_each_sees_in_the_file_what_they_see_on_the_pages(self) -> None:
        olivias, maxs, omars = (tables_in(export_of(person)) for person in (self.olivia, self.max, self.omar))
        assert {row["Account"] for row in olivias["accounts"]} == {"Acme Robotics", "Borealis Foods"}
        assert "Dunmore Press" not in {row["Account"] for row in maxs["accounts"]}
        assert "Nobody in Max's team may read this." not in str(maxs)
        assert "Nobody in Max's team may read this." in {row["Text"] for row in omars["entries"]}

    def test_no_cell_is_a_formula(self) -> None:
        tables = tables_in(export_of(self.omar))
        cells = [cell for rows in tables.values() for row in rows for cell in row.values()]
        assert "'@audit" in cells
        assert "'-5 % in all countries" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        book = openpyxl.load_workbook(io.BytesIO(file_of(export_of(self.omar, "xlsx"))))
        assert not [cell for page in book for row in page for cell in row if cell.data_type == "f"]

    def test_the_other_systems_ids_go_along(self) -> None:
        self.acme.external_id = "001xx000003DGb2AAG"
        self.acme.save(update_fields=["external_id"])
        tables = tables_in(export_of(self.olivia))
        ids = {row["Account"]: row["Account ID"] for row in tables["accounts"]}
        assert ids["Acme Robotics"] == "001xx000003DGb2AAG"
        assert {row["Account ID"] for row in tables["contacts"]} == {"001xx000003DGb2AAG"}

    def test_the_list_goes_out_with_its_filter(self) -> None:
        make_obligation(self.borealis, "Too late", due_in=-3)
        tables = tables_in(export_of(self.olivia, query="owner=me&late=1"))
        assert {row["Account"] for rows in tables.values() for row in rows if "Account" in row} == {
            "Borealis Foods"
        }

    def test_what_was_merged_goes_out_with_the_account_it_is_part_of(self) -> None:
        make_entry(self.borealis, "Said to Borealis.")
        self.borealis.merge_into(self.acme, by=self.max, because="One company since spring")
        tables = tables_in(export_of(self.olivia, account=self.acme))
        assert [row["Merged into it"] for row in tables["accounts"]] == ["Borealis Foods"]
        said = {row["Text"]: row["Account"] for row in tables["entries"]}
        assert said["Said to Borealis."] == "Acme Robotics"
        assert come_in(file_of(export_of(self.omar)), self.omar) == (True, [])

    def test_closed_accounts_go_out_where_they_are_asked_for(self) -> None:
        owed = {one.pk: "Nothing" for one in self.cobalt.obligations.open()}
        self.cobalt.close(by=self.max, because="They stopped trading", outcomes=owed)
        make_contact(self.cobalt, "Jo Lund")
        assert "Cobalt Mining" not in str(tables_in(export_of(self.omar))["accounts"])
        everything = export_of(self.omar, query="closed=1")
        assert "Cobalt Mining" in str(tables_in(everything)["accounts"])
        assert come_in(file_of(everything), self.omar) == (True, [])

    def test_a_text_that_is_too_long_for_a_cell_goes_on_beside_it(self) -> None:
        long = "“Ärger” =  " + "0123456789 äöü\n" * 4_000
        make_entry(self.acme, long)
        data = file_of(export_of(self.omar, "xlsx"))
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        heads, *rows = ([str(cell or "") for cell in row] for row in book["Entries"].values)
        places = [
            place for place, head in enumerate(heads) if head == "Text" or head.startswith("Text, part")
        ]
        assert len(places) > 2
        whole = ["".join(row[place] for place in places) for row in rows]
        assert long.strip() in {text.strip() for text in whole}
        assert come_in(data, self.omar, "out.xlsx") == (True, [])


class WholeMemory(WithMemory):
    def test_the_memory_of_an_account_says_who_when_and_from_what(self) -> None:
        newer = self.fact.supersede("-8 % in all countries", by=self.olivia)
        newer.confirm(by=self.olivia, contact=self.champion)
        Context.note(self.champion, "A new boss", in_days(60), by=self.olivia)
        Obligation.owe(
            self.acme,
            "feedback",
            "It is 9 %",
            by=self.carla,
            contact=self.champion,
            fact=newer,
            due=in_days(5),
        )
        memory = memory_of(export_of(self.olivia, "json", account=self.acme))
        assert memory["format"] == "throughline-account/1"
        facts = {fact["answer"]: fact for fact in memory["facts"]}
        old, new = facts["-5 % in all countries"], facts["-8 % in all countries"]
        assert (old["state"], new["state"]) == ("Replaced by a newer answer", "Holds")
        assert (old["told_by_or_about"], old["written_by"], old["frozen"]) == (
            "Carla Weiss",
            "Olivia Brandt",
            True,
        )
        assert new["replaces"] == old["reference"]
        assert new["confirmations"][0]["by_the_customer"]
        assert new["corrections_by_the_customer"][0]["words"] == "It is 9 %"
        assert [one["text"] for one in memory["contexts"]] == ["A new boss"]
        (entry,) = [entry for entry in memory["entries"] if entry["subject"] == "@audit"]
        assert entry["text"] == "=1+1\n'quoted', \"so\"; and more"
        assert (entry["written_by"], entry["with"], entry["frozen"]) == ("Olivia Brandt", "Carla Weiss", True)
        assert {person["name"] for person in memory["people"]} >= {"Olivia Brandt"}
        assert not memory["account"]["frozen"]

    def test_it_says_from_which_passage_something_was_sorted(self) -> None:
        make_entry(self.acme, "Never ring her in the morning.", contacts=[self.champion])
        EntryReading.read_all()
        passage = Passage.objects.get(reading__entry__text__startswith="Never ring")
        passage.become_nothing(by=self.olivia)
        memory = memory_of(export_of(self.olivia, "json", account=self.acme))
        (entry,) = [entry for entry in memory["entries"] if (entry["text"] or "").startswith("Never")]
        (made,) = entry["sorted_passages"]
        assert made["words"] in entry["text"]
        assert (made["became"], made["sorted_by"]) == ("Nothing to carry", "Olivia Brandt")

    def test_several_accounts_are_a_file_each(self) -> None:
        with zipfile.ZipFile(io.BytesIO(file_of(export_of(self.olivia, "json")))) as archive:
            names = [json.loads(archive.read(name))["account"]["account"] for name in archive.namelist()]
        assert sorted(names) == ["Acme Robotics", "Borealis Foods"]


class Making(WithMemory):
    def test_two_clicks_make_one_job(self) -> None:
        assert asked(self.olivia) == asked(self.olivia)
        assert asked(self.olivia, "json") != asked(self.olivia)
        assert asked(self.max) != asked(self.olivia)

    def test_until_it_is_whole_there_is_no_file(self) -> None:
        export = asked(self.olivia)
        export.begin()
        export.go_on(1, 20)
        assert export.state == "under way"
        assert not ExportPart.objects.filter(export=export).exists()
        with pytest.raises(Refused):
            export.hand_out(to=self.olivia)

    def test_a_worker_that_is_killed_leaves_no_half_file(self) -> None:
        export, killed = asked(self.olivia), mock.Mock(side_effect=SystemExit)
        with mock.patch.object(CsvArchive, "save", killed), pytest.raises(SystemExit):
            make(export)
        export.refresh_from_db()
        assert (export.state, export.tries, export.parts.count()) == ("under way", 1, 0)
        with at_time(clocks.now() + STALLED_AFTER * 2):
            assert export.state == "interrupted"
        make(export)  # as the next one does, which the broker gives the same message
        export.refresh_from_db()
        assert (export.state, export.tries) == ("ready", 2)

    def test_one_that_was_interrupted_says_so_and_is_begun_anew(self) -> None:
        export = asked(self.olivia)
        export.begin()
        Export.objects.filter(pk=export.pk).update(heartbeat_at=clocks.now() - STALLED_AFTER * 2)
        page = self.browse(self.olivia, "export", export.pk)
        self.assertContains(page, "The work on it was interrupted")
        with self.captureOnCommitCallbacks(execute=True):
            self.send(self.olivia, "export_start_again", export.pk)
        export.refresh_from_db()
        assert export.state == "ready"

    def test_what_nobody_works_on_is_taken_up_by_itself_but_not_for_ever(self) -> None:
        lost, hopeless = asked(self.olivia), asked(self.olivia, "json")
        stale = clocks.now() - STALLED_AFTER * 2
        Export.objects.filter(pk=lost.pk).update(heartbeat_at=stale)
        Export.objects.filter(pk=hopeless.pk).update(heartbeat_at=stale, tries=3)
        resume_exports()
        lost.refresh_from_db()
        hopeless.refresh_from_db()
        assert (lost.state, hopeless.state) == ("ready", "failed")

    def test_one_that_somebody_stops_leaves_nothing(self) -> None:
        export = asked(self.olivia)
        self.send(self.olivia, "export_stop", export.pk)
        make(export)
        export.refresh_from_db()
        assert export.state == "stopped"
        assert not export.parts.exists()

    def test_a_second_worker_makes_nothing_twice(self) -> None:
        export = export_of(self.olivia)
        make(export)
        export.refresh_from_db()
        assert (export.tries, export.parts.count()) == (1, 1)

    def test_what_fails_says_so(self) -> None:
        export = asked(self.olivia, query="owner=999999")  # there is nobody of that number
        make(export)
        export.refresh_from_db()
        assert export.state == "failed"
        assert export.failed_because

    def test_a_small_account_goes_out_at_once_and_many_behind_the_page(self) -> None:
        answer = self.send(self.olivia, "account_export", self.acme.pk, shape="json")
        export = Export.objects.get()
        self.assertRedirects(answer, f"/exports/{export.pk}/file/", fetch_redirect_response=False)
        with mock.patch.object(carrying_out, "SMALL_ACCOUNTS", 0):
            answer = self.send(self.olivia, "export_new", shape="csv")
        export = Export.objects.exclude(pk=export.pk).get()
        self.assertRedirects(answer, f"/exports/{export.pk}/", fetch_redirect_response=False)
        assert export.state == "under way"
        self.assertContains(self.browse(self.olivia, "export", export.pk), "Waits for its turn")


class HandingOut(WithMemory):
    def taken(self, by: User, export: Export) -> int:
        return self.browse(by, "export_file", export.pk).status_code

    def test_the_file_is_theirs_alone_and_the_log_is_for_operations(self) -> None:
        export = export_of(self.olivia)
        assert [self.taken(who, export) for who in (self.olivia, self.omar, self.max, self.nils)] == [
            200, 403, 404, 404,
        ]  # fmt: skip
        log = self.browse(self.omar, "export_list")
        self.assertContains(log, "Olivia Brandt")
        self.assertContains(log, "All accounts")
        assert ExportDownload.objects.count() == 1
        self.assertNotContains(self.browse(self.max, "export_list"), "All accounts")

    def test_after_a_day_the_file_is_gone_and_the_log_stays(self) -> None:
        export = export_of(self.olivia)
        with at_time(clocks.now() + timedelta(hours=25)):
            assert export.state == "expired"
            with pytest.raises(Refused):
                export.hand_out(to=self.olivia)
            forget_exports()
        assert not export.parts.exists()
        assert Export.objects.filter(pk=export.pk).exists()

    def test_access_to_it_ends_with_the_persons_access(self) -> None:
        export, gone = export_of(self.olivia), export_of(self.ines)
        with transaction.atomic():
            self.borealis.coverage.owners().pass_to(self.ines, by=self.max, because="A smaller book")
        assert self.taken(self.olivia, export) == 409
        self.ines.end_access(by=self.max, because="She went over night")
        assert self.taken(self.ines, gone) == 302

    def test_whoever_is_erased_is_in_no_file_that_waits(self) -> None:
        export = export_of(self.olivia)
        other = export_of(self.nils)
        self.champion.erase(by=self.omar, because="She asked for it")
        assert not export.parts.exists()
        assert other.parts.exists()
        with self.assertRaisesMessage(Refused, ERASED):
            export.hand_out(to=self.olivia)


class Laws(WithMemory):
    def test_no_file_is_handed_out_to_somebody_without_access(self) -> None:
        handing_out = "INSERT INTO accounts_exportdownload (export_id, at) VALUES (%s, now())"
        export, waiting = export_of(self.nils), asked(self.nils)
        assert refusal_of(handing_out, waiting.pk) == "export_is_theirs"
        self.nils.end_access(by=self.petra, because="He went over night")
        assert refusal_of(handing_out, export.pk) == "export_is_theirs"

    def test_the_log_stays_as_it_was_written(self) -> None:
        export = export_of(self.nils)
        export.hand_out(to=self.nils)
        for change in (
            "DELETE FROM accounts_exportdownload",
            "UPDATE accounts_exportdownload SET at = now()",
            "DELETE FROM accounts_export",
            "UPDATE accounts_export SET by_id = account_id",
            "UPDATE accounts_export SET query = ''",
        ):
            assert "permission denied" in refusal_of(change)

    def test_the_same_is_not_made_twice_at_once(self) -> None:
        export = asked(self.nils)
        again = (
            "INSERT INTO accounts_export (by_id, shape, query, what, asked_at, heartbeat_at, tries, total, done, rows,"
            " accounts, size, failed_because) SELECT by_id, shape, query, what, now(), now(), 0, 0, 0, 0, '{}', 0, ''"
            " FROM accounts_export WHERE id = %s"
        )
        assert refusal_of(again, export.pk) == "export_made_once"

    def test_the_customers_role_reads_nothing_of_it(self) -> None:
        for table in ("accounts_export", "accounts_exportpart", "accounts_exportdownload"):
            said = refusal_of(f"SET LOCAL ROLE throughline_customer; SELECT * FROM {table}")
            assert "permission denied" in said
