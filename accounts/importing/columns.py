"""What a table is about and which column means what, read from its header alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from .dialects import DIALECTS, FIELDS, Dialect, by_fit, fold

IGNORED = "ignore"
OTHER = "other"  # of a file that is known and not taken
NOT_TAKEN = frozenset(["", OTHER, IGNORED, "dictionary"])
WENT_OUT = "its first column says so"
WORDS = {
    "account": "accounts",
    "person": "people",
    "contact": "contacts",
    "deal": "deals",
    "task": "activities, notes and tasks",
    "case": "cases and tickets",
    "role": "roles on deals",
    "history": "earlier values",
    "link": "links between records",
    "obligation": "what we owe",
    "fact": "what we know",
    "coverage": "who served whom",
    "product": "products",
    "dictionary": "a description of columns",
}

#: Tables that we recognise and do not take, by what their headers must contain, with the sentence about them.
OTHERS: Sequence[tuple[str, str]] = (
    ("campaignid leadid", "These are members of campaigns. Campaigns are not part of an account's memory."),
    ("numberofleads", "These are campaigns. They are not part of an account's memory."),
    ("isconverted company", "These are leads. A lead belongs to no account yet: convert it first."),
    (
        "accountid contactid isdirect",
        "These link contacts to further accounts. A contact belongs to one account here.",
    ),
    ("fivetranstart fivetranend", "This is a table of former values. Import the table of present ones."),
    ("timestamp name value", "This is a table of former values. Import the table of present ones."),
    (
        "pipelineid label displayorder",
        "This says how deals are staged in the other system. Deals bring their stage.",
    ),
    ("teamid userid", "This says who is in which team. Whom somebody reports to comes with the people."),
    ("teamid ownerid", "This says who is in which team. Whom somebody reports to comes with the people."),
    (
        "vidtomerge",
        "This says which records were merged in the other system. What is left of them is enough.",
    ),
    (
        "dealid mergeddealid",
        "This says which records were merged in the other system. What is left of them is enough.",
    ),
    (
        "fieldtype groupname label",
        "This describes the columns of another system, and holds nothing about accounts.",
    ),
    (
        "parentroleid portaltype",
        "These are roles in the other system. Whom somebody reports to comes with the people.",
    ),
)
OF_CAMPAIGNS = {
    "campaigncode",
    "campaigntype",
    "campaignname",
    "campaignstatus",
    "kampagnentyp",
    "kampagnenname",
}
CAMPAIGNS = "These are campaigns. They are not part of an account's memory."

#: What a table must have to be of a kind: all of the first, and at least one of the second. The first that fits counts.
SIGNS: Sequence[tuple[str, str, str]] = (
    ("dictionary", "table name text", ""),
    ("case", "number subject", "status closed completed"),
    ("case", "number text", "status closed completed"),
    ("history", "field old new", ""),
    ("role", "deal contact role", ""),
    ("task", "subject", "who what account whom to sender email deal happened due created"),
    ("deal", "stage", "external_id closes_on amount engaged_on agent is_closed"),
    ("deal", "external_id name", "closes_on amount engaged_on is_closed"),
    ("deal", "account amount", "closes_on closed_on name"),
    ("history", "account person since until", ""),
    ("product", "name price", "series price"),
    ("person", "name manager", "region email external_id"),
    ("person", "last_name manager", "email"),
    ("person", "email active", "name last_name"),
    ("person", "name email", "active manager region"),
    ("contact", "last_name account", ""),
    ("contact", "name account email", ""),
    ("contact", "name account", "title phone"),
    ("person", "name region", "external_id email manager"),
    ("account", "name", "industry founded revenue employees country website parent owner segment region"),
    ("task", "text", "who what account email deal happened"),
    ("task", "external_id type", "happened created"),
    ("contact", "last_name email", ""),
    ("person", "last_name email", ""),
    ("person", "name email", ""),
    ("link", "activity", "account contact deal"),
    ("link", "deal", "account contact"),
    ("link", "account contact", ""),
)
#: Without at least one of these columns nothing of a kind can be taken.
NEEDED: Mapping[str, str] = {
    "account": "name",
    "person": "name last_name email",
    "contact": "name last_name email",
    "task": "subject text type",
    "product": "name",
}
#: Columns that say which account a row is about, by kind.
PLACED_BY: Mapping[str, str] = {
    "contact": "account",
    "deal": "account who whom email",
    "task": "account who whom to sender what deal email",
    "case": "account who whom email",
}
LABELS = {
    "external_id": "id in the other system",
    "who": "contact's id",
    "whom": "contact's name",
    "what": "what it is about",
    "to": "to whom",
    "sender": "from whom",
    "at": "day",
    "completed": "done on",
    "modified": "changed on",
    "agent": "owner of the deal",
    "engaged_on": "begun on",
    "closes_on": "to close on",
    "closed_on": "closed on",
    "is_closed": "closed: yes or no",
    "is_won": "won: yes or no",
    "happened": "day",
    "created": "written down on",
    "due": "due on",
    "parent": "part of",
    "active": "works here: yes or no",
    "deleted": "deleted: yes or no",
    "text": "words",
    "email": "e-mail address",
    "person": "who it was",
    "since": "from",
    "until": "until",
}


@dataclass(frozen=True)
class Guess:
    """What a column may mean, and the reason. One that is not `certain` is offered and taken by a person only."""

    field: str
    because: str
    certain: bool = True


@dataclass(frozen=True)
class Meaning:
    """What a table is about: `kind` is empty where we do not take it, and `sentence` says so either way."""

    kind: str
    columns: dict[str, int]
    sentence: str
    because: str = ""
    guesses: dict[int, Guess] = field(default_factory=dict)
    refused: bool = False  # what it holds is known, and no part of an account's memory


def label(field_name: str) -> str:
    """One of our fields as people read it."""
    return LABELS.get(field_name, field_name.replace("_", " "))


def recognise(header: Sequence[str], name: str = "") -> Meaning:
    """Say what a table with this header is about. `name`, the file's, decides where the header fits two kinds."""
    headings = tuple(fold(cell) for cell in header)
    if kind := returned(headings):
        columns = columns_of(kind, headings)
        return Meaning(kind, columns, f"It went out from here, as {WORDS[kind]}.", WENT_OUT)
    for needed, sentence in OTHERS:
        if set(needed.split()) <= set(headings):
            return Meaning("", {}, sentence, refused=True)
    found = list(_kinds(headings))
    if not found:
        return Meaning("", {}, _no_sense(header))
    kind, signs = next((one for one in found if _named_after(one[0], name)), found[0])
    columns = columns_of(kind, headings)
    if kind in {"deal", "account"} and _is_campaign(headings, columns, name):
        return Meaning("", {}, CAMPAIGNS, refused=True)
    return meaning_of(header, kind, columns, _because(header, kind, columns, signs, name))


def meaning_of(header: Sequence[str], kind: str, columns: dict[str, int], because: str) -> Meaning:
    """A table of this kind with these columns, in a sentence that names what stays unused."""
    return Meaning(
        kind, columns, sentence_of(header, kind, columns, because), because, reasons(header, kind, columns)
    )


def sentence_of(header: Sequence[str], kind: str, columns: Mapping[str, int], because: str) -> str:
    unused = [
        cell.strip() for place, cell in enumerate(header) if place not in columns.values() and cell.strip()
    ]
    rest = ""
    if unused:
        some = "Column" if len(unused) == 1 else f"{len(unused):,} columns:"
        are = "is" if len(unused) == 1 else "are"
        rest = f" {some} {listed(unused)} {are} kept with the rows and not used."
    said = f": {because}" if because else ""
    return f"Recognised as {WORDS[kind]}{said}.{rest}"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names as a sentence lists them, shortened where there are many."""
    shown = [f"“{name[:40]}”" for name in names[:most]]
    if len(names) > most:
        return ", ".join(shown) + f" and {len(names) - most:,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


# ---- Columns


def returned(headings: Sequence[str]) -> str:
    """The kind of a table that went out from here, by the heading of its marks; nothing where it is none."""
    marks = {word: kind for d in DIALECTS for kind in d.fields for word in d.headings(kind, "mark")}
    return next((marks[found] for found in headings if found in marks), "")


def columns_of(kind: str, headings: Sequence[str]) -> dict[str, int]:
    """The place of each field; a header is used once."""
    return dict(_columns_of(kind, tuple(headings)))


@lru_cache(maxsize=500)
def _columns_of(kind: str, headings: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    columns: dict[str, int] = {}
    dialects = by_fit(headings)
    for field_name in FIELDS.get(kind, []):
        for place in _places(dialects, kind, field_name, headings):
            if place not in columns.values():
                columns[field_name] = place
                break
    return tuple(columns.items())


def _places(dialects: list[Dialect], kind: str, name: str, headings: Sequence[str]) -> Iterator[int]:
    """Where this field may stand, the best place first."""
    for dialect in dialects:
        yield from (headings.index(word) for word in dialect.headings(kind, name) if word in headings)


def reasons(header: Sequence[str], kind: str, columns: Mapping[str, int]) -> dict[int, Guess]:
    """For each column that is taken because of its heading: who calls it so."""
    headings = [fold(cell) for cell in header]
    dialects = by_fit(headings)
    return {
        place: Guess(
            name, next((d.because for d in dialects if headings[place] in d.headings(kind, name)), "")
        )
        for name, place in columns.items()
        if place < len(headings)
    }


# ---- Kinds


def _kinds(headings: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """The kinds that fit, the best first, each with the fields by which it does."""
    for kind, needed, one_of in SIGNS:
        columns = columns_of(kind, headings)
        one = [name for name in one_of.split() if name in columns]
        if (one or not one_of) and set(needed.split()) <= set(columns) and _fits(kind, headings, columns):
            yield kind, needed.split() + one


def _fits(kind: str, headings: tuple[str, ...], columns: Mapping[str, int]) -> bool:
    theirs = columns_of("contact", headings)
    if kind == "person":
        return "account" not in theirs or "username" in headings
    if kind == "task" and "subject" in columns:
        titled = headings[columns["subject"]] in {"title", "titel", "name"}
        return not (titled and {"first_name", "last_name", "email"} & set(theirs))
    return True


def _is_campaign(headings: Sequence[str], columns: Mapping[str, int], name: str) -> bool:
    named = OF_CAMPAIGNS & set(headings) or _stem(name).startswith(("campaign", "kampagne"))
    return bool(named) and not set(PLACED_BY["deal"].split()) & set(columns)


def _stem(name: str) -> str:
    return name.casefold().rsplit("/", 1)[-1]


def _named_after(kind: str, name: str) -> bool:
    words = {"account": "account company compani organi kunde firm", "person": "user owner team people mitarbeiter",
             "contact": "contact ansprechpartner kontakt", "deal": "deal opportunit pipeline verkauf chance",
             "task": "task activit note event email call meeting appointment aktivit notiz besuch termin",
             "product": "product produkt", "history": "history owners ownership verlauf"}  # fmt: skip
    return any(word in _stem(name) for word in words.get(kind, "").split())


def _because(
    header: Sequence[str], kind: str, columns: Mapping[str, int], signs: Sequence[str], name: str
) -> str:
    cells = [header[columns[sign]].strip() for sign in signs[:4]]
    verb = "is" if len(cells) == 1 else "are"
    named = ", and its name says so" if _named_after(kind, name) else ""
    return f"{listed(cells)} {verb} among its columns{named}"


def _no_sense(header: Sequence[str]) -> str:
    if list(header[:2]) == ["Column 1", "Column 2"]:
        return (
            "No row of this file names its columns. Say on the mapping page what it holds: "
            "until then nothing in it is taken."
        )
    cells = [cell.strip() for cell in header if cell.strip()]
    shown = ", ".join(f"“{cell[:30]}”" for cell in cells[:4]) + (" …" if len(cells) > 4 else "")
    return (
        f"The first row ({shown}) names no columns that we know. Until somebody says what this file holds, "
        "nothing in it is taken."
    )
