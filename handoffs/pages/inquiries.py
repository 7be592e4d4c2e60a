"""handoff + who looks -> what was asked of colleagues about its brief, beside which line each question stands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Prefetch

from accounts.models import User
from handoffs.models import Handoff, Inquiry, InquiryAnswer
from handoffs.models.inquiries import may_ask


@dataclass
class Inquiries:
    """`shown` are the keys of the lines that the page shows, in whatever brief."""

    handoff: Handoff
    user: User
    shown: Collection[str]

    @property
    def may_ask(self) -> bool:
        return may_ask(self.handoff, self.user)

    @cached_property
    def all(self) -> list[Inquiry]:
        answers = InquiryAnswer.objects.select_related("entry__author", "entry__retraction")
        asked = self.handoff.inquiries.select_related("by", "to")
        return list(asked.prefetch_related(Prefetch("answers", answers)))

    @cached_property
    def by_line(self) -> dict[str, list[Inquiry]]:
        """Those that stand beside no line are under nothing."""
        found: dict[str, list[Inquiry]] = {}
        for inquiry in self.all:
            key = next((key for key in inquiry.keys if key in self.shown), "")
            found.setdefault(key, []).append(inquiry)
        return found

    @property
    def open(self) -> list[Inquiry]:
        return [inquiry for inquiry in self.all if not inquiry.standing_answers]

    @property
    def beside_nothing(self) -> list[Inquiry]:
        """Those answered that stand beside no line."""
        return [inquiry for inquiry in self.by_line.get("", []) if inquiry.standing_answers]
