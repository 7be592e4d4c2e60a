"""Whatever a file holds, each of its rows is accounted for; and what was taken goes out and comes in unchanged."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.importing import batches, columns
from accounts.importing.book import (
    ASIDE,
    CHANGED,
    LEFT_OUT,
    NEW,
    UNCHANGED,
    ExistingBook,
    PlannedPerson,
    StagedRow,
    Table,
)
from accounts.importing.dialects import DIALECTS
from accounts.importing.planning import plan_book
from accounts.importing.reading import sheets_of
from accounts.importing.sheets import Sheet
from accounts.importing.values import bare_cell, safe_cell
from accounts.models import Account, ImportFile, ImportRow, Refused
from tests.accounts.test_exporting import come_in, export_of, file_of
from tests.base import CastTestCase, make_contact, make_deal, make_entry, make_fact, make_obligation

DELIMITERS = ",;\t|"
KNOWN = sorted({word for dialect in DIALECTS for word in dialect.words if word})
SIGNS = st.characters(exclude_categories=["Cs", "Cc"])
UGLY = st.text(
    st.sampled_from("ab Z09=+-@'\",;|\t\n\r%()/\\.:#_“Ä߀ñ漢😀\u00a0\u200b\ufffe") | SIGNS, max_size=24
)
SOMETHING = """
    Acme|acme|ACME GmbH|Borealis|001xx000003DGb2AAG|7|0444|4.42E+11|yes|no|2024-03-05|5.3.2024|3/5/2024|31/12/2199|
    1.234,50|$1,100.04|(500)|won|Closed|ann@vendor.example|Ann Lee|null|Total|Grand total|=1+1|'=1|Ã¼ber|Opportunity|
"""
CELL = st.sampled_from([" ", *(word.strip() for word in SOMETHING.split("|"))]) | UGLY
HEADING = st.sampled_from(KNOWN) | st.text(st.sampled_from("abc XYZ#_é“?"), min_size=1, max_size=12)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, bytes, list[list[str]]]:
    """A file's name, what is in it, and its rows: ragged ones, with blank lines between them."""
    delimiter = draw(st.sampled_from(DELIMITERS))
    header = draw(st.lists(HEADING.filter(str.strip), min_size=2, max_size=9))
    width = st.integers(0, len(header) + 2)
    row = width.flatmap(lambda wide: st.lists(CELL, min_size=wide, max_size=wide))
    rows = draw(st.lists(st.lists(CELL, min_size=len(header), max_size=len(header)) | row, max_size=12))
    text = io.StringIO()
    text_of = csv.writer(text, delimiter=delimiter)
    if draw(st.booleans()):
        text_of = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    text_of.writerows([header, *rows])
    name = draw(st.sampled_from(["accounts", "contacts", "deals", "notes", "people", "export", "activities"]))
    return f"{name}.csv", text.getvalue().encode(), rows


def filled(rows: list[list[str]]) -> int:
    return sum(any(cell.strip() for cell in row) for row in rows)


def table_of(sheet: Sheet, index: int) -> Table:
    meaning = columns.recognise(sheet.header, sheet.name)
    table = Table(index, sheet.name, meaning.kind, sheet.header, meaning.columns, meaning.sentence)
    table.rows = [StagedRow(table, row.number, row.line, row.cells) for row in sheet.rows]
    return table


@given(st.lists(files(), min_size=1, max_size=3))
@settings(max_examples=80)
def test_each_row_of_any_files_is_taken_or_aside_with_a_reason(
    found: list[tuple[str, bytes, list[list[str]]]],
) -> None:
    sheets = sheets_of([(name, data) for name, data, _ in found])
    assert [len(sheet.rows) for sheet in sheets] == [filled(rows) for *_, rows in found]
    tables = [table_of(sheet, index) for index, sheet in enumerate(sheets)]
    omar = PlannedPerson("Omar", pk=1, email="omar@vendor.example", kind="operations")
    known = ExistingBook(people=[omar], importer=omar, resort=omar, operations=True, team={1})
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    plan = plan_book(tables, known, {}, now=now, zone=UTC)
    places = {row.place for table in tables for row in table.rows}
    assert set(plan.outcomes) == places
    assert {state for state, _ in plan.outcomes.values()} <= {NEW, CHANGED, UNCHANGED, ASIDE, LEFT_OUT}
    assert all(because for state, because in plan.outcomes.values() if state == ASIDE)


@given(UGLY)
@example("''=1")
@example("'")
def test_what_is_made_harmless_for_a_spreadsheet_is_the_same_again(text: str) -> None:
    assert bare_cell(safe_cell(text)) == text
    assert not safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


class AnyBook(TestCase, CastTestCase):
    @given(st.lists(files(), min_size=1, max_size=2), st.sampled_from(["csv", "xlsx"]))
    @settings(max_examples=7)
    def test_rows_are_staged_and_what_was_taken_goes_out_and_comes_in_unchanged(
        self, found: list[tuple[str, bytes, list[list[str]]]], shape: str
    ) -> None:
        good = ("accounts.csv", b"Account,Industry,Owner\nFennel Labs,Biotech,Olivia Brandt\n")
        sheets = sheets_of([good, *((name, data) for name, data, _ in found)])
        batch, plan = batches.stage(sheets, by=self.omar)
        for file, sheet in zip(batch.files.order_by("position"), sheets, strict=True):
            self.is_accounted_for(file, sheet)
        for question in plan.waiting():
            answer = question.recommended or question.options[0][0]
            batches.answer(batch, {question.key: answer}, by=self.omar)
        try:
            batches.apply(batch, by=self.omar)
        except Refused:
            return  # a question that came of an answer, or a law: nothing was taken
        data = file_of(export_of(self.omar, shape))
        assert come_in(data, self.omar, f"out.{'zip' if shape == 'csv' else shape}") == (True, [])

    def is_accounted_for(self, file: ImportFile, sheet: Sheet) -> None:
        rows = ImportRow.objects.filter(file=file)
        if not file.kind and not sheet.is_table:
            assert file.sentence  # it is no table, and says so
            return
        assert rows.count() == len(sheet.rows)
        assert not rows.filter(state="").exists()
        assert not rows.filter(state="aside", because="").exists()

    @given(
        st.lists(UGLY.filter(lambda text: text.strip()), min_size=6, max_size=6),
        st.sampled_from(["csv", "xlsx"]),
    )
    @settings(max_examples=7)
    def test_ugly_texts_go_out_and_come_in_unchanged(self, texts: list[str], shape: str) -> None:
        try:
            self.write_down(*texts)
        except Refused:
            return  # nothing of it is to be seen
        data = file_of(export_of(self.max, shape))
        assert come_in(data, self.max, f"out.{'zip' if shape == 'csv' else shape}") == (True, [])

    def write_down(self, one: str, two: str, three: str, four: str, five: str, six: str) -> None:
        Account.objects.filter(pk=self.acme.pk).update(industry=one[:100], external_id=f"x {two}"[:100])
        contact = make_contact(self.acme, three, evidence=four, title=two[:100])
        make_entry(self.acme, four, subject=one, contacts=[contact])
        make_fact(self.acme, "needs", five, contact=contact)
        make_obligation(self.acme, six, contact=contact)
        make_deal(self.acme, two, stage=one[:50], product=three[:50])
