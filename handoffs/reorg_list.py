"""A list of (account, new owner, reason) -> what it asks for, and every line that cannot be followed, with why."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from rapidfuzz import process

from accounts.importing.reading import read_file
from accounts.importing.sheets import Row, Sheet
from accounts.limits import Unreadable
from accounts.models import Account, Coverage, User
from accounts.models.base import sentences

MOST_LINES = 10_000
#: How columns are called in the lists that people keep.
ACCOUNT = {"account", "account name", "account id", "customer", "customer name", "company", "name", "id"}
OWNER = {
    "new owner",
    "owner",
    "to",
    "new rep",
    "rep",
    "owner email",
    "new owner email",
    "sales agent",
    "goes to",
}
REASON = {"reason", "because", "why", "note", "comment"}
CLOSE_ENOUGH = 78


@dataclass(frozen=True)
class WrongLine:
    """A line that cannot be followed."""

    row: int
    line: int
    said: str
    because: str


@dataclass
class ReorgList:
    """What a list asks for. `text` is the list as one may correct it, each row on the line it is named by."""

    text: str
    lines: list[tuple[Account, User, str]] = field(default_factory=list)
    wrong: list[WrongLine] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        return sha256(self.text.replace("\r\n", "\n").encode()).hexdigest()[:16]


def read_list(name: str, data: bytes, user: User) -> ReorgList:
    """Read a file (or what was pasted) as this person's list. Raises `Unreadable` with a sentence."""
    sheets = read_file(name, data)
    found = next((one for sheet in sheets if (one := _columns(sheet))), None)
    if found is None:
        first = ", ".join(sheets[0].header) or "nothing"
        raise Unreadable(
            "The first line must name the columns: account, new owner and, if you like, reason. "
            f"It says: {first[:200]}."
        )
    sheet, columns = found
    if not sheet.rows:
        raise Unreadable("The list names its columns and nothing else. Write a line for each account.")
    if len(sheet.rows) > MOST_LINES:
        raise Unreadable(
            f"The list has {len(sheet.rows):,} lines; {MOST_LINES:,} can be planned at once. Split it."
        )
    reading = ReorgList(_as_text(sheet))
    ListReader(sheet.rows, user).read(columns, reading)
    return reading


def _columns(sheet: Sheet) -> tuple[Sheet, dict[str, int]] | None:
    names = [re.sub(r"[\s_]+", " ", cell).strip().lower() for cell in sheet.header]
    places: dict[str, int] = {}
    for column, known in (("account", ACCOUNT), ("owner", OWNER), ("reason", REASON)):
        place = next((at for at, name in enumerate(names) if name in known), None)
        if place is not None:
            places[column] = place
    return (sheet, places) if {"account", "owner"} <= set(places) else None


def _as_text(sheet: Sheet) -> str:
    """The list to be corrected by hand: the file's own text, or a workbook's cells as CSV, line for line."""
    if sheet.encoding != "xlsx":
        return sheet.data.decode(sheet.encoding, errors="replace").removeprefix("\ufeff")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(sheet.header)
    for row in sheet.rows:
        out.write("\n" * (row.line - 1 - out.getvalue().count("\n")))
        writer.writerow([cell.replace("\n", " ") for cell in row.cells])
    return out.getvalue()


def plain(words: str) -> str:
    """A name without what people write differently: blanks and capital letters."""
    return " ".join(words.split()).casefold()


class ListReader:
    """Looks every line up, in a fixed number of queries."""

    def __init__(self, rows: list[Row], user: User) -> None:
        self.rows = rows
        self.by_name: dict[str, list[Account]] = defaultdict(list)
        self.by_number: dict[str, Account] = {}
        for account in Account.objects.visible_to(user).order_by("pk"):
            self.by_name[plain(account.name)].append(account)
            if account.external_id:
                self.by_number[account.external_id] = account
        self.people: dict[str, list[User]] = defaultdict(list)
        for person in User.objects.all():
            self.people[plain(person.name)].append(person)
            self.people[plain(person.email)].append(person)
        self.owners = dict(Coverage.objects.owners().values_list("account_id", "person_id"))
        self.seen: dict[int, int] = {}

    def read(self, columns: Mapping[str, int], reading: ReorgList) -> None:
        for row in self.rows:
            cells = {
                name: row.cells[at].strip() if at < len(row.cells) else "" for name, at in columns.items()
            }
            account, trouble = self.account(cells["account"])
            owner, more = self.owner(cells["owner"])
            troubles = [trouble, more]
            if account and account.pk in self.seen:
                troubles.append(f"{account} is on line {self.seen[account.pk]} already.")
            if account and owner and not any(troubles) and self.owners.get(account.pk) == owner.pk:
                troubles.append(f"{owner} owns {account} already.")
            if said_why := sentences(*troubles):
                said = ", ".join(cells[name] for name in ("account", "owner") if cells[name])
                reading.wrong.append(WrongLine(row.number, row.line, said, " ".join(said_why)))
            elif account and owner:
                self.seen[account.pk] = row.line
                reading.lines.append((account, owner, cells.get("reason", "")[:500]))

    def account(self, words: str) -> tuple[Account | None, str]:
        if not words:
            return None, "The account is missing."
        if words in self.by_number:
            return self.opened(self.by_number[words])
        named = self.by_name.get(plain(words), [])
        candidates = [account for account in named if not account.closed_at] or named
        if len(candidates) > 1:
            numbers = ", ".join(account.external_id or "one without a number" for account in candidates)
            return (
                None,
                f"“{words}” is the name of {len(candidates)} accounts. Write its number instead: {numbers}.",
            )
        if candidates:
            return self.opened(candidates[0])
        near = closest(words, (account[0].name for account in self.by_name.values()))
        return None, f"There is no account “{words}” that you may see." + (f" Is it {near}?" if near else "")

    @staticmethod
    def opened(account: Account) -> tuple[Account, str]:
        closed = f"{account} was closed on {account.closed_at:%-d %B %Y}." if account.closed_at else ""
        return account, closed

    def owner(self, words: str) -> tuple[User | None, str]:
        if not words:
            return None, "The new owner is missing."
        named = self.people.get(plain(words), [])
        active = [person for person in named if person.may_come_in] or named
        if len(active) > 1:
            mails = ", ".join(person.email for person in active)
            return None, f"“{words}” is the name of {len(active)} people. Write the e-mail address: {mails}."
        if not active:
            near = closest(words, (people[0].name for people in self.people.values()))
            return None, f"Nobody here is called “{words}”." + (f" Is it {near}?" if near else "")
        return active[0], self.cannot_own(active[0])

    @staticmethod
    def cannot_own(person: User) -> str:
        if person.is_customer:
            return f"{person} is a customer and cannot own an account."
        if why := person.absence if person.notice_at else "":
            return f"{person} {why} and cannot own an account for good."
        if not person.may_come_in:
            left = f" on {person.deactivated_at:%-d %B %Y}" if person.deactivated_at else ""
            return f"{person} left{left} and cannot own an account."
        return f"{person} works in operations and owns no accounts." if person.is_operations else ""


def closest(words: str, names: Iterable[str]) -> str:
    found = process.extractOne(words, list(dict.fromkeys(names)), score_cutoff=CLOSE_ENOUGH, processor=plain)
    return str(found[0]) if found else ""
