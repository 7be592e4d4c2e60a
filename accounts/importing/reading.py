"""From bytes to sheets: what kind of file, which encoding and delimiter, and each row with its number and line."""

from __future__ import annotations

import csv
import io
import itertools
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import charset_normalizer

from accounts.limits import MB, READING, Unreadable, read_within

from .sheets import MOST_CELL, MOST_SHEETS, Allowance, Sheet
from .workbooks import read_workbook

MOST_BYTES = 25 * MB
MOST_UNPACKED = 100 * MB
LONGEST_NAME = 100  # of a file within an archive, as our sentences say it
SAMPLE = 256 * 1024  # of a text, from which its encoding is guessed
ASCII = bytes(range(128))
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".zip")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
PARTED_BY = re.compile(
    r"""\ufeff?(?P<quote>["']?)sep=(?P<sign>\\t|[^\w\r\n"'\s]|\t)(?P=quote)[;,|\t ]*(?P<end>\r\n?|\n|$)""",
    re.IGNORECASE,
)
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


def read_files(files: Sequence[tuple[str, bytes]], encoding: str = "") -> list[Sheet]:
    """The sheets of these files, of which each is a name and what is in it. Raises `Unreadable`.

    `encoding` overrules our own reading of a text file.
    """
    if sum(len(data) for _, data in files) > MOST_BYTES:
        some = files[0][0] if len(files) == 1 else "That"
        raise Unreadable(f"{some} is more than {MOST_BYTES // MB} MB. Split it and send the parts.")
    named = files[0][0] if len(files) == 1 else "One of these files"
    return read_within(READING, named, sheets_of, files, encoding)


def read_file(name: str, data: bytes, encoding: str = "") -> list[Sheet]:
    return read_files([(name, data)], encoding)


def sheets_of(files: Sequence[tuple[str, bytes]], encoding: str = "") -> list[Sheet]:
    """As `read_files`, in this very process, which a damaged file may keep busy for long."""
    allowed = Allowance()
    return [sheet for name, data in files for sheet in _sheets(name, data, allowed, encoding)]


def _sheets(
    name: str, data: bytes, allowed: Allowance, encoding: str = "", *, packed: bool = False
) -> Iterator[Sheet]:
    if not data.strip(b"\x00\r\n\t ") or data in (b"\xff\xfe", b"\xef\xbb\xbf"):
        raise Unreadable(f"{name} is empty: there is nothing in it to import.")
    if data[:4] == b"PK\x03\x04":
        yield from _unpacked(name, data, allowed, packed=packed)
        return
    for beginning, what in _KNOWN_BEGINNINGS.items():
        if data.startswith(beginning) and (beginning != b"MZ" or b"\x00" in data[:200]):
            raise Unreadable(f"{name} is {what}, not a table. Export it as CSV or XLSX and import that.")
    yield _text_sheet(name, data, encoding, allowed)


# ---- Archives


def _unpacked(name: str, data: bytes, allowed: Allowance, *, packed: bool) -> Iterator[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MOST_UNPACKED:
                raise Unreadable(f"{name} unpacks to more than {MOST_UNPACKED // MB} MB. Split it.")
            if any(member.filename == "[Content_Types].xml" for member in members):
                yield from read_workbook(name, data, allowed)
                return
            if packed:
                raise Unreadable(f"{name} is an archive within an archive. Unpack it and send the files.")
            if any(member.flag_bits & 1 for member in members):
                raise Unreadable(f"{name} is protected by a password. Unpack it and import the files.")
            inside = [member for member in members if _is_wanted(member.filename)]
            if not inside:
                raise Unreadable(f"{name} holds no CSV, TSV, TXT or XLSX file.")
            if len(inside) > MOST_SHEETS:
                raise Unreadable(f"{name} holds more than {MOST_SHEETS} files. Send them in several steps.")
            for member in inside:
                yield from _sheets(
                    PurePosixPath(member.filename).name[:LONGEST_NAME],
                    archive.read(member),
                    allowed,
                    packed=True,
                )
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError) as error:
        raise Unreadable(f"{name} is a damaged archive. Pack it again, or send the files in it.") from error


def _is_wanted(path: str) -> bool:
    name = PurePosixPath(path).name
    hidden = name.startswith(".") or path.startswith("__MACOSX")
    return not hidden and name.lower().endswith(SUFFIXES[:-1])


# ---- Text


def _text_sheet(name: str, data: bytes, encoding: str, allowed: Allowance) -> Sheet:
    text, encoding, because = _decode(name, data, encoding)
    if "\x00" in text:
        raise Unreadable(f"{name} contains NUL bytes, so it is not a text file. Export it again as CSV.")
    odd = sum(1 for sign in text[:20_000] if ord(sign) < 32 and sign not in "\t\r\n\f")
    if odd > len(text[:20_000]) / 100:
        raise Unreadable(f"{name} is not a text file. Export it as CSV or XLSX and import that.")
    text, delimiter = _told(text)
    delimiter = delimiter or _sniff(text)
    sheet = Sheet(name, encoding, because, delimiter, data=data)
    allowed.take_sheet(name)
    _fill(sheet, text, allowed)
    return sheet


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
    guess, sample = None, data[:SAMPLE]
    if len(sample.translate(None, ASCII)) * 6 > len(
        sample
    ):  # hardly a Western text with an accent here and there
        guess = charset_normalizer.from_bytes(sample, cp_isolation=["cp1251", "shift_jis", "gb18030"]).best()
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


def _told(text: str) -> tuple[str, str]:
    """The text without the first line with which Excel says how cells are parted, and that sign; lines keep their
    numbers."""
    found = PARTED_BY.match(text)
    if not found:
        return text, ""
    told = found["sign"]
    return text[found.start("end") :], "\t" if told.lower() == "\\t" else told


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


def _fill(sheet: Sheet, text: str, allowed: Allowance) -> None:
    """Each row that has anything in it, with the line on which it starts."""
    csv.field_size_limit(MOST_CELL)
    before = replace(allowed)
    try:
        sheet.fill(_parsed(text, sheet.delimiter, strict=True), allowed)
        return
    except _Unclosed as error:
        raise Unreadable(
            f"{sheet.name}: a quotation mark opens in the row that begins on line {error} and is never closed."
        ) from None
    except _TooLong as error:
        raise Unreadable(
            f"{sheet.name}: the row that begins on line {error} has a cell of more than {MOST_CELL:,} characters. "
            "Is a quotation mark never closed?"
        ) from None
    except csv.Error:  # a quotation mark in the middle of a cell: take it literally
        sheet.header, sheet.rows = [], []
        allowed.cells, allowed.signs = before.cells, before.signs
    try:
        sheet.fill(_parsed(text, sheet.delimiter, strict=False), allowed)
    except csv.Error as error:
        raise Unreadable(f"{sheet.name} cannot be read as a table: {error}.") from None


class _Unclosed(Exception):
    pass


class _TooLong(Exception):
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
            if "field limit" in str(error):
                raise _TooLong(start) from None
            raise
        yield start, cells
        start = reader.line_num + 1
