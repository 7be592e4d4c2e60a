"""From bytes to sheets: what kind of file, which encoding and delimiter, and each row with its number and line."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

import charset_normalizer
import openpyxl

MOST_BYTES = 25 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_ROWS = 50_000
MOST_CELL = 1_000_000
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".zip")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
#: What a person may choose instead of our own reading.
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows Western (cp1252)",
    "cp1250": "Windows Central European (cp1250)",
    "cp1251": "Windows Cyrillic (cp1251)",
    "iso8859-15": "Latin-9 (ISO 8859-15)",
    "mac_roman": "Mac Roman",
    "shift_jis": "Shift JIS",
}
_KNOWN_BEGINNINGS = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "a workbook of an older Excel (.xls). Save it as .xlsx or CSV",
    b"\x1f\x8b": "a compressed file (gzip). Unpack it",
    b"SQLite": "a database",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}


class Unreadable(Exception):
    """A file that cannot be read, with the sentence that says why and what to do."""


@dataclass(frozen=True)
class Row:
    """One logical row: its number among the data rows, the line it starts on, and its cells as they stand."""

    number: int
    line: int
    cells: list[str]


@dataclass
class Sheet:
    """A table as read: nothing interpreted yet."""

    name: str
    encoding: str
    because: str
    delimiter: str
    header: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    data: bytes = b""

    @property
    def is_table(self) -> bool:
        """Whether most rows have as many cells as the first: prose with commas in it does not."""
        agreeing = sum(len(row.cells) == len(self.header) for row in self.rows)
        return len(self.header) > 1 and agreeing * 2 > len(self.rows)


def read_file(name: str, data: bytes, encoding: str = "") -> list[Sheet]:
    """The sheets of one file. `encoding` overrules our own reading of a text file. Raises `Unreadable`."""
    if len(data) > MOST_BYTES:
        raise Unreadable(
            f"{name} is larger than {MOST_BYTES // 1024 // 1024} MB. Split it and import the parts."
        )
    if not data.strip(b"\x00\r\n\t ") or data in (b"\xff\xfe", b"\xef\xbb\xbf"):
        raise Unreadable(f"{name} is empty: there is nothing in it to import.")
    if data[:4] == b"PK\x03\x04":
        return _packed(name, data)
    for beginning, what in _KNOWN_BEGINNINGS.items():
        if data.startswith(beginning) and (beginning != b"MZ" or b"\x00" in data[:200]):
            raise Unreadable(f"{name} is {what}, not a table. Export it as CSV or XLSX and import that.")
    return [_text_sheet(name, data, encoding)]


# ---- Archives and workbooks


def _packed(name: str, data: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MOST_UNPACKED:
                raise Unreadable(f"{name} unpacks to more than {MOST_UNPACKED // 1024 // 1024} MB. Split it.")
            if any(member.filename == "[Content_Types].xml" for member in members):
                return _workbook(name, data)
            if any(member.flag_bits & 1 for member in members):
                raise Unreadable(f"{name} is protected by a password. Unpack it and import the files.")
            inside = [member for member in members if _is_wanted(member.filename)]
            if not inside:
                raise Unreadable(f"{name} holds no CSV, TSV, TXT or XLSX file.")
            files = [(PurePosixPath(member.filename).name, archive.read(member)) for member in inside]
            return [sheet for file, content in files for sheet in read_file(file, content)]
    except (zipfile.BadZipFile, OSError, NotImplementedError, EOFError) as error:
        raise Unreadable(f"{name} is a damaged archive: {error}.") from error


def _is_wanted(path: str) -> bool:
    name = PurePosixPath(path).name
    hidden = name.startswith(".") or path.startswith("__MACOSX")
    return not hidden and name.lower().endswith(SUFFIXES[:-1])


def _workbook(name: str, data: bytes) -> list[Sheet]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = []
        for page in book.worksheets:
            page.reset_dimensions()  # some exporters write a wrong size
            rows = [
                (number, [_cell(value) for value in row]) for number, row in enumerate(page.values, start=1)
            ]
            title = f"{name} ({page.title})" if len(book.worksheets) > 1 else name
            sheet = Sheet(title, "xlsx", "An Excel workbook: its cells need no decoding.", "")
            if any(any(cells) for _, cells in rows):
                sheets.append(_fill(sheet, rows))
    except Unreadable:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part provokes
        raise Unreadable(
            f"{name} cannot be opened as a workbook. Save it again as XLSX or as CSV."
        ) from error
    if not sheets:
        raise Unreadable(f"{name} is a workbook without a filled sheet.")
    return sheets


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        is_day = value.time() == datetime.min.time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\x00", "")


# ---- Text


def _text_sheet(name: str, data: bytes, encoding: str) -> Sheet:
    text, encoding, because = _decode(name, data, encoding)
    if "\x00" in text:
        raise Unreadable(f"{name} contains NUL bytes, so it is not a text file. Export it again as CSV.")
    odd = sum(1 for sign in text[:20_000] if ord(sign) < 32 and sign not in "\t\r\n\f")
    if odd > len(text[:20_000]) / 100:
        raise Unreadable(f"{name} is not a text file. Export it as CSV or XLSX and import that.")
    delimiter = _sniff(text)
    sheet = Sheet(name, encoding, because, delimiter, data=data)
    return _fill(sheet, _logical_rows(name, text, delimiter))


def _decode(name: str, data: bytes, encoding: str) -> tuple[str, str, str]:
    """The text, the encoding chosen and why."""
    if encoding:
        try:
            return data.decode(encoding), encoding, "Chosen by hand."
        except (UnicodeError, LookupError):
            raise Unreadable(f"{name} cannot be read as {ENCODINGS.get(encoding, encoding)}.") from None
    for mark, codec, label in (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    ):
        if data.startswith(mark):
            try:
                return data.decode(codec), codec, f"Begins with the byte order mark of {label}."
            except UnicodeError as error:
                raise Unreadable(f"{name} begins as {label} but cannot be read as that: {error}.") from None
    try:
        return data.decode("utf-8"), "utf-8", "Every byte is valid UTF-8."
    except UnicodeDecodeError as error:
        broken = data[: error.start].count(b"\n") + 1
    return _guessed(name, data, broken)


def _guessed(name: str, data: bytes, broken: int) -> tuple[str, str, str]:
    if b"\x00" in data:
        raise Unreadable(f"{name} contains NUL bytes, so it is not a text file. Export it again as CSV.")
    guess, foreign = None, sum(byte > 127 for byte in data)
    if foreign * 6 > len(data):  # hardly a Western text with an accent here and there
        guess = charset_normalizer.from_bytes(data, cp_isolation=["cp1251", "shift_jis", "gb18030"]).best()
    why = f"Not UTF-8 (line {broken} has a byte that UTF-8 does not know)"
    for encoding, reason in (
        (guess.encoding if guess else "cp1252", "the letters look most natural this way"),
        ("cp1252", "Western Windows programs write this way"),
        ("latin-1", "nothing else fits"),
    ):
        try:
            return data.decode(encoding), encoding, f"{why}; {reason}. Look at the sample."
        except UnicodeError:
            continue
    raise Unreadable(f"{name} is in no encoding that we know.")  # pragma: no cover - latin-1 reads anything


def _sniff(text: str) -> str:
    """The delimiter whose rows agree best on how many cells they have."""
    scores: dict[str, tuple[float, int]] = {}
    for delimiter in DELIMITERS:
        try:
            reader = csv.reader(_lines(text), delimiter=delimiter)
            rows = [row for row in itertools.islice(reader, 200) if row]
        except csv.Error:
            continue
        counts = Counter(len(row) for row in rows)
        width, agreeing = counts.most_common(1)[0] if counts else (1, 0)
        if width > 1 and rows and len(rows[0]) > 1:
            scores[delimiter] = (round(agreeing / len(rows), 1), width)
    return max(scores, key=lambda delimiter: scores[delimiter]) if scores else ","


def _lines(text: str) -> Iterator[str]:
    return iter(io.StringIO(text, newline=""))


def _logical_rows(name: str, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Each row that has anything in it, with the line on which it starts."""
    csv.field_size_limit(MOST_CELL)
    try:
        return list(_parsed(text, delimiter, strict=True))
    except _Unclosed as error:
        raise Unreadable(
            f"{name}: a quotation mark opens in the row that begins on line {error} and is never closed."
        ) from None
    except csv.Error:
        pass  # a quotation mark in the middle of a cell: take it literally
    try:
        return list(_parsed(text, delimiter, strict=False))
    except csv.Error as error:
        raise Unreadable(f"{name} cannot be read as a table: {error}.") from None


class _Unclosed(Exception):
    pass


def _parsed(text: str, delimiter: str, *, strict: bool) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=strict)
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise _Unclosed(start) from None
            raise
        if any(cell.strip() for cell in cells):
            yield start, cells
        start = reader.line_num + 1


def _fill(sheet: Sheet, rows: list[tuple[int, list[str]]]) -> Sheet:
    """The first row with anything in it is the header, the others are the data."""
    filled = [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]
    if len(filled) > MOST_ROWS:
        raise Unreadable(
            f"{sheet.name} has {len(filled):,} rows; {MOST_ROWS:,} can be taken at once. Split it."
        )
    if filled:
        sheet.header = filled[0][1]
        while sheet.header and not sheet.header[-1].strip():
            sheet.header = sheet.header[:-1]
        if not sheet.delimiter:  # a workbook leaves out what is empty at the end of a row
            wide = len(sheet.header)
            filled = [(line, cells + [""] * (wide - len(cells))) for line, cells in filled]
    sheet.rows = [Row(number, line, cells) for number, (line, cells) in enumerate(filled[1:], start=1)]
    return sheet
