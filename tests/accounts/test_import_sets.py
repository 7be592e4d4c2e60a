"""Every row of every real set is accounted for:

    bin/test tests/accounts/test_import_sets.py -s

prints what would become of each, with the reasons of what is left aside. The sets lie beside the project.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.importing import batches
from accounts.importing.book import NOWHERE
from accounts.importing.columns import IGNORED
from accounts.importing.reading import SUFFIXES, read_files
from accounts.models import ImportBatch, ImportRow, User
from tests.accounts.test_import_book import DATA, real
from tests.base import make_user

SETS = [
    "maven_crm_sales",
    "salesforce_workshop_bsd3",
    "salesforce_fivetran_apache2",
    "hubspot_fivetran_apache2",
    "adventureworks_territories_mit",
    *(f"proof/{path.name}" for path in sorted((DATA / "proof").glob("*/"))),
]
STATES = ["new", "changed", "unchanged", "aside", "ignored"]
pytestmark = pytest.mark.django_db


def staged(folder: Path, by: User) -> ImportBatch:
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    tables = [
        (path.name, path.read_bytes()) for path in paths if path.name not in {"SOURCE.txt", "LICENSE.txt"}
    ]
    batch, plan = batches.stage(read_files(tables), by=by)
    while waiting := plan.waiting():
        plan = batches.answer(batch, {question.key: question.recommended for question in waiting}, by=by)
    return batch


def table(batch: ImportBatch) -> Iterator[str]:
    """A line for each file with how many rows are in which state, and below it why rows are left aside."""
    states: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    rows = ImportRow.objects.filter(file__batch=batch).values_list(
        "file__name", "file__kind", "state", "because"
    )
    for name, kind, state, because in rows.iterator():
        states[f"{name} ({kind or 'not known'})"][state] += 1
        if state == "aside":
            reasons[f"{name} ({kind or 'not known'})"][re.sub(r"“[^”]*”|\d+", "…", because)[:110]] += 1
    for name, counts in states.items():
        yield f"{name:52}" + "".join(f"{counts[state]:8,} {state}" for state in STATES if counts[state])
        yield from (f"        {count:6,} {why}" for why, count in reasons[name].most_common(6))


@pytest.mark.parametrize("name", SETS)
def test_every_row_is_taken_or_left_aside_with_a_reason_or_ignored(name: str) -> None:
    folder = real(name)
    batch = staged(folder, make_user("Omar Haddad", User.Kind.OPERATIONS, email=f"omar@{NOWHERE}"))
    print(f"\n== {name}")  # the table is what this is run for
    print("\n".join(table(batch)))
    rows = ImportRow.objects.filter(file__batch=batch)
    assert rows.count() == sum(batch.files.values_list("row_count", flat=True))
    assert set(rows.values_list("state", flat=True)) <= set(STATES)
    assert not rows.filter(state="aside", because="").exists()


def test_files_without_a_heading_come_in_whole_when_somebody_says_what_they_hold() -> None:
    """AdventureWorks: 290 employees, 701 stores and who serves each; the other files are of nothing we keep."""
    omar = make_user("Omar Haddad", User.Kind.OPERATIONS, email=f"omar@{NOWHERE}")
    batch = staged(real("adventureworks_territories_mit"), omar)
    kinds = {
        "Employee.csv": ("person", {"external_id": 0, "name": 2, "title": 5}),
        "Store.csv": ("account", {"external_id": 0, "name": 1, "owner": 2}),
    }
    for file in batch.files.order_by("position"):
        kind, columns = kinds.get(file.name, (IGNORED, {}))
        batches.say_what_it_holds(batch, file, kind, columns, by=omar)
    print("\n".join(table(batch)))
    rows = ImportRow.objects.filter(file__batch=batch)
    counted = Counter(rows.values_list("file__name", "state"))
    assert counted["Employee.csv", "new"] == 290
    assert (counted["Store.csv", "new"], counted["Store.csv", "aside"]) == (
        696,
        5,
    )  # five look like another store
    others = rows.exclude(file__name__in=kinds)
    assert set(others.values_list("state", flat=True)) == {"ignored"}
