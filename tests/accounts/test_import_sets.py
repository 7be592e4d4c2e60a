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
