"""How an account stands, from what the product sees and from what a person rated: a pure rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Stage
from accounts.rules.condition import Condition, Sign, most_cautious, signs

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
WELL: dict[str, Any] = {
    "late": 0, "repairs": 0, "stage": Stage.IN_VALUE, "has_champion": True, "last_contact_at": NOW, "now": NOW,
}  # fmt: skip


def seen(**known: object) -> list[Sign]:
    return signs(**(WELL | known))


@pytest.mark.parametrize(
    ("known", "sign"),
    [
        ({"late": 1}, (Condition.URGENT, "1 thing we owe is late")),
        ({"late": 2}, (Condition.URGENT, "2 things we owe are late")),
        ({"repairs": 1}, (Condition.URGENT, "Something went wrong here and is not made good yet")),
        ({"stage": Stage.AT_RISK}, (Condition.URGENT, "The journey stands at risk")),
        ({"has_champion": False}, (Condition.WATCH, "No champion is named")),
        ({"last_contact_at": None}, (Condition.WATCH, "Nobody has been in touch for 60 days")),
    ],
)
def test_each_sign_has_its_condition_and_its_sentence(known: dict[str, object], sign: Sign) -> None:
    assert seen() == []
    assert seen(**known) == [sign]


def test_silence_begins_after_sixty_days() -> None:
    assert seen(last_contact_at=NOW - timedelta(days=60)) == []
    assert len(seen(last_contact_at=NOW - timedelta(days=60, seconds=1))) == 1


def test_the_worst_stands_first() -> None:
    ranks = [
        condition.rank for condition, _ in seen(late=1, repairs=1, has_champion=False, last_contact_at=None)
    ]
    assert ranks == sorted(ranks, reverse=True)


def test_what_counts_is_the_more_cautious_of_what_is_rated_and_seen() -> None:
    watch = seen(has_champion=False)
    assert most_cautious("", []) == Condition.STEADY
    assert most_cautious("steady", watch) == Condition.WATCH
    assert most_cautious("urgent", watch) == Condition.URGENT
