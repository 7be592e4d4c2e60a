"""What goes out: everything somebody may see, and it comes in again without a change."""

from __future__ import annotations

import csv
import io
import zipfile

from accounts.exporting.carrying_out import make
from accounts.importing import batches
from accounts.importing.reading import sheets_of
from accounts.models import Account, Export, ImportRow, User
from tests.base import CastTestCase, make_deal, make_entry, make_fact, make_obligation


def export_of(by: User, shape: str = "csv", account: Account | None = None, query: str = "") -> Export:
    export = Export.ask(by=by, shape=shape, what="All accounts", total=0, account=account, query=query)
    make(export)
    export.refresh_from_db()
    assert export.state == "ready", export.failed_because
    return export


def file_of(export: Export) -> bytes:
    return b"".join(export.file())


def tables_in(export: Export) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(file_of(export))) as archive:
        return {
            name.removesuffix(".csv"): list(
                csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline=""))
            )
            for name in archive.namelist()
        }


def come_in(data: bytes, by: User, name: str = "out.zip") -> tuple[bool, list[tuple[str, str, str]]]:
    """Whether bringing this file in changes nothing, and each row that is not unchanged."""
    batch, plan = batches.stage(sheets_of([(name, data)]), by=by)
    rows = ImportRow.objects.filter(file__batch=batch)
    assert rows.count() == sum(batch.files.values_list("row_count", flat=True)) == len(plan.outcomes)
    other = rows.exclude(state="unchanged", because="")
    return plan.changes_nothing, list(other.values_list("file__name", "state", "because"))


class RoundTrip(CastTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        make_entry(cls.acme, "=1+1\n'quoted', \"so\"; and more", contacts=[cls.champion], subject="@audit")
        make_fact(cls.acme, "needs", "-5 % in all countries", contact=cls.champion)
        make_obligation(cls.acme, "+49 call", contact=cls.champion)
        make_deal(cls.acme)
        make_deal(cls.borealis, "Pilot").close("won", by=cls.olivia)

    def test_tables_come_in_again_without_a_change(self) -> None:
        for person in (self.omar, self.max):
            for shape in ("csv", "xlsx"):
                with self.subTest(person.name, shape=shape):
                    data = file_of(export_of(person, shape))
                    assert come_in(data, person, f"out.{'zip' if shape == 'csv' else shape}") == (True, [])
