"""Cases and tickets: what is open is owed to whoever raised it, what is closed is history."""

from __future__ import annotations

from datetime import date

from accounts.models import Entry, Obligation
from tests.accounts.test_import_pages import ImportTestCase, file

CASES = (
    "Id,CaseNumber,ContactId,AccountId,Type,Status,Subject,Description,Priority,IsClosed,ClosedDate,CreatedDate,OwnerId\n"
    "K1,0101,C1,A1,Fraud report,in_progress,Wrong bill,Twice the sum,High,,,2026-01-02,Olivia Brandt\n"
    "K2,0102,C1,A1,Billing inquiry,open,Which form?,,Low,,,2026-01-03,Nils Aalto\n"
    "K3,0103,,A1,Service request,open,Move the gate,,Low,,,2026-01-03,Olivia Brandt\n"
    "K4,0104,C1,A1,Question,Closed,How to log in?,,Low,1,2026-02-03,2026-01-03,Olivia Brandt\n"
    "K5,0105,C8,,Question,open,Whose?,,Low,,,2026-01-03,Olivia Brandt\n"
)


class Cases(ImportTestCase):
    def setUp(self) -> None:
        type(self.acme).objects.filter(pk=self.acme.pk).update(external_id="A1")
        type(self.champion).objects.filter(pk=self.champion.pk).update(external_id="C1")

    def test_each_open_one_is_owed_as_what_it_is_and_a_closed_one_is_history(self) -> None:
        batch = self.imported(file(CASES, "Case.csv"))
        bill, form, gate = Obligation.objects.exclude(external_id="").order_by("external_id")
        assert (bill.kind, bill.severity, bill.contact) == ("repair", "hinders", self.champion)
        assert bill.text == "Wrong bill\n\nTwice the sum\n\nCase 0101"
        assert bill.raised_at.date() == date(2026, 1, 2)
        assert (form.kind, form.holder, form.role, form.respond_by) == (
            "question",
            self.nils,
            "support",
            None,
        )
        assert (gate.kind, gate.contact) == ("task", None)
        closed = Entry.objects.get(external_id="case:K4")
        assert (closed.at.date(), closed.subject, closed.author) == (
            date(2026, 2, 3),
            "How to log in?",
            self.olivia,
        )
        assert self.reasons(batch) == [
            "It is about the contact “C8”, which is not here or belongs to no account."
        ]
        assert self.imported(file(CASES, "Case.csv")).preview["changes_nothing"]

    def test_one_that_is_closed_there_later_is_not_closed_for_the_customer(self) -> None:
        self.imported(file(CASES, "Case.csv"))
        later = CASES.replace("High,,,", "High,1,2026-03-01,")
        batch = self.imported(file(later, "Case.csv"))
        assert Obligation.objects.get(external_id="case:K1").is_open
        assert "only the customer closes what the customer raised" in " ".join(self.reasons(batch))

    def test_tickets_of_a_help_desk(self) -> None:
        text = (
            "Ticket ID,Ticket name,Ticket description,Ticket status,Priority,Create date,Associated Company,Owner\n"
            "T1,Belt stops,Every morning,Waiting on us,URGENT,2026-01-02,Acme Robotics,Olivia Brandt\n"
        )
        self.imported(file(text, "tickets.csv"))
        belt = Obligation.objects.get(external_id="case:T1")
        assert (belt.kind, belt.severity, belt.holder) == ("repair", "stops", self.olivia)
