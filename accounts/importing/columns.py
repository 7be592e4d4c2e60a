"""What a table is about and which column means what, read from its header alone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


def _headings() -> dict[str, dict[str, list[str]]]:
    """For each kind of table the fields we take, and the headings that mean them, from every file of `headings/`."""
    fields: dict[str, dict[str, list[str]]] = {}
    for path in sorted((Path(__file__).parent / "headings").glob("*.toml")):
        for kind, found in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for name, headings in found.items():
                fields.setdefault(kind, {}).setdefault(name, []).extend(headings)
    return fields


FIELDS = _headings()

WORDS = {
    "account": "accounts",
    "person": "people",
    "contact": "contacts",
    "deal": "deals",
    "task": "tasks",
    "product": "products",
    "link": "records that belong together",
    "dictionary": "a description of columns",
}

#: Tables that we recognise and do not take, by what their headers must contain, with the sentence about them.
OTHERS: Sequence[tuple[str, str]] = (
    ("campaignid leadid", "These are members of campaigns. Campaigns are not part of an account's memory."),
    ("numberofleads", "These are campaigns. They are not part of an account's memory."),
    (
        "casenumber",
        "These are cases. Support cases are not taken yet: what we owe is better written down anew.",
    ),
    ("isconverted company", "These are leads. A lead belongs to no account yet: convert it first."),
    ("fivetranstart fivetranend", "This is a table of former values. Import the table of present ones."),
    ("timestamp name value", "This is a table of former values. Import the table of present ones."),
)

#: What a table must have to be of a kind: all of the first, and at least one of the second. The first that fits counts.
SIGNS: Sequence[tuple[str, str, str]] = (
    ("dictionary", "table name text", ""),
    ("task", "subject", "who what account"),
    ("deal", "stage", "external_id closes_on amount engaged_on agent is_closed"),
    ("deal", "external_id name", "closes_on amount engaged_on is_closed"),
    ("product", "name price", "series price"),
    ("person", "name manager", "region email external_id"),
    ("person", "email active", "name last_name"),
    ("person", "name email", "active manager region"),
    ("contact", "last_name account", ""),
    ("contact", "name account email", ""),
    ("contact", "name account", "title phone"),
    ("person", "name region", "external_id email manager"),
    ("account", "name", "industry founded revenue employees country website parent owner segment region"),
    ("contact", "last_name email", ""),
    ("person", "last_name email", ""),
    ("person", "name email", ""),
    ("link", "activity account", ""),
    ("link", "activity contact", ""),
    ("link", "activity deal", ""),
    ("link", "account contact", ""),
    ("link", "account deal", ""),
    ("link", "contact deal", ""),
)


@dataclass(frozen=True)
class Meaning:
    """What a table is about: `kind` is empty where we do not take it, and `sentence` says so either way."""

    kind: str
    columns: dict[str, int]
    sentence: str


def heading(text: str) -> str:
    """A header as it is compared: letters and digits, without the prefixes that warehouses add."""
    text = text.replace("#", "number of ").replace("\ufeff", "").casefold().strip()
    text = text.removeprefix("property_")
    return re.sub(r"[^a-z0-9]", "", text)


def recognise(header: Sequence[str], name: str = "") -> Meaning:
    """Say what a table with this header is about. `name`, the file's, decides where the header fits two kinds."""
    headings = [heading(cell) for cell in header]
    for needed, sentence in OTHERS:
        if set(needed.split()) <= set(headings):
            return Meaning("", {}, sentence)
    found = [kind for kind, needed, one_of in SIGNS if _fits(kind, headings, needed, one_of)]
    if not found:
        return Meaning("", {}, _no_sense(header))
    kind = next((kind for kind in found if _named_after(kind, name)), found[0])
    columns = columns_of(kind, headings)
    unused = len(header) - len(columns)
    rest = f" {unused} more columns are kept with the rows and not used." if unused > 1 else ""
    return Meaning(kind, columns, f"Recognised as {WORDS[kind]}.{rest}")


def columns_of(kind: str, headings: Sequence[str]) -> dict[str, int]:
    """The place of each field; a header is used once."""
    columns: dict[str, int] = {}
    for field_name, synonyms in FIELDS[kind].items():
        for synonym in synonyms:
            if synonym in headings and headings.index(synonym) not in columns.values():
                columns[field_name] = headings.index(synonym)
                break
    return columns


def _fits(kind: str, headings: Sequence[str], needed: str, one_of: str) -> bool:
    columns, theirs = columns_of(kind, headings), {"accountid", "company", "account"} & set(headings)
    if kind == "person" and theirs and "username" not in headings:
        return False
    one = not one_of or any(name in columns for name in one_of.split())
    return one and all(name in columns for name in needed.split())


def _named_after(kind: str, name: str) -> bool:
    words = {"account": "account company", "person": "user owner team people", "contact": "contact",
             "deal": "deal opportunit pipeline", "task": "task activit note", "product": "product"}  # fmt: skip
    stem = name.casefold().rsplit("/", 1)[-1]
    return any(word in stem for word in words.get(kind, "").split())


def _no_sense(header: Sequence[str]) -> str:
    cells = [cell.strip() for cell in header if cell.strip()]
    shown = ", ".join(f"“{cell[:30]}”" for cell in cells[:4]) + (" …" if len(cells) > 4 else "")
    return (
        f"The first row ({shown}) names no columns that we know, so nothing in this file is taken. "
        "A table of accounts needs a column such as “Account” or “Company” and one more; "
        "of people “Name” and “Manager”; of contacts “Last name” and “Account”; "
        "of deals “Stage” and “Amount” or “Close date”."
    )
