"""Days in words mean one day, or are asked about; they are never guessed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.rules.dates import deadline, find
from accounts.rules.dates.phrases import MONTHS, WEEKDAYS, exists, last_day, long, short
from accounts.rules.dates.reader import JUST_PASSED

WEDNESDAY = date(2026, 11, 18)
TODAYS = st.dates(date(2019, 1, 1), date(2105, 12, 31))


def meant(phrase: str, today: date = WEDNESDAY) -> date | None:
    found = deadline(phrase, today=today)
    return found.day if found else None


def choices(phrase: str, today: date = WEDNESDAY) -> list[str]:
    """The days that are offered, where it is asked which day is meant."""
    found = deadline(phrase, today=today)
    assert found is not None
    assert found.doubt, phrase
    return [day.isoformat() for day in found.days]


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("by Friday", "2026-11-20"),
        ("by fri.", "2026-11-20"),
        ("on Monday", "2026-11-23"),
        ("this Friday", "2026-11-20"),
        ("this Wednesday", "2026-11-18"),
        ("next Tuesday", "2026-11-24"),
        ("next Wednesday", "2026-11-25"),
        ("coming Friday", "2026-11-20"),
        ("Friday next week", "2026-11-27"),
        ("next week, on Tuesday", "2026-11-24"),
        ("Tuesday of this week", "2026-11-17"),
        ("before Friday", "2026-11-19"),
        ("until Sunday", "2026-11-22"),
        ("today", "2026-11-18"),
        ("this afternoon", "2026-11-18"),
        ("by end of day", "2026-11-18"),
        ("EOD Friday", "2026-11-20"),
        ("by 5pm on Friday", "2026-11-20"),
        ("tomorrow", "2026-11-19"),
        ("the day after tomorrow", "2026-11-20"),
        ("yesterday", "2026-11-17"),
        ("last Friday", "2026-11-13"),
        ("three weeks ago", "2026-10-28"),
        ("in two weeks", "2026-12-02"),
        ("within 10 days", "2026-11-28"),
        ("within the next 3 days", "2026-11-21"),
        ("two weeks from now", "2026-12-02"),
        ("in a fortnight", "2026-12-02"),
        ("in a month", "2026-12-18"),
        ("in a year", "2027-11-18"),
        ("end of March", "2027-03-31"),
        ("by the end of February 2028", "2028-02-29"),
        ("end of the month", "2026-11-30"),
        ("EOM", "2026-11-30"),
        ("end of next month", "2026-12-31"),
        ("end of the week", "2026-11-20"),
        ("before the end of next week", "2026-11-27"),
        ("beginning of next month", "2026-12-01"),
        ("mid April", "2027-04-15"),
        ("mid-April 2028", "2028-04-15"),
        ("end of the year", "2026-12-31"),
        ("year end", "2026-12-31"),
        ("end of 2027", "2027-12-31"),
        ("3 March", "2027-03-03"),
        ("March 3", "2027-03-03"),
        ("3rd of March", "2027-03-03"),
        ("the 3rd of Sept.", "2027-09-03"),
        ("3 March 2027", "2027-03-03"),
        ("March 3rd, 2027", "2027-03-03"),
        ("Wednesday, 3 March", "2027-03-03"),
        ("2027-03-04", "2027-03-04"),
        ("13/4/2027", "2027-04-13"),
        ("4/13/27", "2027-04-13"),
        ("3.4.2027", "2027-04-03"),
        ("by 4/4/2027", "2027-04-04"),
        ("by the 15th", "2026-12-15"),
        ("by the 20th", "2026-11-20"),
        ("on the 2nd of next month", "2026-12-02"),
        ("29 February 2028", "2028-02-29"),
        ("by Fri 11/27", "2026-11-27"),
        ("Thu 3/4/2027", "2027-03-04"),
        ("Tue, 10 November", "2026-11-10"),
    ],
)
def test_a_phrase_means_one_day(phrase: str, day: str) -> None:
    assert meant(phrase) == date.fromisoformat(day)
    assert meant(f"send it {phrase}, please") == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("phrase", "days"),
    [
        ("3/4/2027", ["2027-03-04", "2027-04-03"]),
        ("on 3/4", ["2027-03-04", "2027-04-03"]),
        ("in March", ["2027-03-01", "2027-03-15", "2027-03-31"]),
        ("by March 2028", ["2028-03-01", "2028-03-15", "2028-03-31"]),
        ("before March", ["2027-02-28"]),
        ("early March", ["2027-03-01", "2027-03-10"]),
        ("next Thursday", ["2026-11-19", "2026-11-26"]),
        ("Wednesday", ["2026-11-18", "2026-11-25"]),
        ("this Monday", ["2026-11-23"]),
        ("Friday week", ["2026-11-20", "2026-11-27"]),
        ("next week", ["2026-11-23", "2026-11-27"]),
        ("this week", ["2026-11-20"]),
        ("next month", ["2026-12-01", "2026-12-15", "2026-12-31"]),
        ("on the 18th", ["2026-11-18", "2026-12-18"]),
        ("10 November", ["2027-11-10", "2026-11-10"]),
        ("29 February", ["2027-02-28", "2027-03-01"]),
        ("31 April", ["2027-04-30", "2027-05-01"]),
        ("Friday 3 March", ["2027-03-03", "2027-03-05"]),
        ("Fri 3/4/2027", ["2027-03-04", "2027-04-03"]),
        ("Fri, 2027-03-04", ["2027-03-04", "2027-03-05"]),
        ("in a couple of weeks", ["2026-12-02"]),
        ("in 10 working days", ["2026-12-02"]),
        ("Friday or Monday", ["2026-11-20", "2026-11-23"]),
        ("by Friday the draft, by Monday the rest", ["2026-11-20", "2026-11-23"]),
        ("2027-13-45", []),
    ],
)
def test_what_may_mean_several_days_is_asked_about(phrase: str, days: list[str]) -> None:
    assert choices(phrase) == days


@pytest.mark.parametrize(
    "phrase",
    [
        "they may do it",
        "3/4 of the seats",
        "be reachable 24/7",
        "on the 2nd floor",
        "Friday's report",
        "a report every Friday",
        "call them after Friday",
        "two weeks from Friday",
        "within 30 days of signing",
        "in two weeks after that",
        "a couple of weeks of work",
        "two weeks of work",
        "the Q2 report",
        "upgrade to 1.2.27",
        "to 10.0.0.1",
        "ask @friday",
        "they sat down",
        "https://example.com/2027/03/04",
        "as soon as possible",
        "",
    ],
)
def test_what_is_no_date_is_not_taken_for_one(phrase: str) -> None:
    assert deadline(phrase, today=WEDNESDAY) is None


def test_the_deadline_is_what_is_said_to_be_it() -> None:
    assert meant("send Monday minutes by Friday") == date(2026, 11, 20)
    assert meant("the demo of 3 March by Friday") == date(2026, 11, 20)
    assert meant("by Friday the draft, by Monday the rest, due 1 December 2026") == date(2026, 12, 1)


def test_quarters_are_the_calendars_and_asked_about() -> None:
    assert choices("end of Q2") == ["2027-06-30"]
    assert choices("end of the quarter") == ["2026-12-31"]
    assert choices("end of Q4 2027") == ["2027-12-31"]
    assert choices("by Q2") == ["2027-04-01", "2027-06-30"]


def test_the_end_of_this_week_is_asked_about_at_the_weekend() -> None:
    assert choices("end of the week", date(2026, 11, 21)) == ["2026-11-22", "2026-11-27"]


def test_an_answer_takes_the_place_of_the_phrase() -> None:
    text = "send it before 3/4/2027 at the latest"
    phrase = deadline(text, today=WEDNESDAY)
    assert phrase is not None
    answered = text[: phrase.start] + phrase.written(phrase.days[0]) + text[phrase.end :]
    assert answered == "send it by 3 March 2027 at the latest"


# ---- Properties


def phrases_for(day: date, today: date) -> Iterator[str]:
    """Every way to write `day` that has only one meaning when written on `today` (or before it)."""
    month, weekday, away = MONTHS[day.month - 1], WEEKDAYS[day.weekday()], (day - today).days
    yield from (day.isoformat(), short(day), long(day), f"{month} {day.day}, {day.year}", f"{day:%d.%m.%Y}")
    yield from (
        f"{weekday[:3]}, {day.day} {month[:3]}. {day.year}",
        f"the {ordinal(day.day)} of {month} {day.year}",
    )
    monday = today - timedelta(days=today.weekday())
    if 0 < away < 7:
        yield from (f"by {weekday}", f"on {weekday[:3]}", f"coming {weekday}")
    if monday + timedelta(days=7) <= day < monday + timedelta(days=14):
        yield from (f"{weekday} next week", f"next week on {weekday}")
    if 0 <= away < 1000:
        yield from (f"in {away} days", f"within {away} days", f"{away} days from now")
    if away >= 0 and away % 7 == 0 and away < 7000:
        yield f"in {away // 7} weeks"
    if away in {0, 1}:
        yield ("today", "tomorrow")[away]
    yield from without_year(day, today)


def without_year(day: date, today: date) -> Iterator[str]:
    month = MONTHS[day.month - 1]
    last_time = [date(year, day.month, day.day) for year in range(today.year - 9, today.year + 9)
                 if exists(year, day.month, day.day)]  # fmt: skip
    after = [it for it in last_time if it >= today]
    before = [it for it in last_time if it < today]
    unmistakable = not before or today - before[-1] > JUST_PASSED
    if after[:1] == [day] and unmistakable and (day - today).days < 366:
        yield from (f"{day.day} {month}", f"{month[:3]} {ordinal(day.day)}", f"{day.day} of {month}")
    months = (day.year - today.year) * 12 + day.month - today.month
    if 0 <= months < 12 and day.day == last_day(day.year, day.month):
        yield from (f"end of {month}", f"by the end of {month[:3]} {day.year}")
    if 0 <= months < 12 and day.day == 15 and months:
        yield f"mid-{month}"
    if months == 0 and day.day == last_day(day.year, day.month):
        yield from ("end of the month", "eom", "month end")
    if day.month == 12 and day.day == 31 and day.year == today.year:
        yield from ("end of the year", "eoy", f"end of {day.year}")


def ordinal(number: int) -> str:
    return f"{number}{'th' if 10 < number < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


@settings(deadline=None)
@given(TODAYS, st.integers(-800, 1200))
@example(date(2028, 2, 28), 1)
@example(date(2027, 2, 28), 366)
@example(date(2026, 12, 31), 1)
@example(date(2027, 1, 1), 364)
@example(date(2027, 1, 31), 28)
@example(date(2100, 2, 28), 1)
@example(date(2026, 12, 31), 0)
def test_a_day_written_in_words_is_read_as_that_day(today: date, away: int) -> None:
    day = today + timedelta(days=away)
    for phrase in phrases_for(day, today):
        assert meant(phrase, today) == day, phrase
        assert meant(f"we send {phrase.upper()} the terms", today) == day, phrase


@settings(deadline=None)
@given(TODAYS)
def test_months_are_added_by_the_calendar(today: date) -> None:
    for number in (1, 2, 12, 13):
        day = meant(f"in {number} months", today)
        assert day is not None
        assert (day.year - today.year) * 12 + day.month - today.month == number
        assert day.day == today.day or day.day == last_day(day.year, day.month) < today.day


VOCABULARY = """
by before until due on in within the of next this last end mid early eod 5pm a two 3 03 31 2027 3/4 3.4. 2027-02-30 29
february feb may march sat friday week month quarter year q2 2nd days weeks working ago from now today couple or and ,
. - / 's @maria 999
"""
WORDS = st.sampled_from([*VOCABULARY.split(), "", "\n"])


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)), st.dates())
@example("in 999 years", date(9999, 12, 31))
@example("last friday", date(1, 1, 1))
@example("before 29 february", date(9999, 12, 31))
def test_any_text_is_read_without_error_and_every_phrase_lies_in_it(text: str, today: date) -> None:
    at = 0
    for phrase in find(text, today=today):
        assert at <= phrase.start < phrase.end <= len(text)
        assert phrase.doubt or len(phrase.days) == 1
        at = phrase.end
    deadline(text, today=today)


@settings(deadline=None, max_examples=300)
@given(st.lists(WORDS).map(" ".join), TODAYS)
@example("sat early week", date(2019, 1, 1))
def test_an_answer_leaves_nothing_to_ask(text: str, today: date) -> None:
    phrase = deadline(text, today=today)
    if phrase and phrase.doubt:
        for day in phrase.days:
            answered = text[: phrase.start] + phrase.written(day) + text[phrase.end :]
            again = deadline(answered, today=today)
            assert again is not None
            rest = find(answered, today=today)
            # Other days in the text can be in doubt as well, and a weekday before it can contradict the answer.
            assert again.day == day or len(rest) > 1 or again.start < phrase.start


@pytest.mark.parametrize(
    "text",
    ["by ", "a ", "in" + " " * 60, "march ", "friday or ", "end of the ", "1/2/", "by Friday ", "\u202b"],
)
def test_time_grows_with_the_text_and_no_faster(text: str) -> None:
    def seconds(size: int) -> float:
        """The quickest of three: whatever else the machine does only adds to it."""
        whole, took = (text * size)[:size], []
        for _ in range(3):
            start = time.thread_time()
            deadline(whole, today=WEDNESDAY)
            took.append(time.thread_time() - start)
        return min(took)

    seconds(1_000)
    assert seconds(100_000) < 20 * max(seconds(20_000), 0.005)
