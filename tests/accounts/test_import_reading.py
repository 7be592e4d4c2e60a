"""From bytes to sheets, from headers to meanings, from cells to values: no database."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from unittest import mock

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.importing import columns, reading, sheets, values
from accounts.importing.reading import read_file, sheets_of
from accounts.importing.sheets import MOST_CELLS
from accounts.importing.values import Unfit
from accounts.limits import MB, Unreadable

BOOK = "account;revenue;city\nÉclair SA;1100,04;Genève\nMüller GmbH;51,20;Zürich\n"


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in files.items():
            packed.writestr(name.replace("__", "."), data)
    return out.getvalue()


# ---- Encodings and shapes


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")],
)
def test_a_file_says_the_same_in_any_encoding(encoding: str, told: str) -> None:
    (sheet,) = read_file("book.csv", BOOK.encode(encoding))
    assert (sheet.encoding, sheet.delimiter) == (told, ";")
    assert [row.cells[0] for row in sheet.rows] == ["Éclair SA", "Müller GmbH"]
    assert sheet.because


def test_a_person_may_overrule_the_encoding() -> None:
    (sheet,) = read_file("book.csv", "name,town\nŁódź,Łódź\n".encode("cp1250"), "cp1250")
    assert sheet.rows[0].cells == ["Łódź", "Łódź"]
    with pytest.raises(Unreadable, match="cannot be read as UTF-8"):
        read_file("book.csv", BOOK.encode("cp1252"), "utf-8-sig")


def test_rows_know_the_line_they_start_on_across_blank_lines_and_line_breaks_in_cells() -> None:
    text = 'name,note\r\nAcme,"one\ntwo\nthree"\n\n\rBorealis,"said ""no"""\r\n'
    (sheet,) = read_file("notes.csv", text.encode())
    assert [(row.number, row.line) for row in sheet.rows] == [(1, 2), (2, 7)]
    assert sheet.rows[1].cells == ["Borealis", 'said "no"']


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_line() -> None:
    with pytest.raises(Unreadable, match="begins on line 3 and is never closed"):
        read_file("notes.csv", b'name,note\nAcme,fine\nBorealis,"never\nends,here\n')


def test_a_workbook_reads_like_a_text_file() -> None:
    data = workbook(["Account", "Founded", "Since"], ["Acme", 1996.0, date(2017, 3, 1)], ["Borealis"])
    (sheet,) = read_file("book.xlsx", data)
    assert [row.cells for row in sheet.rows] == [["Acme", "1996", "2017-03-01"], ["Borealis", "", ""]]


def test_an_archive_holds_several_sheets_and_its_hidden_files_do_not_count() -> None:
    data = archive(a__csv=b"x,y\n1,2\n", b__tsv=b"x\ty\n1\t2\n", readme__pdf=b"%PDF")
    assert [sheet.name for sheet in read_file("book.zip", data)] == ["a.csv", "b.tsv"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"  \r\n", "is empty"),
        (b"\xff\xfe", "is empty"),
        (b"name,town\nAc\x00me,Oslo\n", "NUL bytes"),
        (b"\xe9\x00,\x00", "NUL bytes"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "is a picture"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "older Excel"),
        (b"PK\x03\x04broken", "damaged"),
        (bytes(range(1, 32)) * 20, "not a text file"),
        (b"a,b\n" + b"1,2\n" * (reading.MOST_BYTES // 4 + 1), "more than 25 MB"),
    ],
)  # fmt: skip
def test_what_is_no_table_gets_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read_file("file.csv", data)


@given(st.binary(max_size=400))
def test_whatever_the_bytes_there_is_a_sheet_or_a_sentence(data: bytes) -> None:
    with contextlib.suppress(Unreadable):
        for sheet in sheets_of([("file.csv", data)]):
            assert columns.recognise(sheet.header, sheet.name).sentence


# ---- More than can be read


def with_part(workbook: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The workbook with something else in one of its parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as there,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in there.namelist():
            content = there.read(name)
            if name.endswith(part):
                assert old in content
                content = content.replace(old, new, 1)
            made.writestr(name, content)
    return out.getvalue()


def with_rows(rows: bytes) -> bytes:
    return with_part(SMALL, "sheet1.xml", b"</sheetData>", rows + b"</sheetData>")


def with_entity(declared: bytes, used: bytes) -> bytes:
    """The workbook with a document type in its sheet, and an entity of it in a cell."""
    there = with_part(SMALL, "sheet1.xml", b"<worksheet", b"<!DOCTYPE x [" + declared + b"]><worksheet")
    cell = b'<row r="3"><c r="A3" t="str"><v>' + used + b"</v></c></row></sheetData>"
    return with_part(there, "sheet1.xml", b"</sheetData>", cell)


def within(times: int) -> bytes:
    """An archive within an archive within an archive ..."""
    data = b"a,b\n1,2\n"
    for _ in range(times):
        data = archive(r__csv=data)
    return data


SMALL = workbook(["Account", "Owner"], ["Acme", "Olivia"])
LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"ha" * 50) for n in range(12)
)
EVIL: dict[str, tuple[Callable[[], bytes], str]] = {
    "a cell in the last column": (
        lambda: with_rows(b'<row r="3"><c r="XFD3"><v>1</v></c></row>'),
        "something in column 16,384 of line 3",
    ),
    "empty cells in the last column of many rows": (
        lambda: with_rows(b'<row><c r="A3"><v>1</v></c><c r="XFD3"/></row>' * 400),
        "more than can be read at once",
    ),
    "a row after the last": (
        lambda: with_rows(b'<row r="99999999999"><c><v>1</v></c></row>'),
        "more than 9,000 lines",
    ),
    "much that is empty": (
        lambda: with_part(SMALL, "sheet1.xml", b"<sheetData>", b"<sheetData>" + b" " * 105 * MB),
        "unpacks to more than 100 MB",
    ),
    "a text over and over": (
        lambda: with_rows((b'<row><c t="str"><v>' + b"x" * 130_000 + b"</v></c></row>") * 400),
        "more than can be read at once",
    ),
    "a billion laughs": (lambda: with_entity(LAUGHS, b"&l11;"), "cannot be opened as a workbook"),
    "a file of ours": (
        lambda: with_entity(b'<!ENTITY l SYSTEM "file:///etc/passwd">', b"&l;"),
        "cannot be opened as a workbook",
    ),
    "one long line": (lambda: b"x" * MB, "line 1 has a cell of more than 131,072 characters"),
    "a quotation that goes on": (lambda: b'a,b\n"' + b"x,y\n" * 100_000, "line 2 has a cell .* never closed"),
    "many columns": (lambda: b"a," * 2000 + b"b\n", "something in column 2,001 of line 1"),
    "many lines": (lambda: b"a,b\n" + b"\n" * 9_000, "more than 9,000 lines"),
    "many cells": (
        lambda: (b"," * 900 + b"x\n") * (MOST_CELLS // 900 + 1),
        "more than can be read at once",
    ),
    "an archive within an archive": (lambda: within(2), "an archive within an archive"),
    "an archive that is deeper than can be gone": (lambda: within(400), "an archive within an archive"),
    "an archive of many files": (
        lambda: archive(**{f"f{number}__csv": b"a,b\n1,2\n" for number in range(101)}),
        "more than 100 files",
    ),
    "an archive of other bytes than it says": (
        lambda: archive(a__csv=b"a,b\n1,2\n").replace(b"a,b\n1,2\n", b"\xff" * 8),
        "damaged archive",
    ),
}


@pytest.mark.parametrize("name", EVIL)
def test_what_is_too_much_is_a_sentence_before_it_is_read(name: str) -> None:
    """In this very process: the readers keep their limits themselves, before the system has to."""
    make, sentence = EVIL[name]
    with mock.patch.object(sheets, "LAST_LINE", 9_000), pytest.raises(Unreadable, match=sentence):
        sheets_of([("file.csv", make())])


def test_files_are_counted_together() -> None:
    few = [("few.csv", b"a,b\n1,2\n")] * 100
    assert len(sheets_of(few)) == 100
    with pytest.raises(Unreadable, match="more than 100 sheets"):
        sheets_of([*few, few[0]])


def test_empty_columns_that_a_program_writes_are_no_columns() -> None:
    (sheet,) = sheets_of([("file.csv", b"a,b" + b"," * 16_000 + b"\n1,2" + b"," * 16_000 + b"\n")])
    assert (sheet.header, sheet.rows[0].cells[:2]) == (["a", "b"], ["1", "2"])


# ---- Headers


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("account,sector,revenue,subsidiary_of", "account"),
        (" Account Name ,SECTOR,# Employees,Parent Account", "account"),
        ("sales_agent,manager,regional_office", "person"),
        ("opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value", "deal"),
        ("Id,AccountId,LastName,FirstName,Email", "contact"),
        ("Id,WhoId,WhatId,Subject,ActivityDate,OwnerId", "task"),
        ("Id,LastName,Company,IsConverted,Status", ""),
        ("colour,weight", ""),
    ],
)
def test_a_header_says_what_a_table_is_about(header: str, kind: str) -> None:
    meaning = columns.recognise(header.split(","))
    assert meaning.kind == kind
    assert meaning.sentence


def test_headers_are_recognised_however_people_write_them() -> None:
    meaning = columns.recognise([" Account Name ", "SECTOR", "# Employees", "Parent Account"])
    assert meaning.columns == {"name": 0, "industry": 1, "employees": 2, "parent": 3}


# ---- Cells


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("$1,100.04 ", ".", "1100.04"),
        ("1100,04", ",", "1100.04"),
        ("1.100,04 €", ",", "1100.04"),
        ("2 822", ".", "2822"),
        ("(500)", ".", "-500"),
        ("-5", ".", "-5"),
    ],
)
def test_amounts(text: str, decimal: str, number: str) -> None:
    assert values.amount(text, decimal) == Decimal(number)


def test_a_column_of_numbers_shows_its_decimal_sign() -> None:
    assert values.decimal_sign(["1100,04", "251,4", "4618"]) == ","
    assert values.decimal_sign(["$1,100.04 ", "2,822", "51.2"]) == "."


@pytest.mark.parametrize("text", ["a lot", "1,2,3x", "NaN", "1e40"])
def test_what_is_no_amount_is_told(text: str) -> None:
    with pytest.raises(Unfit):
        values.amount(text)


def test_a_column_of_dates_has_one_form_and_ambiguity_is_seen() -> None:
    assert [form.name for form in values.date_forms(["2017-03-01", "2024-01-23T17:50:51.000+0000"])] == [
        "ymd"
    ]
    assert [form.name for form in values.date_forms(["5/20/2024 7:42", "1/2/2024 8:00"])] == ["mdy"]
    assert [form.name for form in values.date_forms(["1/31/25", "3/4/25"])] == ["mdy"]
    assert [form.name for form in values.date_forms(["3/4/2017", "5/6/2017"])] == ["dmy", "mdy"]
    assert [form.name for form in values.date_forms(["4/4/2017"])] == ["dmy"]
    with pytest.raises(Unfit, match="not a date written like 2017-03-24"):
        values.day("31/12/2017", values.YEAR_FIRST)


def test_record_ids_of_15_and_18_signs_are_the_same_and_null_references_are_nothing() -> None:
    assert values.record_id("001Ec00000GGw3h") == "001Ec00000GGw3hIAD"
    assert values.record_id("001Ec00000GGw3hIAD") == "001Ec00000GGw3hIAD"
    assert values.record_id("000000000000000AAA") == ""
    assert values.record_id("000000000000000") == ""


def test_names_are_compared_without_case_blanks_and_legal_form() -> None:
    assert values.key(" ACME  CORPORATION ") == values.key("Acme Corporation")
    assert values.bare("Acme Corporation, Inc.") == values.bare("ACME CORP.") == "acme"
    assert values.squashed("GTX Pro") == values.squashed("GTXPro")


def test_text_read_in_the_wrong_encoding_once_can_be_repaired() -> None:
    assert values.repaired("Ã‰tats-Unis") == "États-Unis"
    assert values.repaired("États-Unis") == "États-Unis"
    assert values.repaired("Ãrvore") == "Ãrvore"


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-5", "@name", "\tx"])
def test_no_cell_leaves_as_a_formula(text: str) -> None:
    assert values.safe_cell(text) == f"'{text}"
    assert values.safe_cell("plain") == "plain"


def test_a_first_row_that_is_data_is_one_of_the_rows_and_the_columns_have_numbers() -> None:
    (sheet,) = read_file("stores.csv", b"1\tAlder\t2014-02-08 10:17:21\n2\tBirch\t2014-02-09 10:17:21\n")
    assert sheet.header == ["Column 1", "Column 2", "Column 3"]
    assert [(row.number, row.line, row.cells[1]) for row in sheet.rows] == [(1, 1, "Alder"), (2, 2, "Birch")]
    assert "The first row is data like the others" in sheet.because
    (named,) = read_file("days.csv", b"Name,2026-01-01,2026-02-01\nAlder,5,7\nBirch,6,8\n")
    assert named.header[0] == "Name"
