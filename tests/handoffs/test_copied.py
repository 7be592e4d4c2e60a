"""What shows that an answer of a read-back was copied, or hardly given."""

from __future__ import annotations

import pytest

from handoffs.held_against import remarks

BRIEF = [
    "They close the books in nine days, want three, and lost a year to a rollout in Hamburg that failed twice."
]
OWN = [
    ("Where?", "Nine days to close the books, and three is what they want."),
    ("Why?", "They chose us because we exported the ledger at the first visit."),
    ("Owed?", "The security answers, to Carla, by the third of March."),
]


def test_ones_own_words_are_not_remarked_on() -> None:
    assert remarks(OWN, BRIEF) == []
    assert remarks([("Where?", ""), ("Why?", "")], BRIEF) == []  # other roles answer one question


@pytest.mark.parametrize(
    ("text", "count"), [("Fine", "one word"), ("All well.", "two words"), ("…", "nothing")]
)
def test_an_answer_of_a_word_or_two_is(text: str, count: str) -> None:
    assert remarks([*OWN, ("Then?", text)], BRIEF) == [f"“Then?” is answered with {count}."]


@pytest.mark.parametrize(
    "again",
    [
        "The security answers, to Carla, by the third of March.",
        "the security answers to Carla by the 3rd of March",
        "The security answers go to Carla, by the third of March!",
    ],
)
def test_the_same_text_in_two_answers_is(again: str) -> None:
    assert remarks([*OWN, ("Then?", again)], BRIEF) == ["“Owed?” and “Then?” have the same answer."]


def test_a_long_answer_inside_another_is() -> None:
    long = (
        "We promised the security answers to Carla by the third of March and an export of the whole ledger."
    )
    answers = [("Owed?", long), ("Then?", f"They want to hear from us soon. {long} After that we rest.")]
    assert remarks(answers, BRIEF) == ["“Owed?” and “Then?” have the same answer."]


def test_the_brief_pasted_back_is_and_a_quoted_promise_is_not() -> None:
    pasted = "I read that they close the books in nine days, want three, and lost a year to a rollout. Bad."
    assert remarks([("Where?", pasted)], BRIEF) == [
        "“Where?”: 16 words in a row stand in the brief as they are: “they close the books in nine …”"
    ]
    assert remarks([("Where?", "They lost a year to a rollout in Hamburg, that is all.")], BRIEF) == []
