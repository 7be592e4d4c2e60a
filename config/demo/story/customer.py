"""A customer of the story: its people, what happened, what is true, what we owe, what is in flight, who serves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from functools import partialmethod
from typing import Any

from accounts.models import (
    Account,
    Ask,
    AskedAgain,
    Cadence,
    Contact,
    Context,
    Coverage,
    CustomerCase,
    Deal,
    Entry,
    Fact,
    Obligation,
    User,
    Verdict,
    Visit,
)
from accounts.models.held_answers import answers_held
from accounts.rules import clocks

from .owed import Owed
from .telling import Story, Told

Names = str | tuple[str, ...]


class Customer:
    """One customer's thread. People of theirs go by their first names, colleagues by theirs in small letters."""

    def __init__(self, story: Story, name: str, owner: str, since: int, **fields: Any) -> None:
        self.story, self.name, self.since = story, name, since
        self._account = Told[Account]()
        self._people: dict[str, Told[Contact]] = {}
        story.customers[name] = self
        self._tell(
            since,
            lambda: self._account.is_now(
                Account.start(name=name, owner=story.who(owner), by=story.who(owner), **fields)
            ),
        )

    @property
    def account(self) -> Account:
        return self._account.it

    def _tell(self, day: int, act: Callable[[], object]) -> None:
        self.story.tell_of(self.name, day, act)

    def contact(self, name: str) -> Contact:
        return self._people[name].it

    def contacts(self, names: Names) -> list[Contact]:
        return [self.contact(name) for name in ([names] if isinstance(names, str) else names) if name]

    # People

    def person(self, day: int, name: str, *roles: str, **fields: Any) -> None:
        told = self._people[name.removeprefix("Dr ").split()[0]] = Told[Contact]()
        known = {key: self.story.text(v) if isinstance(v, str) else v for key, v in fields.items()}
        self._tell(
            day,
            lambda: told.is_now(
                Contact.objects.create(account=self.account, name=name, roles=list(roles), **known)
            ),
        )

    def becomes(self, day: int, name: str, **fields: Any) -> None:
        """Something about a person of theirs is different from this day on."""

        def change() -> None:
            contact = self.contact(name)
            for field, value in fields.items():
                setattr(contact, field, self.story.text(value) if isinstance(value, str) else value)
            contact.save(update_fields=list(fields))

        self._tell(day, change)

    def leaves(self, day: int, name: str) -> None:
        self.becomes(day, name, left_on=self.story.on(day))

    def signs_in(self, day: int, name: str) -> None:
        """A person of theirs gets a sign-in of their own."""

        def invite() -> None:
            contact = self.contact(name)
            self.story.people[name] = User.objects.create_user(
                contact.email, contact.name, kind=User.Kind.CUSTOMER, contact=contact, title=contact.title
            )

        self._tell(day, invite)

    # What happened

    def _keep(self, kind: str, day: int, by: str, whom: Names, text: str, *, shared: bool = False) -> None:
        words = self.story.text(text)

        def keep() -> None:
            author = self.story.who(by)
            entry = Entry.keep(self.account, kind=kind, text=words, by=author, contacts=self.contacts(whom))
            if shared:
                entry.share(by=author)

        self._tell(day, keep)

    talk = partialmethod(_keep, Entry.Kind.CONVERSATION)
    mail = partialmethod(_keep, Entry.Kind.EMAIL)
    visit = partialmethod(_keep, Entry.Kind.VISIT)
    executive = partialmethod(_keep, Entry.Kind.EXECUTIVE)
    thanks = partialmethod(_keep, Entry.Kind.THANKS)
    win = partialmethod(_keep, Entry.Kind.WIN)

    def note(self, day: int, by: str, text: str, whom: Names = "") -> None:
        self._keep(Entry.Kind.NOTE, day, by, whom, text)

    def web(self, day: int, text: str) -> None:
        """Somebody of theirs read our pages, before or beside any contact."""
        words = self.story.text(text)
        self._tell(
            day,
            lambda: Entry(
                account=self.account,
                kind=Entry.Kind.WEB,
                text=words,
                at=clocks.now(),
                author_name="Our website",
            ).save(),
        )

    def stage(self, day: int, stage: str, by: str, evidence: str) -> None:
        words = self.story.text(evidence)
        self._tell(day, lambda: Entry.reach_stage(self.account, stage, evidence=words, by=self.story.who(by)))

    def rate(self, day: int, condition: str, by: str, because: str) -> None:
        words = self.story.text(because)
        self._tell(day, lambda: self.account.rate(condition, because=words, by=self.story.who(by)))

    def would_choose_again(self, day: int, by: str, answer: str, words: str, *, to: str) -> Owed:
        """Their answer at day 90, or whenever they gave it; a doubt is feedback from then on.

        `by` the contact (who signs in), or a colleague who reports the contact's words.
        """
        told, words = Told[Obligation](), self.story.text(words)

        def give() -> None:
            given = Verdict.give(
                self.account, answer, contact=self.contact(to), by=self.story.who(by), words=words
            )
            if given.follow_up:
                told.is_now(given.follow_up)

        self._tell(day, give)
        return Owed(self.story, self.name, self.contact, told)

    def was_asked_before(self, day: int, fact: Told[Fact], by: str) -> None:
        """The customer's contact, who signs in, marks what they were asked again."""
        self._tell(day, lambda: AskedAgain.mark(fact.it, by=self.story.who(by)))

    # What is true

    def context(self, day: int, by: str, name: str, text: str, *, until: int) -> None:
        """What weighs on a person of theirs for a while."""
        words = self.story.text(text)
        self._tell(
            day,
            lambda: Context.note(self.contact(name), words, self.story.on(until), by=self.story.who(by)),
        )

    def fact(
        self,
        day: int,
        by: str,
        topic: str,
        text: str,
        *,
        told: str = "",
        guessed: bool = False,
        replaces: Told[Fact] | None = None,
        shared: bool = False,
    ) -> Told[Fact]:
        """An answer on a topic: `told` by a person of theirs, inferred by us, or only `guessed` and to confirm."""
        kept, words = Told[Fact](), self.story.text(text)
        source = Fact.Provenance.TO_CONFIRM if guessed else Fact.Provenance.INFERRED

        def state() -> None:
            author = self.story.who(by)
            fact = Fact.state(
                self.account,
                self.story.topics[topic],
                words,
                by=author,
                provenance=Fact.Provenance.TOLD if told else source,
                contact=self.contact(told) if told else None,
                supersedes=replaces.it if replaces else None,
            )
            if shared and not replaces:
                fact.share(by=author)
            kept.is_now(fact)

        self._tell(day, state)
        return kept

    def confirms(self, day: int, fact: Told[Fact], by: str, contact: str = "") -> None:
        """A colleague or (by the same first name) the customer's contact says that it still holds."""
        self._tell(
            day,
            lambda: fact.it.confirm(
                by=self.story.who(by), contact=self.contact(contact) if contact else None
            ),
        )

    # What we owe

    def owe(
        self,
        kind: str,
        day: int,
        by: str,
        text: str,
        *,
        due: int | None = None,
        to: str = "",
        holder: str = "",
        role: str = Coverage.Role.OWNER,
        fact: Told[Fact] | None = None,
        **fields: Any,
    ) -> Owed:
        told, words = Told[Obligation](), self.story.text(text)
        self._tell(
            day,
            lambda: told.is_now(
                Obligation.owe(
                    self.account,
                    kind,
                    words,
                    by=self.story.who(by),
                    due=None if due is None else self.story.on(due),
                    contact=self.contact(to) if to else None,
                    holder=self.story.who(holder) if holder else None,
                    role=role,
                    **(fields | ({"fact": fact.it} if fact else {})),
                )
            ),
        )
        return Owed(self.story, self.name, self.contact, told)

    promise = partialmethod(owe, "promise")
    question = partialmethod(owe, "question")
    feedback = partialmethod(owe, "feedback")
    repair = partialmethod(owe, "repair")
    visit_due = partialmethod(owe, "visit")
    task = partialmethod(owe, "task")

    def reported(
        self, day: int, by: str, text: str, *, severity: str, obstacle: str = "", to: str = ""
    ) -> Owed:
        """Somebody of ours, whether or not they serve this customer, saw something go wrong for them."""
        told, words = Told[Obligation](), self.story.text(text)
        self._tell(
            day,
            lambda: told.is_now(
                CustomerCase.report(
                    self.account,
                    words,
                    by=self.story.who(by),
                    severity=severity,
                    obstacle=obstacle,
                    contact=self.contact(to) if to else None,
                )
            ),
        )
        return Owed(self.story, self.name, self.contact, told)

    def meeting(self, day: int, by: str, text: str, *, on: int, hour: int, to: str) -> Owed:
        """A visit with an hour, by the customer's clock, held by whoever plans it."""
        told, words = Told[Obligation](), self.story.text(text)
        self._tell(
            day,
            lambda: told.is_now(
                Visit.plan(
                    self.account,
                    words,
                    by=self.story.who(by),
                    starts_at=datetime.combine(self.story.on(on), time(hour), self.account.zone),
                    contact=self.contact(to),
                )
            ),
        )
        return Owed(self.story, self.name, self.contact, told)

    def visited_every(self, day: int, role: str, days: int, by: str) -> Told[Cadence]:
        """From this day on somebody in that role visits every so many days."""
        told = Told[Cadence]()
        self._tell(day, lambda: told.is_now(Cadence.keep_to(self.account, role, days, by=self.story.who(by))))
        return told

    def visit_held(self, day: int, cadence: Told[Cadence], by: str) -> None:
        """The visit that was due is held, and the next one appears."""
        self._tell(day, lambda: cadence.it.visits.open().get().keep(by=self.story.who(by)))

    def asked(self, day: int, by: str, kind: str, what: str, *, to: str = "") -> None:
        """We asked something of them, whatever we hold that may answer it."""
        words = self.story.text(what)

        def ask() -> Ask:
            contact = self.contact(to) if to else None
            passed = [answer.key for answer in answers_held(self.account, words)]
            return Ask.make(self.account, kind, words, by=self.story.who(by), contact=contact, passed=passed)

        self._tell(day, ask)

    # What is in flight, and who serves

    def deal(
        self, day: int, by: str, name: str, amount: int, *, closes: int, stage: str = "", **fields: Any
    ) -> Told[Deal]:
        told = Told[Deal]()

        def begin() -> None:
            owner = self.account.owner
            assert owner
            told.is_now(
                Deal.objects.create(
                    account=self.account,
                    name=name,
                    holder=owner,
                    amount=amount,
                    engaged_on=self.story.on(day),
                    expected_close=self.story.on(closes),
                    stage=stage,
                    **fields,
                )
            )

        self._tell(day, begin)
        return told

    def closes(self, day: int, deal: Told[Deal], outcome: str, by: str) -> None:
        self._tell(day, lambda: deal.it.close(outcome, by=self.story.who(by)))

    def joins(self, day: int, role: str, person: str, by: str, because: str) -> None:
        """A colleague joins this customer's team."""
        self._tell(
            day,
            lambda: Coverage.begin(
                self.account, role, self.story.who(person), by=self.story.who(by), because=because
            ),
        )

    def passes_to(self, day: int, person: str, by: str, because: str) -> None:
        """Another owner, from the days before handoffs were read back."""
        self._tell(
            day,
            lambda: (
                Coverage.objects.owners()
                .filter(account=self.account)
                .pass_to(self.story.who(person), by=self.story.who(by), because=because)
            ),
        )

    def is_closed(self, day: int, by: str, because: str) -> None:
        """For an account to which nothing is owed any more."""
        self._tell(
            day,
            lambda: self.account.close(by=self.story.who(by), because=self.story.text(because), outcomes={}),
        )

    def turns_out_to_be(self, day: int, other: Customer, by: str, because: str) -> None:
        """Two accounts were one customer: the memory of this one is read with the other's from now on."""
        self._tell(
            day, lambda: self.account.merge_into(other.account, by=self.story.who(by), because=because)
        )

    def served_before(self, person: str, begun: int, ended: int, because: str) -> None:
        """Somebody served them before our records begin; spells of that time may overlap and have gaps."""
        who = self.story.who
        self._tell(
            self.since,
            lambda: Coverage.objects.create(
                account=self.account,
                role=Coverage.Role.PAST,
                person=who(person),
                started_at=self.story.calendar.at(begun, 540),
                started_by=who(person),
                started_because=because,
                ended_at=self.story.calendar.at(ended, 540),
                ended_by=who(person),
                ended_because=because,
            ),
        )
