"""What a read-back mentions of a brief."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.briefing import BriefLine
from handoffs.briefing import mentioned, telling_words

texts = st.text(max_size=40)
lines = st.builds(BriefLine, texts, texts, texts, texts, st.booleans())


@given(st.lists(lines, max_size=4), texts)
def test_whatever_is_said_only_lines_that_are_there_are_mentioned(some: list[BriefLine], said: str) -> None:
    assert set(mentioned(some, said)) <= {line.key for line in some}


@given(
    st.lists(
        st.sampled_from(["alpha", "bravo", "charlie", "delta", "echo", "foxtrot"]), min_size=1, max_size=5
    )
)
def test_a_line_repeated_word_for_word_is_mentioned(words: list[str]) -> None:
    line = BriefLine("fact:1", "Outcome", " ".join(words))
    assert mentioned([line], f"They said: {line.text}!") == ["fact:1"]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("I call Carla first", True),
        ("weiss is the one", True),
        ("I call the champion", False),
        ("", False),
    ],
)
def test_a_person_is_mentioned_by_any_part_of_the_name(said: str, heard: bool) -> None:
    assert bool(mentioned([BriefLine("contact:1", "Carla Weiss", "Champion")], said)) is heard


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("they want to close their books within three days", True),
        ("closing the book in 3 days", True),
        ("They want to close their boooks", True),  # a slip
        ("all is well with them", False),
    ],
)
def test_a_fact_is_mentioned_by_a_third_of_its_telling_words(said: str, heard: bool) -> None:
    line = BriefLine("fact:1", "Outcome", "Close the books in three days")
    assert bool(mentioned([line], said)) is heard


def test_common_and_short_words_tell_nothing() -> None:
    assert telling_words("We have to be there with them by the 14th, they said") == ["14th", "said"]
