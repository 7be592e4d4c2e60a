"""lines + answers -> what was said, what was said differently and what was not: by what cannot be paraphrased."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.briefing import BriefLine
from handoffs.held_against import Comparison, Said, held_against

ON = date(2026, 3, 4)
PEOPLE = ["Carla Weiss", "Dieter Brandt"]


def compare(text: str, *answers: str, title: str = "Terms agreed", key: str = "fact:1") -> Comparison:
    line = BriefLine(key, title, text, must_survive=True)
    return held_against([line], answers, on=ON, names=PEOPLE, unnamed=["Acme Robotics"])[0]


@pytest.mark.parametrize(
    ("brief", "said"),
    [
        ("Notice is due by 14 January 2027.", "The notice is due by 14/01."),
        ("Notice is due by 14 January 2027.", "Notice: due January 14th, 2027"),
        ("Notice is due by 2027-01-14.", "notice due on 14.1.2027"),
        ("Notice is due by 03/04/2027.", "Notice is due on 3 April"),
        ("They decide at the end of March.", "They decide on 31 March"),
        ("They decide in March.", "They decide on 14 March"),
        ("They decide in Q3.", "They decide in August"),
        ("They answer within two weeks.", "They answer within 14 days."),
        ("They answer within two weeks.", "They answer in a fortnight."),
        ("The licence costs €40k.", "The licence costs 40,000 euros"),
        ("The licence costs €40k.", "licence: EUR 40.000"),
        ("The licence costs €40k.", "licence: forty thousand euros"),
        ("The discount is 15%.", "A discount of fifteen per cent"),
        ("They want two plants on it.", "They want 2 plants on it"),
        ("Never call Carla on Wednesdays.", "Don't ring Carla on a Wednesday"),
        ("Never call Carla on Wednesdays.", "Avoid calling Carla on Wednesdays"),
        ("Only Dieter signs the order.", "Nobody else but Dieter signs the order, he only"),
        ("The discount holds if they sign the annex.", "The discount holds as long as they sign the annex"),
        ("The discount holds unless they cut seats.", "The discount holds unless seats are cut"),
        ("Dieter Brandt signs the order.", "Brandt signs the orders."),
        ("Acme Robotics pays by invoice.", "They pay by invoice."),
        ("Their boooks close late.", "The books close late"),
        ("They want under 20 hours of standstill.", "Standstill: they want under 20"),
        ("They want fewer weekend shifts.", "They want to do without weekend shifts"),
    ],
)
def test_the_same_in_another_form_is_said(brief: str, said: str) -> None:
    found = compare(brief, said)
    assert found.said == Said.YES, found.differences


@pytest.mark.parametrize(
    ("brief", "said", "original", "theirs"),
    [
        ("Notice is due by 14 January 2027.", "Notice is due by 15/01.", "14 January 2027", "15/01"),
        ("Notice is due by 14 January 2027.", "Notice is due by 14/1/2028.", "14 January 2027", "14/1/2028"),
        ("They answer within two weeks.", "They answer within two months.", "two weeks", "two months"),
        ("The licence costs €40k.", "The licence costs €45k.", "€40k", "€45k"),
        ("The licence costs €40k.", "The licence costs $40k.", "€40k", "$40k"),
        ("The discount is 15%.", "The discount is 12%.", "15%", "12%"),
        ("They want three plants on it.", "They want 4 plants on it", "three plants", "4 plants"),
        ("The order is signed by Dieter.", "The order is signed by Carla.", "Dieter", "Carla"),
        ("The order is signed by Dieter.", "The order is signed by Diether.", "Dieter", "Diether"),
        ("Never call Carla first.", "Call Carla first.", "Never call Carla first", "Call Carla first."),
        ("Carla may be called.", "Carla must not be called.", "Carla may be called.", "Carla must not be called."),
        ("They are paid before the audit.", "They are paid after the audit.", "before", "after"),
        ("Invoices go out monthly.", "Invoices go out quarterly.", "monthly", "quarterly"),
        ("It holds unless they cut seats.", "It holds; they cut seats.", "unless they cut seats", "they cut seats."),
    ],
)  # fmt: skip
def test_what_differs_is_shown_against_the_original(
    brief: str, said: str, original: str, theirs: str
) -> None:
    found = compare(brief, said)
    assert found.said == Said.DIFFERENTLY
    assert (original, theirs) in [(one.original, one.theirs) for one in found.otherwise]


@pytest.mark.parametrize(
    ("brief", "said", "missing"),
    [
        ("Notice is due by 14 January 2027.", "They have to give notice, it is due.", ["14 January 2027"]),
        ("The licence costs €40k.", "The licence costs money.", ["€40k"]),
        ("The order is signed by Dieter.", "The order is signed by them.", ["Dieter"]),
        ("The discount holds if they sign the annex.", "The discount holds.", ["if they sign the annex"]),
    ],
)
def test_what_is_left_out_of_a_line_is_named(brief: str, said: str, missing: list[str]) -> None:
    found = compare(brief, said)
    assert (found.said, found.missing) == (Said.NOT, missing)


def test_shared_words_alone_are_not_enough() -> None:
    """The words of the line are all there, in three answers about other things."""
    brief = "The security audit failed since the export was missing."
    found = compare(brief, "They stand well.", "An export is planned.", "The audit report goes to them.")
    assert found.said == Said.NOT


def test_a_line_of_which_nothing_is_said_is_not_said() -> None:
    found = compare("They left Oracle over the licence audit.", "All is well with them.")
    assert (found.said, found.missing, found.otherwise) == (Said.NOT, [], [])


def test_a_promise_is_said_with_its_day_and_to_whom() -> None:
    title = "Promise to Carla Weiss, due 3 March 2027"
    for said, expected in [
        ("Carla gets the security answers on 3/3.", Said.YES),
        ("Carla gets the security answers on 4/3.", Said.DIFFERENTLY),
        ("Dieter gets the security answers on 3/3.", Said.DIFFERENTLY),
        ("Carla gets the security answers.", Said.NOT),
        ("Carla is well.", Said.NOT),
    ]:
        found = compare("Send the security answers", said, title=title, key="obligation:1")
        assert found.said == expected, said


def test_a_person_is_said_by_name_and_with_something_of_why() -> None:
    cost = "What it cost them: fell out with purchasing over us. Head of IT. Champion"
    for said, expected in [
        ("Carla, because she fell out with purchasing over us.", Said.YES),
        ("weiss is first. She fell out with purchasing.", Said.NOT),  # nobody writes a name so
        ("Weiss is first. She fell out with purchasing.", Said.YES),
        ("I call the champion, who fell out with purchasing.", Said.NOT),
        ("Dieter signs. Carla too.", Said.NOT),
    ]:
        found = compare(cost, said, title="Carla Weiss", key="contact:1")
        assert found.said == expected, said


def test_each_day_counts_for_the_line_beside_which_it_is_said() -> None:
    lines = [
        BriefLine("obligation:1", "Promise, due 3 March 2027", "Send the security answers"),
        BriefLine("obligation:2", "Promise, due 9 March 2027", "Show the migration plan"),
    ]
    said = ["They get the security answers on 9 March and the migration plan on 3 March."]
    assert [one.said for one in held_against(lines, said, on=ON)] != [Said.YES, Said.YES]
    said = ["They get the security answers on 3 March and the migration plan on 9 March."]
    assert [one.said for one in held_against(lines, said, on=ON)] == [Said.YES, Said.YES]


def test_where_it_is_asked_what_may_happen_no_if_is_needed() -> None:
    line = BriefLine("fact:1", "If … then …", "If a gearbox runs above 80 degrees, then ring the foreman.")
    said = ["They stand well.", "A gearbox above 80 degrees: I ring the foreman."]
    assert [one.said for one in held_against([line], said, on=ON)] == [Said.DIFFERENTLY]
    assert [one.said for one in held_against([line], said, on=ON, supposed={1})] == [Said.YES]


def test_of_a_long_story_nobody_has_to_repeat_every_figure() -> None:
    story = (
        "They came after a failed rollout in 2019. "
        + "The rollout of the plants failed and failed again. " * 8
    )
    assert compare(story, "They came after a rollout that failed in their plants, again.").said == Said.YES
    found = compare(story, "They came after a rollout in 2021 that failed in their plants, again.")
    assert [(one.original, one.theirs) for one in found.otherwise] == [("2019", "2021")]


texts = st.text(max_size=60)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.builds(BriefLine, texts, texts, texts), max_size=4), st.lists(texts, max_size=6))
def test_whatever_is_written_each_line_is_compared_once(lines: list[BriefLine], answers: list[str]) -> None:
    assert [one.line for one in held_against(lines, answers, on=ON)] == lines


words = [
    "alpha",
    "bravo",
    "charlie",
    "delta",
    "echo",
    "foxtrot",
    "Carla",
    "14 January",
    "€40k",
    "never",
    "only",
    "if",
]


@given(st.lists(st.sampled_from(words), min_size=1, max_size=7, unique=True))
def test_a_line_repeated_word_for_word_is_said(some: list[str]) -> None:
    text = " ".join(["golf", *some])
    found = compare(text, f"They stand well. {text}")
    assert found.said == Said.YES, found.differences
