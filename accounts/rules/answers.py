"""When two answers say the same."""

from __future__ import annotations


def plain(text: str) -> str:
    """An answer as it is compared: without capitals, double spaces and a full stop at the end."""
    return " ".join(text.lower().split()).rstrip(".")


def same_answer(one: str, other: str) -> bool:
    return plain(one) == plain(other)
