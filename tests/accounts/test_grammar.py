"""A note is read as it was written: what it shows is what it keeps, no text is lost, and nothing is guessed."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.notes.grammar import parse
from accounts.notes.items import (
    Clarification,
    ItemKind,
    NoteItem,
    ParsedNote,
    TopicName,
    Unclear,
    label_of,
    who_of,
)
from accounts.notes.mentions import Option, PersonName, handle, names_of_people

WEDNESDAY = date(2026, 11, 18)
CARLA = PersonName(1, "Carla Berg", "Head of IT")
DIETER = PersonName(2, "Dieter Kern")
MARIA = PersonName(3, "María Vogt")
OTHER_MARIA = PersonName(4, "Maria Lund")
JOERG = PersonName(5, "Jörg Müller-Lüdenscheid")
SAM = PersonName(8, "Sam Lee")
OTHER_SAM = PersonName(9, "Sam Lee")
PEOPLE = (CARLA, DIETER, MARIA, OTHER_MARIA, JOERG, SAM, OTHER_SAM)

OUTCOME = TopicName("outcome", "Outcome wanted")
BUDGET = TopicName("budget", "Budget cycle")
TERMS = TopicName("terms", "Terms and conditions")
PROCESS = TopicName("decision-process", "Decision process")
CRITERIA = TopicName("decision-criteria", "Decision criteria")
TOPICS = (OUTCOME, BUDGET, TERMS, PROCESS, CRITERIA)

WHOLE_NOTE = """\
@carla
They liked the trial.
It was quick, too.

! send the revised terms by Friday
!? bring an engineer in two weeks
? can it run in Frankfurt
"We need it before the summer."
+ the export is slow
#budget they plan in October
> evaluating: they asked for a trial
"""


def read(text: str, today: date = WEDNESDAY) -> ParsedNote:
    return parse(text, today=today, people=PEOPLE, topics=TOPICS)


def only(text: str) -> NoteItem:
    [item] = read(text).items
    return item


def asked(text: str) -> list[Unclear]:
    note = read(text)
    return [ask.about for item in note.items for ask in note.asks(item)]


def options(text: str) -> list[str]:
    """What the note reads like after each answer to its only question."""
    note = read(text)
    [(item, ask)] = [(item, ask) for item in note.items for ask in note.asks(item)]
    return [answered(text, item.start, ask, option) for option in ask.options]


def answered(text: str, start: int, ask: Clarification, option: Option) -> str:
    return text[: start + ask.start] + option.text + text[start + ask.end :]


def words_of(note: ParsedNote, item: NoteItem) -> str:
    return note.evidence(item) if item.kind is ItemKind.STAGE else item.words


# ---- What each line is


def test_a_whole_note() -> None:
    note = read(WHOLE_NOTE)
    assert note.ready
    assert note.conversation == "They liked the trial.\nIt was quick, too."
    assert [(it.kind, label_of(it), words_of(note, it), who_of(note, it)) for it in note.items] == [
        (ItemKind.PEOPLE, "With", "Carla Berg", ""),
        (ItemKind.TEXT, "Note", "They liked the trial.\nIt was quick, too.", ""),
        (
            ItemKind.PROMISE,
            "Promise, due Friday 20 November 2026",
            "send the revised terms by Friday",
            "you, to Carla Berg",
        ),
        (
            ItemKind.PROMISE,
            "Stretch promise, due Wednesday 2 December 2026",
            "bring an engineer in two weeks",
            "you, to Carla Berg",
        ),
        (ItemKind.QUESTION, "Question", "can it run in Frankfurt", "asked by Carla Berg"),
        (ItemKind.QUOTE, "Their words", "We need it before the summer.", "said by Carla Berg"),
        (ItemKind.FEEDBACK, "Feedback", "the export is slow", "said by Carla Berg"),
        (ItemKind.FACT, "Budget cycle", "they plan in October", "told by Carla Berg"),
        (ItemKind.STAGE, "Evaluating", "they asked for a trial", ""),
    ]  # fmt: skip


def test_the_page_for_readers_says_what_is_true() -> None:
    page = (Path(__file__).parents[2] / "docs" / "notes.md").read_text()
    example = read(page.split("```")[1])
    assert example.ready
    assert {item.kind for item in example.items} == set(ItemKind)
    lines = re.findall(r"^\| `?[^|]+ \| ([a-z]+ [a-z]+)[^|]*\| `([^`]+)` \|$", page, re.MULTILINE)
    kinds = {
        "a promise": ItemKind.PROMISE,
        "a stretch": ItemKind.PROMISE,
        "a question": ItemKind.QUESTION,
        "their words": ItemKind.QUOTE,
        "feedback they": ItemKind.FEEDBACK,
        "the people": ItemKind.PEOPLE,
        "a fact": ItemKind.FACT,
        "a stage": ItemKind.STAGE,
        "the conversation": ItemKind.TEXT,
    }
    assert {what for what, _ in lines} == set(kinds)
    assert [only(line).kind for _, line in lines] == [kinds[what] for what, _ in lines]


@pytest.mark.parametrize(
    "line",
    [
        "!", "?  ", '"', "+", "#", ">", "! ...", "!!! urgent", "## heading", "# heading", ">> deep", '""', "???",
        "+49 30 1234", "#1 on their list", ">5 people", "\\! not a promise", "\\ just this", "🎉", "<b>bold</b>",
        "a@b.example", "@", "@ home", "@@carla", "\u202bשלום", "\x00", "- a bullet", "1) first",
    ],
)  # fmt: skip
def test_a_line_without_a_mark_or_without_words_is_plain_text(line: str) -> None:
    assert only(line).kind is ItemKind.TEXT
    assert asked(line) == []


def test_a_backslash_makes_a_mark_plain_and_is_not_kept() -> None:
    assert only("\\! a\n\\server\n\\\\! b").words == "! a\n\\server\n\\! b"
    assert only("\\@carla and \\@dieter").words == "@carla and @dieter"
    assert only("\\@carla").mentions == ()


def test_an_indented_line_belongs_to_the_item_above() -> None:
    promise, question = read(
        "! send the terms\n  to @carla\n\tby Friday\n one space is a slip\n? why, @sam.lee.8"
    ).items[::2]
    assert promise.words == "send the terms\nto Carla Berg\nby Friday"
    assert promise.due == date(2026, 11, 20)
    assert promise.people == (CARLA,)
    assert question.people == (SAM,)
    assert [item.kind for item in read("! a\n\n  ! b").items] == [ItemKind.PROMISE, ItemKind.PROMISE]


def test_lines_of_a_quoted_mail_are_text_and_not_stages() -> None:
    assert only("They wrote:\n> dear all\n> evaluating it\nRegards").kind is ItemKind.TEXT
    assert [item.stage.value for item in read("> at risk: why\n> in value: because").items if item.stage] == [
        "at_risk",
        "in_value",
    ]


# ---- People


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("carla", CARLA), ("CARLA", CARLA), ("berg", CARLA), ("car", CARLA), ("carla.berg", CARLA),
        ("Carla Berg", CARLA),
        ("carla_berg", CARLA), ("carlo", CARLA), ("cralA", CARLA), ("crla", CARLA), ("carla's", CARLA),
        ("carla.", CARLA),
        ("vogt", MARIA), ("maria vogt", MARIA), ("MARÍA VOGT", MARIA), ("Mari\u0301a.Vogt", MARIA),
        ("maria.lund", OTHER_MARIA),
        ("jorg", JOERG), ("Joerg", JOERG), ("mueller", JOERG), ("Müller", JOERG), ("müller-lüd", JOERG),
        ("sam.lee.9", OTHER_SAM), ("contact.8", SAM), ("dieter:", DIETER), ("dieter,", DIETER),
    ],
)  # fmt: skip
def test_a_person_is_found_by_name(name: str, person: PersonName) -> None:
    for text in (f"@{name}", f"(@{name}", f"we met @{name} there", f"! send @{name} the terms by Friday"):
        assert only(text).people == (person,)
        assert Unclear.PERSON not in asked(text)


@pytest.mark.parametrize("name", ["maria", "mar", "sam", "Sam Lee", "nobody", "c", "cxrlx", "María"])
def test_who_is_unclear_is_asked_about(name: str) -> None:
    text = f"met @{name} today"
    assert only(text).people == ()
    assert asked(text) == [Unclear.PERSON]
    assert not read(text).ready
    for answer in options(text):
        assert asked(answer) == []
    assert only(options(text)[-1]).words == text  # not a contact at all


def test_two_of_one_name_are_told_apart() -> None:
    assert options("with @sam") == ["with @Sam.Lee.8", "with @Sam.Lee.9", "with \\@sam"]
    assert [option.label for option in only("with @sam").asks[0].options[:2]] == [
        "Sam Lee (8)",
        "Sam Lee (9)",
    ]


def test_names_in_a_line_are_kept_as_names() -> None:
    assert only("called @carla's boss and @maria.vogt").words == "called Carla Berg's boss and María Vogt"
    assert only("@carla, @dieter and @maria.lund").words == "Carla Berg, Dieter Kern, Maria Lund"
    assert only("@carla called").kind is ItemKind.TEXT


def test_whose_it_is_says_the_line_or_the_only_person_present() -> None:
    note = read("@carla\n? can it run in Frankfurt\n? and in Oslo, asks @dieter, not @carla")
    assert [person.name for item in note.items[1:] if (person := note.who(item))] == [
        "Carla Berg",
        "Dieter Kern",
    ]
    assert note.people == (CARLA, DIETER)
    assert asked("@carla @dieter\n? can it run in Frankfurt") == [Unclear.WHO]
    assert asked("? can it run in Frankfurt") == [Unclear.WHO]
    assert asked("+ too slow") == [Unclear.WHO]
    assert options("@carla @dieter\n+ slow") == [
        "@carla @dieter\n+ slow @Carla.Berg",
        "@carla @dieter\n+ slow @Dieter.Kern",
    ]
    assert asked("@carla @nobody\n? why") == [Unclear.PERSON, Unclear.WHO]


# ---- Promises


def test_a_promise_without_a_date_is_asked_about() -> None:
    assert asked("! send the terms") == [Unclear.DATE]
    assert options("! send the terms \n")[0] == "! send the terms by 19 November 2026 \n"
    assert all(read(answer).ready for answer in options("! send the terms"))


def test_an_ambiguous_date_is_asked_about_and_not_taken() -> None:
    item = only("! send the terms by 3/4/2027 at noon")
    assert item.due is None
    assert options(item.source) == [
        "! send the terms by 4 March 2027 at noon",
        "! send the terms by 3 April 2027 at noon",
    ]


def test_a_promise_in_the_past_is_asked_about_but_can_be_kept() -> None:
    item = only("! send the terms by 3 March 2025")
    assert item.due == date(2025, 3, 3)
    assert asked(item.source) == [Unclear.PAST]
    assert read(item.source).ready


def test_dates_bind_promises_only() -> None:
    for line in ("? can we meet Friday @carla", '"by 3/4/2027"', "#budget in March", "see you Friday"):
        assert only(line).due is None
        assert asked(line) == []


# ---- Their words, topics, stages


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"We need it."', "We need it."),
        ('" We need it', "We need it"),
        ('"We need it," said @carla.', "We need it,"),
        ("“We need it” @carla", "We need it"),
        ("„Das passt“", "Das passt"),
        ("«Oui»", "Oui"),
        ('"We need it" and nothing else', '"We need it" and nothing else'),
        ('"fast" or "slow"', '"fast" or "slow"'),
        ('"<script>alert(1)</script>"', "<script>alert(1)</script>"),
    ],
)
def test_their_words_are_kept_without_the_marks_around_them(line: str, words: str) -> None:
    assert only(line).kind is ItemKind.QUOTE
    assert only(line).words == words


@pytest.mark.parametrize(
    ("line", "topic", "words"),
    [
        ("#budget they plan in October", BUDGET, "they plan in October"),
        ("#Budget cycle: October", BUDGET, "October"),
        ("#budget-cycle: October", BUDGET, "October"),
        ("#budg - October", BUDGET, "October"),
        ("#budgte -5% this year", BUDGET, "-5% this year"),
        ("#terms and conditions net 30", TERMS, "net 30"),
        ("#decision process two rounds", PROCESS, "two rounds"),
        ("#decision-p, two rounds", PROCESS, "two rounds"),
    ],
)
def test_a_topic_is_found_by_its_name(line: str, topic: TopicName, words: str) -> None:
    assert (only(line).topic, only(line).words) == (topic, words)
    assert asked(line) == []


def test_an_unclear_topic_is_asked_about() -> None:
    assert options("#decision two rounds") == [
        "#decision-criteria: two rounds",
        "#decision-process: two rounds",
        "\\#decision two rounds",
    ]
    assert len(options("#weather: fine")) == len(TOPICS) + 1
    assert all(asked(answer) == [] for answer in options("#weather: fine") + options("#decision? two"))
    assert asked("#budget") == [Unclear.WORDS]


def test_a_fact_is_told_or_ours_or_still_to_confirm() -> None:
    def who(text: str) -> tuple[str, str]:
        note = read(text)
        return label_of(note.items[-1]), who_of(note, note.items[-1])

    assert who("#budget in October @carla") == ("Budget cycle", "told by Carla Berg")
    assert who("#budget in October") == ("Budget cycle", "you")
    assert who("@carla\n#budget? in October") == ("Budget cycle, to confirm", "you")


@pytest.mark.parametrize(
    ("line", "stage", "words"),
    [
        ("> evaluating: they asked for a trial", "evaluating", "they asked for a trial"),
        ("> Evaluating they asked", "evaluating", "they asked"),
        (">eval, a trial", "evaluating", "a trial"),
        ("> evaluatng – a trial", "evaluating", "a trial"),
        ("> at risk their buyer left", "at_risk", "their buyer left"),
        ("> in_value: 40 users", "in_value", "40 users"),
        ("> In value - 40 users", "in_value", "40 users"),
    ],
)
def test_a_stage_is_found_by_its_name(line: str, stage: str, words: str) -> None:
    item = only(line)
    assert item.stage is not None
    assert (item.stage.value, item.words) == (stage, words)
    assert asked(line) == []


def test_an_unclear_stage_is_asked_about() -> None:
    assert only("> on Monday he wrote").stage is None
    assert all(asked(answer) == [] for answer in options("> on Monday he wrote"))


def test_a_stage_needs_evidence_and_takes_it_from_the_note() -> None:
    assert asked("> evaluating") == [Unclear.WORDS]
    assert asked("They asked for a trial.\n> evaluating") == []
    note = read("They asked for a trial.\n> evaluating")
    assert note.evidence(note.items[1]) == "They asked for a trial."


# ---- Properties of every text

MARKED_LINES = st.builds(
    "".join,
    st.lists(
        st.sampled_from(
            ["!", "!?", "?", '"', "“", "”", "+", "#", ">", "\\", "@", " ", "  ", "\t", "\n", "\r\n", "\r", "\n\n", ":",
             "-", "@carla", "@sam", "@Maria Vogt", "@nobody", "budget", "decision", "evaluating", "at risk",
             "by Friday", "3/4/2027", "in March", "said", "and", "send it", ".", "'s", "🎉", "é", "e\u0301", "\u202e",
             "\x00", "\u2028", "\x85", "<script>", "&amp;", "1", "\ud800"]
        ),
        max_size=14,
    ),
)  # fmt: skip
TEXTS = st.one_of(st.text(), MARKED_LINES, MARKED_LINES)


def between(note: ParsedNote) -> list[str]:
    """What stands before, between and after the items."""
    starts = [*(item.start for item in note.items), len(note.text)]
    ends = [0, *(item.end for item in note.items)]
    return [note.text[end:start] for end, start in zip(ends, starts, strict=True)]


@settings(deadline=None, max_examples=400)
@given(TEXTS)
@example("")
@example("\r\n\r\n")
@example(WHOLE_NOTE)
@example(WHOLE_NOTE.replace("\n", "\r\n"))
@example("\u202b! \u200f@carla שלח עד יום ו\u202c\n? \U0001f469\u200d\U0001f469\u200d\U0001f467\n")
def test_no_text_is_lost(text: str) -> None:
    note = read(text)
    assert all(not gap or gap.isspace() for gap in between(note))
    for item in note.items:
        assert text[item.start : item.end] == item.source
        assert item.source.strip()


@settings(deadline=None, max_examples=400)
@given(TEXTS)
@example(WHOLE_NOTE)
def test_an_item_alone_is_the_same_item(text: str) -> None:
    for item in read(text).items:
        assert read(item.source).items == (replace(item, start=0),)


@settings(deadline=None, max_examples=200)
@given(TEXTS)
@example(WHOLE_NOTE)
def test_reading_what_was_read_changes_nothing(text: str) -> None:
    note = read(text)
    again = read("\n\n".join(item.source for item in note.items))
    assert [replace(item, start=0) for item in again.items] == [replace(item, start=0) for item in note.items]
    assert [words_of(again, item) for item in again.items] == [words_of(note, item) for item in note.items]
    assert read(text) == note


@settings(deadline=None, max_examples=200)
@given(TEXTS)
@example(WHOLE_NOTE)
def test_the_words_of_an_item_name_its_day_and_person(text: str) -> None:
    note = read(text)
    for item in note.items:
        assert not item.due or str(item.due.year) in label_of(item)
        person = note.who(item)
        unsaid = {ItemKind.FACT, ItemKind.TEXT, ItemKind.PEOPLE, ItemKind.STAGE}
        assert not person or item.kind in unsaid or person.name in who_of(note, item)


@settings(deadline=None, max_examples=300)
@given(TEXTS)
@example(WHOLE_NOTE)
@example("! by 3/4/2027 or in March @sam\n? why\n#decision\n> foo")
def test_what_is_saved_is_complete_or_asked_about(text: str) -> None:
    note = read(text)
    for item in note.items:
        about = {ask.about for ask in note.asks(item) if ask.must}
        assert item.kind is not ItemKind.PROMISE or bool(item.due) is (Unclear.DATE not in about)
        assert item.kind is not ItemKind.FACT or bool(item.topic) is (Unclear.TOPIC not in about)
        assert item.kind is not ItemKind.STAGE or bool(item.stage) is (Unclear.STAGE not in about)
        assert all(mention.person for mention in item.mentions) is (Unclear.PERSON not in about)
        if item.kind in {ItemKind.QUESTION, ItemKind.FEEDBACK}:
            assert note.who(item) or about & {Unclear.PERSON, Unclear.WHO}


@settings(deadline=None, max_examples=300)
@given(TEXTS)
@example("! by 3/4/2027 or in March @sam\n? why\n#decision? x\n> foo, bar")
@example("> on\n  Monday")
def test_every_answer_settles_what_was_asked(text: str) -> None:
    for item in read(text).items:
        for ask in item.asks:
            for option in ask.options:
                note = read(answered(item.source, 0, ask, option))
                left = [it for again in note.items for it in again.asks if it.about is ask.about]
                before = [it for it in item.asks if it.about is ask.about]
                assert len(left) < len(before), (item.source, option)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text(max_size=12), max_size=6), TEXTS)
@example(
    [
        "",
        " ",
        "@",
        "3M",
        "Levi's",
        "O'Neil",
        "J. R.",
        "Anna",
        "Anna Berg",
        "anna",
        "Smith, John (IT)",
        "李雷",
    ],
    "@anna",
)
def test_everybody_can_be_meant_by_name_whatever_they_are_called(names: list[str], text: str) -> None:
    people = [PersonName(key, name) for key, name in enumerate(names, start=1)]
    parse(text, today=WEDNESDAY, people=people, topics=TOPICS)
    for person in people:
        written = f"with @{handle(person, names_of_people(people))} today"
        [item] = parse(written, today=WEDNESDAY, people=people).items
        assert item.people == (person,)


# ---- Size


LONG_NOTES = {
    "a long talk": "They said that the terms are fine, and @carla asked about Frankfurt.\n\n",
    "marks only": "!?\"+@#>",
    "lines of marks only": "!\n?\n\"\n+\n@\n#\n>\n",
    "whole notes": WHOLE_NOTE,
    "promises": "! send the revised terms by Friday or Monday in March\n",
    "unknown people": "@nobody and @noone ",
    "unknown topics": "#weather is fine, they say, and will be\n",
    "unknown stages": "> wondering whether it will ever be so\n\n",
    "right to left": "\u202bשלום @carla\u202c\n",
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "script": "<script>alert('!')</script>\n",
    "at signs": "@",
    "backslashes": "\\@a",
    "blank lines": "\r\n",
    "quotation marks": '"a',
    "accents": "@e\u0301",
    "one word": "@a",
}  # fmt: skip


@pytest.mark.parametrize("name", LONG_NOTES)
def test_a_note_of_100_kb_is_read_in_time_that_grows_with_it(name: str) -> None:
    def seconds(size: int) -> float:
        text = (LONG_NOTES[name] * size)[:size]
        start = time.thread_time()
        note = read(text)
        [(label_of(item), who_of(note, item), note.asks(item)) for item in note.items]
        taken = time.thread_time() - start
        assert all(not gap or gap.isspace() for gap in between(note))
        return taken

    seconds(1_000)
    long = min(seconds(100_000), seconds(100_000))  # the garbage collector may come in between
    assert long < 20 * max(seconds(20_000), 0.005)
