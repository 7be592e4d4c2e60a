"""Numbers that a spreadsheet has spoiled, and the first line that Excel writes for itself."""

from __future__ import annotations

from io import BytesIO

import openpyxl
from django.test import SimpleTestCase

from accounts.importing.batches import apply, stage
from accounts.importing.reading import read_file, read_files
from accounts.importing.spoiled import is_shortened, lacks_zeros, repaired_cell
from accounts.importing.values import safe_cell
from accounts.models import Account, Contact, ImportBatch
from tests.base import CastTestCase, make_user
from tests.import_cases import a_case


class Cells(SimpleTestCase):
    def test_what_is_certain_is_put_right(self) -> None:
        for cell, meant in [
            ('="0444123457"', "0444123457"),
            ('=T("0444")', "0444"),
            ("=0444", "0444"),
            ('="say ""hi"""', 'say "hi"'),
            ("'+44 20 7946 0018", "+44 20 7946 0018"),
            ('\'="0444"', "0444"),
            ("'0444 123", "0444 123"),
            ("’0444", "0444"),
        ]:
            assert repaired_cell(cell, number=True) == meant

    def test_anything_else_stays_as_it_is(self) -> None:
        for cell in [
            "'t Hooft",
            "'47 Club",
            "= 3 things",
            "=A1+B2",
            '=HYPERLINK("x")',
            "",
            "'",
            "0444",
            "1E5 units",
        ]:
            assert repaired_cell(cell, number=True) == cell
        assert repaired_cell("'0444") == "'0444", "in a column of words an apostrophe is an apostrophe"

    def test_what_we_write_for_a_spreadsheet_comes_back_as_it_was(self) -> None:
        for text in ["=1+1", "+44 1", "-5", "@ada", "plain", "'quoted'"]:
            assert repaired_cell(safe_cell(text)) == text

    def test_a_number_without_its_last_digits_is_known(self) -> None:
        assert all(map(is_shortened, ["4.42E+11", "4,42E+11", "4.4207e+11", "1E+12", "4.42 E+11"]))
        assert not any(map(is_shortened, ["E11", "1.2.3E4", "44E", "0444", "A1E+5", "442079460018"]))

    def test_a_lost_zero_is_doubtful_only_beside_others_that_have_one(self) -> None:
        assert lacks_zeros("444123456", ["0444123456", "0170 555", "444123456"])
        assert not lacks_zeros("444123456", ["444123455", "444123456"])
        assert not lacks_zeros("0444123456", ["0444123456", "0170 555"])


class FirstLine(SimpleTestCase):
    def test_it_says_how_cells_are_parted_and_is_no_data(self) -> None:
        rows = "Name{0}Industry\nAcme, Ltd{0}Paper; cards\n"
        for first, sign in [
            ("sep=;", ";"), ("SEP=;", ";"), ('"sep=;"', ";"), ("sep=,", ","), ("sep=\t", "\t"), ("sep=\\t", "\t"),
            ("sep=|", "|"), ("sep=^", "^"), ("sep=;;", ";"),
        ]:  # fmt: skip
            body = rows.replace("{0}", sign)
            if sign in ",;":
                body = body.replace("Acme, Ltd", '"Acme, Ltd"').replace("Paper; cards", '"Paper; cards"')
            for end, codec in [("\n", "utf-8"), ("\r\n", "utf-8-sig"), ("\n", "utf-16")]:
                text = (first + "\n" + body).replace("\n", end)
                (sheet,) = read_file("a.csv", text.encode(codec))
                assert (sheet.header, sheet.delimiter) == (["Name", "Industry"], sign), first
                assert [(row.line, row.cells) for row in sheet.rows] == [(3, ["Acme, Ltd", "Paper; cards"])]

    def test_a_heading_that_only_begins_like_it_is_a_heading(self) -> None:
        (sheet,) = read_file("a.csv", b"sep=size,Name\n1,Acme\n")
        assert sheet.header == ["sep=size", "Name"]

    def test_the_case(self) -> None:
        (sheet,) = read_file("accounts.csv", (a_case("f12_sep_line") / "accounts.csv").read_bytes())
        assert sheet.header == ["Name", "Industry", "Revenue", "Owner"]
        assert [row.cells[0] for row in sheet.rows] == ["Brückner & Söhne", "Ponder Ltd"]


class Workbooks(SimpleTestCase):
    def test_a_number_is_read_as_the_page_shows_it_where_its_form_is_of_zeros(self) -> None:
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        page.append(["Name", "Number"])
        forms = ["0000000000", "00000-0000", '"0"000', "0", "#,##0", "0.00", "General", "00", "0000\\/000"]
        shown = ["0444123456", "00123-4567", "0012", "12", "1200", "3", "442079460018", "1234", "0012/345"]
        numbers = [444123456, 1234567, 12, 12, 1200, 3, 4.42079460018e11, 1234, 12345]
        for row, (form, number) in enumerate(zip(forms, numbers, strict=True), start=2):
            page.cell(row, 1, f"Row {row}")
            page.cell(row, 2, number).number_format = form
        file = BytesIO()
        book.save(file)
        (sheet,) = read_file("a.xlsx", file.getvalue())
        assert [row.cells[1] for row in sheet.rows] == shown


class Phones(CastTestCase):
    def bring(self, *files: tuple[str, bytes]) -> ImportBatch:
        make_user("Nia Falk")
        batch, _ = stage(read_files(files), by=self.omar)
        return batch

    def test_the_case(self) -> None:
        folder = a_case("f13_phones")
        for name in ("contacts.csv", "contacts.xlsx"):
            with self.subTest(name):
                (sheet,) = read_file(name, (folder / name).read_bytes())
                assert any(cell.startswith("0") for row in sheet.rows for cell in row.cells)
        names = ["accounts.csv", "contacts.csv"]
        batch = self.bring(*((name, (folder / name).read_bytes()) for name in names))
        (row,) = [row for row in batch.tray() if "Rue" in row.cells]
        assert "a spreadsheet has shortened “4.4207E+11”" in row.because
        assert row.state == "new", "the row comes in all the same"

    def test_its_tray_comes_back_without_our_apostrophe(self) -> None:
        Account.objects.filter(pk=self.acme.pk).update(name="Nowhere Ltd")
        tray = (a_case("f13_phones") / "tray_as_downloaded.csv").read_bytes()
        batch = self.bring(("tray_as_downloaded.csv", tray))
        apply(batch, by=self.omar)
        assert Contact.objects.get(name="Ed Rix").phone == "+44 20 7946 0018"

    def test_brothers_come_in_and_say_what_is_missing(self) -> None:
        Account.objects.filter(pk=self.acme.pk).update(name="Ponder Ltd")
        people = (
            "sep=;\nFirst name;Last name;Account;Email;Phone\n"
            'Ann;Ash;Ponder Ltd;ann@p.example;0444 1\nBo;Bay;Ponder Ltd;bo@p.example;="0444 2"\n'
            "Cal;Cox;Ponder Ltd;cal@p.example;8,21E+12\nDot;Day;Ponder Ltd;dot@p.example;444123456\n"
            "Eve;Elm;Ponder Ltd;eve@p.example;'0444 5\n"
        )
        batch = self.bring(("contacts.csv", people.encode()))
        assert [(row.cells[1], row.because.partition(": ")[2][:24]) for row in batch.tray()] == [
            ("Cox", "a spreadsheet has shorte"), ("Day", "“444123456” may have los"),
        ]  # fmt: skip
        apply(batch, by=self.omar)
        phones = dict(Contact.objects.filter(email__endswith="@p.example").values_list("name", "phone"))
        assert phones == {
            "Ann Ash": "0444 1", "Bo Bay": "0444 2", "Cal Cox": "", "Dot Day": "444123456", "Eve Elm": "0444 5",
        }  # fmt: skip
