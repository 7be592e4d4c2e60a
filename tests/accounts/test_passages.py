"""What a note holds that must not be lost: places in it, each with why it may matter."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import EntryReading, Passage
from accounts.rules.passages import REASONS, read
from accounts.rules.passages.choosing import chosen, joined, without
from accounts.rules.passages.sentences import count_words, sentences
from tests.base import CastTestCase, make_entry, make_stage

SAID = {
    "promise": [
        "I told her the connector will be there before the audit.",
        "He gave me his hand on it, so we do the training on us.",
        "We'll send two people, free of charge.",
        "By word of mouth I offered them the old rate for one more year.",
    ],
    "date": [
        "The committee meets on Thursdays.",
        "Everything is frozen from 12/11.",
        "New date: end of March.",
    ],
    "cliff": [
        "Notice has to reach us by the last day of the quarter.",
        "The certificate expires while she is away.",
        "There is a break clause in the lease.",
    ],
    "money": [
        "They were quoted €48,000 for it.",
        "The uplift was waived last time.",
        "He pays in two parts, 40% first.",
    ],
    "condition": [
        "Unless the scales work offline, nothing is signed.",
        "Only if Legal agrees can we show it.",
    ],
    "handling": [
        "Never ring her in the morning.",
        "Do not put his boss in cc.",
        "He must be asked in person, and on paper.",
    ],
    "reason": [
        "The real reason was the merger.",
        "They left because nobody answered.",
        "It turned out to be a fuse.",
    ],
    "move": [
        "The date slipped for the second time.",
        "The plan of May counts no longer.",
        "The go-live was postponed.",
    ],
    "decision": [
        "Whatever he says, his sister signs.",
        "The board has a veto.",
        "It goes through procurement first.",
    ],
    "people": [
        "Her last day is the end of the month.",
        "Jonas takes over from Maria.",
        "He retires and nobody follows.",
    ],
    "spent": [
        "She gave up her own machine so that we got the budget.",
        "He took the blame and put his name under it.",
    ],
    "confidence": [
        "This stays between us.",
        "Told off the record, in the car.",
        "Nobody knows yet that she is ill.",
    ],
    "competitor": ["A rival runs a pilot in their second plant.", "There will be a tender in autumn."],
    "trouble": ["Line two printed wrong labels after our error.", "He was furious about the outage."],
    "question": [
        "She asked again how long the archive stays open.",
        "Which of the two readings goes on the ticket?",
    ],
    "words": ["They say “the Book” and mean the daily report.", "Ghost = a bin below zero."],
    "denial": [
        "The rumour of the sale is not true.",
        "That mail was only a draft.",
        "This offer is not ours.",
    ],
    "figure": ["They run 214 instruments."],
}
DULL = [
    "Hello everybody,",
    "Dear Ms Weber,",
    "Thank you and best wishes",
    "Kind regards",
    "Lovely weather, strong coffee.",
    "The canteen has new chairs.",
]


def reasons(text: str) -> set[str]:
    return {reason for passage in read(text) for reason in passage.reasons}


@pytest.mark.parametrize(("reason", "sentence"), [(r, s) for r, some in SAID.items() for s in some])
def test_a_sentence_says_why_it_may_matter(reason: str, sentence: str) -> None:
    assert reason in reasons(sentence)


def test_each_reason_has_a_title_and_sentences() -> None:
    assert list(SAID) == list(REASONS)


@pytest.mark.parametrize("sentence", DULL)
def test_politeness_and_small_talk_are_nothing_to_carry(sentence: str) -> None:
    assert read(sentence) == []


def test_a_passage_is_a_whole_sentence_as_it_was_written() -> None:
    text = "We had lunch in the yard.\nDr. Weber signs nothing before J. Cruz has seen it, e.g. the lease. Good soup."
    (passage,) = read(text)
    assert (
        text[passage.start : passage.end]
        == "Dr. Weber signs nothing before J. Cruz has seen it, e.g. the lease."
    )


def test_the_number_of_a_list_stays_with_its_line() -> None:
    text = "1. New helmets came in\n2. From Monday the gate stays shut\n3. A ladder has gone missing from its place"
    assert [text[a:b] for a, b in sentences(text)] == text.split("\n")


def test_a_dictated_note_without_stops_is_read_breath_by_breath() -> None:
    text = " ".join(
        ["so I went there and he said that nothing at all moves before the old man has seen it"] * 8
    )
    pieces = [text[a:b] for a, b in sentences(text)]
    assert "".join(pieces) == text
    assert all(8 <= count_words(piece) <= 45 for piece in pieces)


def test_what_points_back_or_is_short_is_read_with_what_stands_before() -> None:
    text = "Maria Silva runs the lab in Porto. She never takes calls. Weather fine over there today."
    passage = next(one for one in read(text) if "handling" in one.reasons)
    assert text[passage.start : passage.end] == "She never takes calls."
    assert text[passage.begins : passage.ends].startswith("Maria Silva")


def test_traps_keep_the_words_that_undo_them() -> None:
    """A draft that was not sent, a figure that was corrected: what says so stands in a passage as well."""
    for text, undone in (
        ("(draft, wait for legal) The pages stay online ten years. Not sent.", "Not sent"),
        ("Goodwill per Anna is $1,460. Correction: it is $1,640, I have the time cards.", "Correction"),
        ("Tom says they are being sold. Anna denied it this morning.", "denied"),
    ):
        shown = [text[one.begins : one.ends] for one in read(text)]
        assert any(undone in words for words in shown)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    for one in read(text):
        assert 0 <= one.begins <= one.start < one.end <= one.ends <= len(text)
        assert one.reasons


@given(st.text(alphabet="ab .\n", max_size=200))
def test_no_word_lies_outside_the_sentences(text: str) -> None:
    assert sum(count_words(text[a:b]) for a, b in sentences(text)) == count_words(text)


def test_words_are_spent_on_what_tells_most_and_never_more_of_them() -> None:
    texts = {
        1: "They pay late.",
        2: "Unless the scale works offline Maria Silva signs no protocol and the grant of Porto is lost to them.",
    }
    passages = {key: read(text) for key, text in texts.items()}
    labels = {1: 2, 2: 2}
    assert chosen(passages, texts, labels, room=0) == {}
    assert list(chosen(passages, texts, labels, room=count_words(texts[2]) + 2)) == [2]
    assert chosen(passages, texts, labels, room=100) == {key: [(0, len(text))] for key, text in texts.items()}


def test_spans_are_joined_and_taken_out() -> None:
    assert joined("one two  three four", [(9, 14), (0, 3), (4, 7)]) == [(0, 14)]
    assert without((0, 10), [(2, 4), (6, 8)]) == [(0, 2), (4, 6), (8, 10)]


def test_an_operator_adds_words_of_their_own(tmp_path: Path) -> None:
    own = tmp_path / "signals.toml"
    own.write_text('[cliff]\nwords = ["kündigungsfrist*"]\n', encoding="utf-8")
    command = "from accounts.rules.passages import read; print(read('Die Kündigungsfristen sind lang.'))"
    for environment, found in (({}, False), ({"PASSAGE_SIGNALS": str(own)}, True)):
        done = subprocess.run(
            [sys.executable, "-c", command], env=environment, capture_output=True, text=True
        )
        assert ("cliff" in done.stdout) is found, done.stderr


class Kept(CastTestCase):
    NOTE = "Carla never takes calls before ten. Their notice period ends on 30 June, unless Dieter signs earlier."

    def read(self) -> list[str]:
        EntryReading.read_all()
        return [
            one.reading.entry.text[one.start : one.end]
            for one in Passage.objects.select_related("reading__entry").order_by("reading", "start")
        ]

    def test_an_entry_is_read_soon_after_it_was_written(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            make_entry(self.acme, self.NOTE)
        assert [reading.entry.text for reading in EntryReading.objects.all()] == [self.NOTE]
        assert Passage.objects.count() == 2

    def test_what_is_kept_are_places_and_no_words(self) -> None:
        make_entry(self.acme, self.NOTE)
        assert self.read() == self.NOTE.replace(". ", ".|").split("|")
        columns = {field.get_internal_type() for field in Passage._meta.fields}
        assert not columns & {"TextField", "CharField", "JSONField"}

    def test_by_other_rules_it_is_read_anew(self) -> None:
        make_entry(self.acme, self.NOTE)
        self.read()
        EntryReading.objects.update(rules=0)
        assert EntryReading.read_all() == 1
        assert EntryReading.read_all() == 0
        assert Passage.objects.count() == 2

    def test_a_command_finds_everything_again(self) -> None:
        make_entry(self.acme, self.NOTE)
        self.read()
        said = StringIO()
        call_command("read_entries", "--anew", stdout=said)
        assert said.getvalue().startswith("1 entries read. 2 passages")

    def test_erasure_forgets_them(self) -> None:
        entry = make_entry(self.acme, self.NOTE, contacts=[self.champion])
        self.read()
        self.champion.erase(by=self.omar, because="Asked us to")
        assert not Passage.objects.filter(reading__entry=entry).exists()
        assert self.read() == []

    def test_changes_that_the_product_writes_are_not_read(self) -> None:
        make_stage(self.acme, "evaluating", evidence="They never decide before June.")
        assert EntryReading.read_all() == 0
