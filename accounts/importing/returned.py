"""Rows of tables that only we write: those that went out from here are here already, and others are not taken."""

from __future__ import annotations

from .columns import WORDS
from .review import Review

#: What is written down here and nowhere else, and how somebody does that.
KINDS = {
    "obligation": "Write it down on the account's page, under what we owe.",
    "fact": "Write the answer on the account's page, where it says who told us.",
    "coverage": "Change the team on the account's page, or hand the account over.",
}


def plan_returned(review: Review) -> None:
    """Leave aside what went out from another house, or from none."""
    for kind, instead in KINDS.items():
        for row in review.each(kind):
            why = f"It did not go out from here, and a file brings in nothing of {WORDS[kind]}."
            review.aside(row, f"{why} {instead}")
