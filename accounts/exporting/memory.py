"""The whole memory of one account as JSON: every line with who, when and from what; what is frozen says so.

Written list by list and line by line, whatever the length of the history.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import IO, TypeAlias

from django.db.models import Model

from accounts.models import (
    Account,
    Ask,
    Cadence,
    Confirmation,
    Context,
    Coverage,
    Entry,
    Fact,
    Obligation,
    Original,
    SortedPassage,
    Verdict,
)
from accounts.rules import clocks

from .columns import ExportCell, ExportSheet, Row
from .memory_sheets import ENTRIES, FACTS, OBLIGATIONS
from .scope import CHUNK, ExportScope
from .sheets import ACCOUNTS, CONTACTS, COVERAGE, DEALS, PEOPLE

Line: TypeAlias = dict[str, object]
FORMAT = "throughline-account/1"
#: What a table leaves out and the memory holds, of some of a chunk's rows: by the number of the row.
More: TypeAlias = Callable[[list[Row]], dict[int, Line]]


def write_memory(scope: ExportScope, account: Account, file: IO[str], count: Callable[[], None]) -> None:
    """Write all that is known of the account, which the scope has taken; each line is counted."""
    head = {
        "format": FORMAT,
        "taken_at": scope.instant(clocks.now()),
        "taken_by": scope.name(scope.user),
        "account": next(lines_of(ACCOUNTS, scope)),
        "also_known_as": [{"id": one.external_id, "name": one.name} for one in scope.merged_into(account)],
    }
    count()
    file.write(_json(head)[:-2])
    for name, lines in lists(scope):
        _write_list(file, name, lines, count)
    file.write("\n}\n")


def lists(scope: ExportScope) -> Iterator[tuple[str, Iterator[Line]]]:
    """The lists of a memory, in the order in which they are written; people last, when all are named."""
    yield "contacts", lines_of(CONTACTS, scope)
    yield "contexts", _contexts(scope)
    yield "coverage", lines_of(COVERAGE, scope)
    yield "deals", lines_of(DEALS, scope)
    yield "entries", lines_of(ENTRIES, scope, lambda some: behind_entries(some, scope))
    yield "facts", lines_of(FACTS, scope, lambda some: behind_facts(some, scope))
    yield "obligations", lines_of(OBLIGATIONS, scope, lambda some: behind_obligations(some, scope))
    yield "visits", _cadences(scope)
    yield "asked_of_them", _asks(scope)
    yield "their_verdicts", _verdicts(scope)
    yield "people", lines_of(PEOPLE, scope)


def lines_of(sheet: ExportSheet[Row], scope: ExportScope, more: More[Row] | None = None) -> Iterator[Line]:
    """The rows of a table as objects, named as its headings are."""
    names = [
        heading.lower().replace(" ", "_").replace(",", "").replace("'", "") for heading, _ in sheet.columns
    ]
    for some in _chunks(sheet.rows(scope)):
        besides = more(some) if more else {}
        for row in some:
            cells = zip(names, (tell(row, scope) for _, tell in sheet.columns), strict=True)
            told: Line = {name: plain(cell) for name, cell in cells}
            frozen = getattr(row, "frozen", False)
            ours = scope.reference(sheet.kind, row.pk)
            yield {"reference": ours, **told, **besides.get(row.pk, {}), "frozen": frozen}


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == CHUNK:
            yield some
            some = []
    yield some


def plain(cell: ExportCell) -> object:
    """A value as JSON has it: nothing where nothing is known; numbers of money as text, to the cent."""
    if cell in (None, ""):
        return None
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return str(cell)
    return {"yes": True, "no": False}.get(cell, cell) if isinstance(cell, str) else cell


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _write_list(file: IO[str], name: str, lines: Iterable[Line], count: Callable[[], None]) -> None:
    between = "\n"
    file.write(f',\n "{name}": [')
    for line in lines:
        file.write(between + _json(line))
        between = ",\n"
        count()
    file.write("]")


# ---- What stands behind a line


def behind_entries(entries: Iterable[Entry], scope: ExportScope) -> dict[int, Line]:
    """What somebody made of the passages of these entries, what was undone of it, and what of a message was folded."""
    pks = [entry.pk for entry in entries]
    seen = SortedPassage.objects.visible_to(scope.user).filter(entry__in=pks)
    found: dict[int, Line] = {}
    for original in Original.objects.filter(entry__in=pks).exclude(folded="").defer("data"):
        assert original.entry_id
        found.setdefault(original.entry_id, {})["folded"] = original.folded
    for row in seen.select_related("entry", "by", "contact", "undone__by").order_by("pk"):
        undone = getattr(row, "undone", None)
        line: Line = {
            "words": row.text,
            "became": row.get_became_display(),
            "fact": scope.reference("fact", row.fact_id) or None,
            "obligation": scope.reference("obligation", row.obligation_id) or None,
            "contact": row.contact.name if row.contact else None,
            "sorted_by": scope.name(row.by),
            "sorted_at": scope.instant(row.at),
            "undone_by": scope.name(undone.by) if undone else None,
            "undone_at": scope.instant(undone.at) if undone else None,
        }
        _into(found, row.entry_id, "sorted_passages", line)
    return found


def _into(found: dict[int, Line], pk: int, name: str, line: Line) -> None:
    lines = found.setdefault(pk, {}).setdefault(name, [])
    assert isinstance(lines, list)
    lines.append(line)


def behind_facts(facts: Iterable[Fact], scope: ExportScope) -> dict[int, Line]:
    """Who has confirmed these facts, what the customer corrected in them, and from which passage they were taken."""
    found: dict[int, Line] = {}
    pks = [fact.pk for fact in facts]
    confirmed = Confirmation.objects.filter(fact__in=pks).select_related("by", "contact")
    for row in confirmed.order_by("pk"):
        who = row.contact.name if row.contact else scope.name(row.by)
        line: Line = {"by": who, "by_the_customer": row.contact_id is not None, "at": scope.instant(row.at)}
        _into(found, row.fact_id, "confirmations", line)
    corrections = Obligation.objects.visible_to(scope.user).filter(fact__in=pks).select_related("contact")
    for owed in corrections.order_by("pk"):
        assert owed.fact_id
        line = {
            "words": owed.text, "by": owed.contact.name if owed.contact else None,
            "at": scope.instant(owed.raised_at), "decision": owed.get_decision_display() or None,
            "obligation": scope.reference("obligation", owed.pk),
        }  # fmt: skip
        _into(found, owed.fact_id, "corrections_by_the_customer", line)
    _sorted_from(found, SortedPassage.objects.filter(fact__in=pks), "fact_id", scope)
    return found


def behind_obligations(obligations: Iterable[Obligation], scope: ExportScope) -> dict[int, Line]:
    found: dict[int, Line] = {}
    rows = SortedPassage.objects.filter(obligation__in=[owed.pk for owed in obligations])
    _sorted_from(found, rows, "obligation_id", scope)
    return found


def _sorted_from(found: dict[int, Line], rows: Iterable[SortedPassage], key: str, scope: ExportScope) -> None:
    seen = SortedPassage.objects.visible_to(scope.user).filter(pk__in=[row.pk for row in rows])
    for row in seen.select_related("entry", "by"):
        found.setdefault(getattr(row, key), {})["sorted_from"] = {
            "entry": scope.reference("entry", row.entry_id),
            "words": row.text,
            "by": scope.name(row.by),
            "at": scope.instant(row.at),
        }


# ---- What has no table


def _contexts(scope: ExportScope) -> Iterator[Line]:
    rows = Context.objects.visible_to(scope.user).filter(contact__account__in=list(scope.accounts))
    for row in rows.select_related("contact", "by", "ended__by").order_by("pk").iterator(CHUNK):
        ended = getattr(row, "ended", None)
        yield {
            "contact": row.contact.name, "text": row.text, "until": row.until.isoformat(),
            "by": scope.name(row.by), "at": scope.instant(row.at),
            "ended_by": scope.name(ended.by) if ended else None, "frozen": row.frozen,
        }  # fmt: skip


def _cadences(scope: ExportScope) -> Iterator[Line]:
    for row in scope.of_accounts(Cadence.objects.all()):
        role = Coverage.Role(row.role).label
        ended = scope.instant(row.ended_at) or None
        yield {"role": role, "every_days": row.every_days, "ended_at": ended, "frozen": False}


def _asks(scope: ExportScope) -> Iterator[Line]:
    for row in scope.of_accounts(Ask.objects.select_related("contact", "by")):
        yield {
            "kind": row.get_kind_display(), "what": row.what, "of": _named(row.contact),
            "by": scope.name(row.by), "at": scope.instant(row.at), "frozen": row.frozen,
        }  # fmt: skip


def _verdicts(scope: ExportScope) -> Iterator[Line]:
    for row in scope.of_accounts(Verdict.objects.select_related("contact", "by", "coverage__person")):
        yield {
            "answer": row.get_answer_display(), "words": row.words, "contact": _named(row.contact),
            "written_down_by": scope.name(row.by), "at": scope.instant(row.at),
            "owner_then": scope.name(row.coverage.person), "frozen": row.frozen,
        }  # fmt: skip


def _named(thing: Model | None) -> str | None:
    return str(thing) if thing else None
