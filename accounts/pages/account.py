"""An account's page: all that stands beside its timeline, in as many queries whatever the history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.briefing import BriefLine
from accounts.briefing.composing import cliffs
from accounts.briefing.doubts import Doubts
from accounts.briefing.memory import AccountForPage, AccountMemory
from accounts.models import Account, Contact, Coverage, Deal, Fact, Obligation, Stage, Topic, User
from accounts.models.base import Json
from accounts.models.verdicts import VerdictLine
from accounts.rules.condition import Sign
from accounts.rules.continuity import Continuity
from accounts.rules.promise_record import PromiseRecord


@dataclass(frozen=True)
class Answers:
    """The live answers by topic; `gaps` are the topics in use that nobody has written anything about."""

    outcome: list[Fact]
    needs: list[Fact]
    words: list[Fact]
    known: list[tuple[Topic, list[Fact]]]
    gaps: list[Topic]

    @classmethod
    def among(cls, facts: Iterable[Fact], catalogue: Iterable[Topic]) -> Answers:
        by_topic: dict[str, list[Fact]] = {}
        for fact in facts:
            by_topic.setdefault(fact.topic_id, []).append(fact)
        topics = [(topic, by_topic.get(topic.pk, [])) for topic in catalogue]
        above = {Topic.OUTCOME, "needs", Topic.IF_THEN, Topic.STORY}
        beside = {*above, Topic.WORDS}
        return cls(
            outcome=by_topic.get(Topic.OUTCOME, []),
            needs=by_topic.get("needs", []),
            words=by_topic.get(Topic.WORDS, []),
            known=[(topic, known) for topic, known in topics if known and topic.pk not in beside],
            gaps=[
                topic for topic, known in topics if not known and topic.is_in_use and topic.pk not in above
            ],
        )


MOST_FORMER = 50


@dataclass(frozen=True)
class AccountPage:
    """What the page shows: the memory that the brief is composed from, and of that brief what falls due soon."""

    account: Account
    parent: Account | None  # where this person sees it
    team: list[Coverage]
    owner: Coverage | None
    may_change_team: bool
    may_hand_over: bool
    champions: Sequence[Contact]
    champion_met: datetime | None
    deciders: Sequence[Contact]
    others: Sequence[Contact]
    stage: str
    answers: Answers
    stories: list[Fact]  # the one written or confirmed last comes first
    doubts: Doubts | None
    if_then: list[Fact]
    owed: list[Obligation]
    promises: PromiseRecord
    verdicts: list[VerdictLine]
    executives: Executives
    deals: list[Deal]
    former_deals: list[Deal]
    last_contact: datetime | None
    warnings: list[Sign]
    cliffs: list[BriefLine]
    continuity: Continuity | None
    today: date

    @classmethod
    def of(cls, account: AccountForPage, user: User) -> AccountPage:
        """From an account read `for_page`."""
        memory = AccountMemory.of(account)
        day, evidence, facts, champions = memory.day, memory.evidence, memory.facts, memory.champions
        owner = next((row for row in memory.team if row.role == Coverage.Role.OWNER), None)
        return cls(
            account=account,
            parent=parent_seen_by(user, account) if account.parent_id else None,
            team=memory.team,
            owner=owner,
            may_change_team=user.runs_changes or (owner is not None and owner.person_id == user.pk),
            may_hand_over=user.runs_changes,
            champions=champions,
            champion_met=evidence.met_at(champions[0].pk) if champions else None,
            deciders=[contact for contact in memory.contacts if decides(contact)],
            others=[contact for contact in memory.contacts if contact not in champions],
            stage=Stage(account.stage_now).label if account.stage_now else "",
            answers=Answers.among(facts, memory.topics),
            stories=memory.stories,
            doubts=None if account.closed_at else Doubts.among(facts, day),
            if_then=memory.by_topic(Topic.IF_THEN),
            owed=memory.owed,
            promises=PromiseRecord.of(account.promise_months, day),
            verdicts=VerdictLine.all_of(account.verdict_lines),
            executives=Executives.of(
                account.executives_told, account.sponsor_visit, memory.team, memory.owed
            ),
            deals=memory.deals,
            former_deals=memory.former_deals[:MOST_FORMER],
            last_contact=account.last_contact_at,
            warnings=memory.signs,
            cliffs=cliffs(memory, memory.falling),
            continuity=None if account.closed_at else Continuity.of(evidence),
            today=day,
        )


def parent_seen_by(user: User, account: Account) -> Account | None:
    return Account.objects.visible_to(user).filter(subsidiaries=account).first()


def decides(contact: Contact) -> bool:
    deciding = {Contact.Role.ECONOMIC_BUYER, Contact.Role.DECISION_MAKER}
    return not contact.left_on and bool(deciding.intersection(contact.roles))


@dataclass(frozen=True)
class Learned:
    """One executive contact, as whoever had it wrote it down."""

    text: str
    who: str
    at: datetime

    @classmethod
    def of(cls, row: Json) -> Learned:
        return cls(row["text"], row["who"], datetime.fromisoformat(row["at"]))


@dataclass(frozen=True)
class Executives:
    """What stands on an account's page: what was learned, the newest first, our sponsor and the visit they owe."""

    learned: list[Learned]
    sponsor: User | None
    visit: Obligation | None
    every_days: int | None

    @classmethod
    def of(
        cls,
        learned: Iterable[Json],
        planned: Json | None,
        team: Iterable[Coverage],
        owed: Iterable[Obligation],
    ) -> Executives:
        """From what the account's page has read already; asks the database nothing."""
        return cls(
            learned=[Learned.of(row) for row in learned],
            sponsor=next((row.person for row in team if row.role == Coverage.Role.SPONSOR), None),
            visit=next((line for line in owed if planned and line.pk == planned["pk"]), None),
            every_days=planned["every_days"] if planned else None,
        )
