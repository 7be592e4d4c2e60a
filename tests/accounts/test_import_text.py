"""What somebody wrote in a cell of an import keeps its meaning, and the cell stays with it."""

from __future__ import annotations

from accounts.importing.batches import apply, stage
from accounts.importing.reading import read_files
from accounts.importing.texts import ImportedText
from accounts.models import Account, Entry, ImportBatch, Original
from tests.base import CastTestCase

PAGE = '<p>Dear all,</p><p>see <a href="https://p.example/x">the plan</a>.</p><script>x()</script>'
ANSWER = (
    "<div>Yes.</div><div>On Tue, 3 Mar 2026 at 10:00, Nia &lt;nia@v.example&gt; wrote:</div>"
    "<blockquote>Will you?</blockquote>"
)
HEADINGS = "Id,Account,Type,Subject,Description,Date,Status\n"


def quoted(*cells: str) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"


class Cells(CastTestCase):
    def bring(self, *rows: tuple[str, ...]) -> ImportBatch:
        Account.objects.filter(pk=self.acme.pk).update(name="Ponder Ltd")
        text = HEADINGS + "".join(quoted(*row) for row in rows)
        batch, _ = stage(read_files([("activities.csv", text.encode())]), by=self.omar)
        apply(batch, by=self.omar)
        return batch

    def entry(self, subject: str) -> Entry:
        return Entry.objects.get(subject=subject)

    def test_html_is_read_and_the_cell_is_there_for_staff_who_see_the_entry(self) -> None:
        self.bring(
            ("e1", "Ponder Ltd", "Email", "The plan &amp; more", PAGE, "2026-03-02", "Completed"),
            ("e2", "Ponder Ltd", "Email", "Re: Trial", ANSWER, "2026-03-03", "Completed"),
            (
                "e4",
                "Ponder Ltd",
                "Email",
                "Trial",
                "Nia asks on Tuesday: will you try two of the reels until the end of May, at no charge?",
                "2026-03-02",
                "Completed",
            ),
            ("e3", "Ponder Ltd", "Note", "Sizes", "5 < 6, and <b> is a tag\n  so", "2026-03-04", "Completed"),
        )
        plan, trial, sizes = self.entry("The plan & more"), self.entry("Re: Trial"), self.entry("Sizes")
        assert plan.text == "Dear all,\n\nsee the plan (https://p.example/x)."
        assert (trial.text, trial.original.folded) == (
            "Yes.", "On Tue, 3 Mar 2026 at 10:00, Nia <nia@v.example> wrote:\n\n> Will you?",
        )  # fmt: skip
        assert sizes.text == "5 < 6, and <b> is a tag\n  so"
        assert not Original.objects.filter(entry=sizes).exists()
        answer = self.browse(self.olivia, "entry_original", plan.pk)
        assert answer.content.decode() == PAGE
        assert answer["Content-Disposition"] == f'attachment; filename="original-{plan.pk}.txt"'
        assert self.browse(self.nils, "entry_original", plan.pk).status_code == 404
        assert self.browse(self.olivia, "entry_original", sizes.pk).status_code == 404
        page = self.browse(self.olivia, "account", self.acme.pk).content.decode()
        assert "What it quotes" in page
        assert "x()" not in page

    def test_the_same_file_again_changes_nothing(self) -> None:
        row = ("", "Ponder Ltd", "Email", "The plan", PAGE, "2026-03-02", "Completed")
        self.bring(row)
        assert self.bring(row).preview["changes_nothing"]
        assert Original.objects.count() == 1

    def test_what_a_program_sent_is_no_contact(self) -> None:
        self.bring(
            ("e1", "Ponder Ltd", "Email", "Automatic reply: Trial", "I am away.", "2026-03-02", "Completed"),
            ("e2", "Ponder Ltd", "Email", "Unzustellbar: Trial", "No such box.", "2026-03-03", "Completed"),
            ("e3", "Ponder Ltd", "Note", "Out of office", "She told me so.", "2026-03-04", "Completed"),
        )
        kinds = Entry.objects.filter(external_id__in=["e1", "e2", "e3"]).values_list("external_id", "kind")
        assert dict(kinds) == {"e1": "automatic", "e2": "automatic", "e3": "note"}

    def test_signs_that_were_lost_before_are_said_in_words(self) -> None:
        self.bring(
            ("e1", "Ponder Ltd", "Note", "Gr\ufffd\ufffde", "Br\ufffdckner came", "2026-03-02", "Completed")
        )
        entry = Entry.objects.get(external_id="e1")
        assert (entry.subject, entry.text) == ("Gr[could not be read]e", "Br[could not be read]ckner came")
        assert b"Br\xef\xbf\xbdckner came" in bytes(entry.original.data)

    def test_of_a_mail_that_only_quotes_nothing_is_folded(self) -> None:
        assert ImportedText.of("> Will you?", mail=True) == ImportedText("> Will you?")
        assert ImportedText.of("> They said so", mail=False).text == "> They said so"
