"""After a note is kept, some of what it holds is offered to its writer, who may let it be."""

from __future__ import annotations

from typing import Any

from accounts.models import Entry, EntryReading, Fact, Note, Passage, SortedPassage
from accounts.notes.preview import NotePreview
from accounts.notes.saving import save
from tests.base import CastTestCase, make_entry

LONG = (
    "Carla never takes calls before ten in the morning. They pay €48,000 a year for it. "
    "Unless Dieter signs by March, nothing moves. The board decides on the budget in May. "
    "She hates the word migration."
)


class AtCapture(CastTestCase):
    def keep(self, text: str) -> Any:
        """Write a note and keep it as it was shown."""
        preview = NotePreview.of(self.acme, text, by=self.olivia)
        sent = {"account": self.acme.pk, "text": text, "kind": "note", "seen": preview.seen}
        return self.send(self.olivia, "account_note", self.acme.pk, **sent)

    def offered(self, note: int) -> str:
        page = self.as_(self.olivia).get(
            f"/accounts/{self.acme.pk}/passages/?kept={note}", headers={"HX-Request": "true"}
        )
        return str(page.content.decode())

    def test_the_thread_asks_about_the_note_that_was_kept(self) -> None:
        answer = self.keep(LONG)
        note = Note.objects.get()
        assert answer.headers["Location"] == f"/accounts/{self.acme.pk}/?kept={note.pk}#thread"
        page = self.browse(self.olivia, "account", self.acme.pk, kept=note.pk)
        self.assertContains(page, f'hx-get="/accounts/{self.acme.pk}/passages/?kept={note.pk}"')

    def test_at_most_three_of_its_passages_are_offered_and_no_others(self) -> None:
        make_entry(self.acme, "They pay 90,000 dollars a year.", days=9)
        EntryReading.read_all()
        self.keep(LONG)
        note = Note.objects.get(external_id__startswith="note:")
        assert Passage.objects.filter(reading=note.pk).count() == 5
        for _ in range(3):
            part = self.offered(note.pk)
            assert 'data-key="9"' in part
            passage = Passage.objects.offered_of(note.pk).unsorted().order_by("start").first()
            assert passage
            sent = {"entry": note.pk, "start": passage.start, "became": "nothing"}
            answer = self.as_(self.olivia).post(
                f"/accounts/{self.acme.pk}/passages/?kept={note.pk}", sent, headers={"HX-Request": "true"}
            )
            assert answer.status_code == 200
        assert "That was all of your note." in self.offered(note.pk)
        assert SortedPassage.objects.count() == 3
        assert Passage.objects.of(self.acme).unsorted().count() == 3

    def test_a_note_that_holds_nothing_asks_nothing(self) -> None:
        assert self.keep("We talked about hills").headers["Location"] == f"/accounts/{self.acme.pk}/#thread"

    def test_a_long_note_is_read_later(self) -> None:
        answer = self.keep(f"{LONG}\n" * 30)
        assert answer.headers["Location"] == f"/accounts/{self.acme.pk}/#thread"
        assert not EntryReading.objects.exists()
        EntryReading.read_all()
        assert EntryReading.objects.get().found > 100

    def test_what_was_typed_as_a_promise_or_a_fact_is_sorted_with_it(self) -> None:
        text = "! Send the deck by 4 May 2199\n#terms They pay in sixty days"
        note = save(NotePreview.of(self.acme, text, by=self.olivia), kind=Entry.Kind.NOTE)
        EntryReading.read_all()
        assert Passage.objects.of(self.acme).count() == 2
        assert not Passage.objects.of(self.acme).unsorted().exists()
        promise, fact = SortedPassage.objects.order_by("start")
        assert (promise.became, promise.obligation) == ("promise", self.acme.obligations.get())
        assert (fact.became, fact.fact, fact.text) == ("fact", Fact.objects.get(), "They pay in sixty days")
        assert note.undo(by=self.olivia) == []
        assert not Fact.objects.live().exists()
