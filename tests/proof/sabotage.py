"""Read-backs that say everything, and the same with one thing deleted or altered: made by lot, in many wordings.

Each fact has a line of the brief and several ways to say it back. Days, amounts and numbers are written in the brief in
one form and in the read-back in another. The wordings are of the same hand as the comparison: the figures say how
surely it sees what was made for it, not how people write.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from accounts.briefing import BriefLine

ON = date(2026, 3, 4)
PEOPLE = [
    "Carla Weiss", "Dieter Brandt", "Ines Carvalho", "Yusuf Demir", "Marta Kowalska", "Pekka Salonen", "Olga Petrova",
    "Tomás Rivera", "Hanne Lind", "Colm Byrne", "Aiko Tanaka", "Ravi Menon", "Greta Nyström", "Bruno Keller",
]  # fmt: skip
THINGS = [
    "the audit report", "the price list", "the signed annex", "the security answers", "the migration plan",
    "the training schedule", "the test certificates", "the spare pump", "the data export", "the wiring diagram",
    "the press release", "the usage figures", "the customs papers", "the insurance proof", "the sample batch",
]  # fmt: skip
PLACES = ["Hamburg", "Turku", "Leeds", "Porto", "Brno", "Aarhus", "Graz", "Nantes"]
HABITS = ["call", "visit", "mail", "invite"]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
NUMBERS = dict(
    enumerate(["three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=3)
)
NOISE = [
    "They stand well, as far as I can see.", "I read all of it twice.", "Ask me if that is not clear.",
    "More in my own notes.", "That is how I understood it.", "So much for now.",
]  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """A piece of a sentence that can be lost: how the brief writes it, how the read-back does, and a wrong one."""

    kind: str
    brief: str
    said: str
    wrong: str
    #: What stands there when it was left out.
    without: str = ""


@dataclass(frozen=True)
class Told:
    """One thing of the brief, and one way to say it: `{name}` and its like stand for the slots."""

    title: str
    line: str
    said: str
    slots: dict[str, Slot]
    key: str = "fact"

    def in_brief(self, number: int) -> BriefLine:
        def fill(text: str) -> str:
            return capital(text.format(**{name: slot.brief for name, slot in self.slots.items()}))

        return BriefLine(f"{self.key}:{number}", fill(self.title), fill(self.line), must_survive=True)

    def in_words(self, lost: str = "", how: str = "") -> str:
        """As it is said, with one slot lost: `deleted` or `altered`."""
        pieces = {name: slot.said for name, slot in self.slots.items()}
        if lost:
            slot = self.slots[lost]
            pieces[lost] = slot.wrong if how == "altered" else slot.without
        return capital(
            re.sub(r"\s+([.,;:])", r"\1", re.sub(r" {2,}", " ", self.said.format(**pieces))).strip()
        )


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# ---- Slots


def a_day(dice: random.Random) -> Slot:
    day = ON + timedelta(days=dice.randrange(20, 400))
    wrong = day + timedelta(days=dice.choice([-7, 1, 2, 9, 31]))
    return Slot(
        "date",
        f"by {dice.choice(FORMS)(day)}",
        f"by {dice.choice(FORMS)(day)}",
        f"by {dice.choice(FORMS)(wrong)}",
    )


FORMS: list[Callable[[date], str]] = [
    lambda day: f"{day:%-d %B %Y}",
    lambda day: f"{day:%-d %B}",
    lambda day: f"{day:%B %-d}",
    lambda day: f"{day:%Y-%m-%d}",
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day:%-d.%-m.%Y}",
    lambda day: f"{day:%A %-d %B}",
]


def an_amount(dice: random.Random) -> Slot:
    thousands = dice.randrange(11, 99)
    forms: list[Callable[[int], str]] = [
        lambda k: f"€{k}k", lambda k: f"€{k},000", lambda k: f"{k}.000 euros", lambda k: f"EUR {k},000",
        lambda k: f"{k} thousand euros",
    ]  # fmt: skip
    wrong = thousands + dice.choice([-3, 2, 5, 20])
    brief, said, other = (dice.choice(forms)(k) for k in (thousands, thousands, wrong))
    return Slot("amount", brief, said, other, "some money")


def a_number(dice: random.Random) -> Slot:
    number = dice.choice(list(NUMBERS))
    wrong = dice.choice([other for other in NUMBERS if other != number])
    forms: list[Callable[[int], str]] = [str, NUMBERS.__getitem__]
    brief, said, other = (dice.choice(forms)(n) for n in (number, number, wrong))
    return Slot("number", brief, said, other, "some")


def a_length(dice: random.Random) -> Slot:
    weeks = dice.randrange(2, 9)
    forms: list[Callable[[int], str]] = [
        lambda n: f"{n} weeks", lambda n: f"{NUMBERS.get(n, 'two')} weeks" if n != 2 else "a fortnight",
        lambda n: f"{7 * n} days",
    ]  # fmt: skip
    wrong = weeks + dice.choice([1, 2, 3])
    brief, said, other = (dice.choice(forms)(n) for n in (weeks, weeks, wrong))
    return Slot("length", brief, said, other, "a while")


def a_name(dice: random.Random, people: list[str]) -> Slot:
    name = people.pop(dice.randrange(len(people)))
    wrong = dice.choice(people)
    said = dice.choice([name, name.split()[0], name.split()[1]])
    return Slot("name", name, said, dice.choice([wrong, wrong.split()[0]]), without="somebody")


def a_refusal(dice: random.Random, act: str) -> Slot:
    said = dice.choice([f"never {act}", f"do not {act}", f"don't {act}", f"we must not {act}"])
    return Slot("negation", f"never {act}", said, f"always {act}", without=act)


# ---- What is told


def a_promise(dice: random.Random, people: list[str], things: list[str]) -> Told:
    thing = things.pop()
    said = dice.choice(
        ["{name} gets {thing} {date}.", "{thing} for {name} {date}.", "We owe {name} {thing} {date}.",
         "To {name}: {thing}, {date}."]
    )  # fmt: skip
    slots = {"name": a_name(dice, people), "date": a_day(dice)}
    due = replace(slots["date"], brief=slots["date"].brief.replace("by ", "due "))
    return Told(
        "Promise to {name}, {date}",
        f"Send {thing}",
        said.replace("{thing}", thing),
        slots | {"date": due},
        "obligation",
    )


def a_term(dice: random.Random, people: list[str], things: list[str]) -> Told:
    place = dice.choice(PLACES)
    said = dice.choice(
        ["{name} pays {amount} for the line in {place}.", "The line in {place} costs {name} {amount}.",
         "For the {place} line it is {amount}, paid by {name}."]
    )  # fmt: skip
    slots = {"name": a_name(dice, people), "amount": an_amount(dice)}
    return Told(
        "Terms agreed",
        f"{{name}} pays {{amount}} for the production line in {place}.",
        said.replace("{place}", place),
        slots,
    )


def a_count(dice: random.Random, people: list[str], things: list[str]) -> Told:
    thing = things.pop().removeprefix("the ")
    said = dice.choice(
        [f"{{name}} wants {{number}} copies of the {thing}.", f"{{number}} copies of the {thing} go to {{name}}.",
         f"The {thing}: {{number}} copies, for {{name}}."]
    )  # fmt: skip
    slots = {"name": a_name(dice, people), "number": a_number(dice)}
    return Told("Needs", f"{{name}} wants {{number}} copies of the {thing}.", said, slots)


def a_handling(dice: random.Random, people: list[str], things: list[str]) -> Told:
    habit, weekday = dice.choice(HABITS), dice.choice(WEEKDAYS)
    slots = {"name": a_name(dice, people)}
    name = slots["name"]
    refusal = Slot("negation", f"never {habit}", *rest_of(a_refusal(dice, habit)))
    said = dice.choice(["{no} {name} on a {day}.", "{no} {name} on {day}s.", "On {day}s {no} {name}."])
    return Told(
        "How to handle somebody", f"{{no}} {{name}} on {weekday}s.", said.replace("{day}", weekday),
        {"no": refusal, "name": name},
    )  # fmt: skip


def rest_of(slot: Slot) -> tuple[str, str, str]:
    return slot.said, slot.wrong, slot.without


def an_only(dice: random.Random, people: list[str], things: list[str]) -> Told:
    thing = things.pop()
    only = Slot("only", "only", dice.choice(["only", "only", "solely"]), "usually", "")
    said = dice.choice(
        [f"{{only}} {{name}} may approve {thing}.", f"{thing} may be approved by {{name}} {{only}}."]
    )
    return Told(
        "How they decide",
        f"{{only}} {{name}} may approve {thing}.",
        said,
        {"only": only, "name": a_name(dice, people)},
    )


def a_condition(dice: random.Random, people: list[str], things: list[str]) -> Told:
    thing = things.pop()
    number = dice.randrange(1, 3) * 5
    clause = dice.choice(
        [
            f"if {{name}} signs {thing}",
            f"provided {{name}} signs {thing}",
            f"as long as {{name}} signs {thing}",
        ]
    )
    slots = {"name": a_name(dice, people)}
    filled = clause.format(name=slots["name"].said)
    condition = Slot(
        "condition",
        f"if {slots['name'].brief} signs {thing}",
        filled,
        f"and {filled.split(' ', 1)[1]}".replace("long as ", ""),
        "",
    )
    told = dice.choice(
        ["The discount of {percent} percent holds {condition}.", "{percent}% discount stays {condition}."]
    )
    wrong = number + dice.choice([2, 3, 7])
    percent = Slot("number", str(number), str(number), str(wrong), "some")
    return Told(
        "Terms agreed",
        "The discount of {percent}% holds {condition}.",
        told,
        {"condition": condition, "percent": percent},
    )


def a_deadline(dice: random.Random, people: list[str], things: list[str]) -> Told:
    place = dice.choice(PLACES)
    said = dice.choice(
        [f"For the {place} lease, notice goes to {{name}} {{date}}, and it runs {{length}} more.",
         f"Notice of the {place} lease has to reach {{name}} {{date}}; it then runs another {{length}}."]
    )  # fmt: skip
    slots = {"name": a_name(dice, people), "date": a_day(dice), "length": a_length(dice)}
    return Told(
        "Contract",
        f"Notice of the {place} lease must reach {{name}} {{date}}; then it runs {{length}} more.",
        said,
        slots,
    )


def a_champion(dice: random.Random, people: list[str], things: list[str]) -> Told:
    slots = {"name": a_name(dice, people)}
    place = dice.choice(PLACES)
    said = dice.choice(
        [f"I call {{name}} first, who quarrelled with the board in {place} over us.",
         f"{{name}} comes first: the quarrel with the board in {place} was for us."]
    )  # fmt: skip
    return Told(
        "{name}",
        f"What it cost them: quarrelled with the board in {place} for us. Champion. Strong",
        said,
        slots,
        "contact",
    )


MAKERS = [a_promise, a_promise, a_term, a_count, a_handling, an_only, a_condition, a_deadline, a_champion]


# ---- A whole read-back


@dataclass(frozen=True)
class Case:
    """A brief's lines and what was told of each, in order."""

    told: Sequence[Told]

    @property
    def lines(self) -> list[BriefLine]:
        return [one.in_brief(number) for number, one in enumerate(self.told)]

    def answers(self, dice: random.Random, at: int = -1, lost: str = "", how: str = "") -> list[str]:
        """Six answers that say everything, but for what is lost of one; `lost` empty: all of that one."""
        said = []
        for number, one in enumerate(self.told):
            if number != at:
                said.append(one.in_words())
            elif lost:
                said.append(one.in_words(lost, how))
        said += dice.sample(NOISE, 3)
        dice.shuffle(said)
        return [joined(dice, said[start::6]) for start in range(6)]


def joined(dice: random.Random, sentences: list[str]) -> str:
    """Some of them in one breath, as people write."""
    text = ""
    for sentence in sentences:
        join = dice.choice([" ", " ", "; ", ", and ", " and "]) if text else ""
        begins = sentence.split(" ")[0]
        if join.strip() and begins not in NAMES:
            sentence = sentence[0].lower() + sentence[1:]
        text = (text.rstrip(".") if join.strip() else text) + join + sentence
    return text


NAMES = {part for name in PEOPLE for part in name.split()}


def make(dice: random.Random) -> Case:
    people, things = PEOPLE.copy(), THINGS.copy()
    dice.shuffle(things)
    told = [maker(dice, people, things) for maker in MAKERS]
    dice.shuffle(told)
    return Case(told)
