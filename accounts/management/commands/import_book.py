from __future__ import annotations

import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.importing import batches
from accounts.importing.book import ASIDE, NOWHERE, ImportPlan, ImportQuestion
from accounts.importing.owners import COLUMN, LATEST, MOST
from accounts.importing.people import is_address
from accounts.importing.reading import MOST_BYTES, SUFFIXES, read_file
from accounts.importing.sheets import Sheet
from accounts.limits import MB, Unreadable
from accounts.management.mapping_files import ask_about_files, left_over, offered, read_mapping, write_mapping
from accounts.models import ImportBatch, Organisation, Refused, User

HELP = """Import a book of accounts: every table in a folder (or one file), in one act.

What is taken: people with their managers, accounts with their parents, contacts, deals, and tasks or notes.
Which file is which is told from its columns. Everything that is not applied stays in the review tray with the
file, row, line and reason (see the page Import). The same files again change nothing.

Owners.  A new account belongs to whom the file of accounts names (--owner-from column), or else to the agent of
its latest deal by day of engagement (latest-deal), or of most of its deals (most-deals). Everybody who sold to
the account before is kept as past coverage, from their first to their last day with it. An owner who has left is
kept so, too, and the nearest active manager acts. An import never takes an account from the owner it has here.

Deals.  A closed deal stays with whoever closed it. An open one stays with its agent, who joins the account's team
as support where somebody else owns it (--open-deals owner gives it to the account's owner instead).

People.  Only operations bring in colleagues; whoever may be from outside (a portal's login, an address elsewhere) is
asked about and otherwise left aside. What changes of colleagues is listed, and told to them by letter. A manager's
import knows only the accounts that the manager may see.

What files hold.  --write-mapping FILE writes what each file is taken to hold and which column means what; change it,
keep it, send it, and give it with --mapping FILE. At a terminal you are asked what cannot be told.

Questions.  Asked at the terminal. Where nobody can answer (no terminal, or --yes), the answer shown first is
taken and reported; a date that can be read in two ways then stops the import (--dates says which).
"""
MOST_TOLD = 15


class Options(TypedDict):
    owner_from: str | None
    tie: str | None
    open_deals: str
    look_alikes: str | None
    dates: str | None
    currency: str | None
    repair: bool
    domain: str
    yes: bool
    mapping: Path | None
    write_mapping: Path | None


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        add = parser.add_argument
        add("folder", type=Path, help="a folder, or one CSV, TSV, TXT, XLSX or ZIP file")
        add("--dry-run", action="store_true", help="say what would change, and change nothing")
        add("--owner-from", choices=[LATEST, MOST, COLUMN], help="who owns each new account")
        add(
            "--tie", choices=["ask", "first"],
            help="two people with the latest deal: ask, or take the one with more deals with the account "
            "(then by name). Default: ask at a terminal, else first",
        )  # fmt: skip
        add("--open-deals", choices=["agent", "owner"], default="agent", help="who holds open deals")
        add("--look-alikes", choices=["aside", "same", "different"], help="accounts of nearly one name")
        add("--dates", choices=["dmy", "mdy"], help="for columns of dates that can be read both ways")
        add("--currency", help="of amounts that come without one, such as USD")
        add("--repair", action="store_true", help="repair text once read in the wrong encoding")
        add("--domain", default=NOWHERE, help=f"for people without an e-mail address ({NOWHERE})")
        add("--by", metavar="EMAIL", help="the manager or operations person who imports")
        add("--yes", action="store_true", help="ask nothing")
        add("--mapping", type=Path, metavar="FILE", help="read the files as this mapping says")
        add(
            "--write-mapping", type=Path, metavar="FILE",
            help="write how the files would be read to FILE (JSON), and import nothing",
        )  # fmt: skip

    def handle(self, *, folder: Path, dry_run: bool, by: str | None, **options: Unpack[Options]) -> None:
        sheets = self.read(folder)
        with transaction.atomic():
            importer = self.importer(by)
            try:
                batch, plan = batches.stage(sheets, by=importer, answers=answers_from(options))
                plan = self.understand(batch, plan, options)
                if path := options["write_mapping"]:
                    write_mapping(path, batch)
                    transaction.set_rollback(True)
                    self.stdout.write(self.style.SUCCESS(f"Written to {path}. Nothing was imported."))
                    return
                plan = self.settle(batch, plan, options)
                self.tell(batch, plan)
                if dry_run:
                    transaction.set_rollback(True)
                    self.stdout.write(self.style.SUCCESS("A dry run: nothing was changed."))
                    return
                batches.apply(batch, by=importer)
            except Refused as error:
                raise CommandError("Nothing was imported. " + " ".join(error.messages)) from None
        left = batch.tray().count()
        done = plan.nothing("was changed") or f"Imported by {importer}, as import {batch.pk}."
        self.stdout.write(self.style.SUCCESS(done))
        if left:
            self.stdout.write(f"{left:,} rows wait in the review tray: /import/{batch.pk}/tray/")

    # Files

    def read(self, folder: Path) -> list[Sheet]:
        if not folder.exists():
            raise CommandError(f"There is no file or folder “{folder}”.")
        paths = [folder] if folder.is_file() else sorted(folder.iterdir())
        paths = [path for path in paths if path == folder or path.suffix.lower() in SUFFIXES]
        if not paths:
            raise CommandError(f"“{folder}” holds no CSV, TSV, TXT, XLSX or ZIP file.")
        sheets: list[Sheet] = []
        for path in paths:
            if path.stat().st_size > MOST_BYTES:
                raise CommandError(f"{path.name} is larger than {MOST_BYTES // MB} MB. Split it.")
            try:
                sheets += read_file(path.name, path.read_bytes())
            except Unreadable as error:
                raise CommandError(f"Nothing was imported. {error}") from None
        return sheets

    # Who imports

    def importer(self, email: str | None) -> User:
        staff = User.objects.staff().active()
        if email:
            user: User | None = staff.filter(email__iexact=email).first()
            if user is None and staff.exists():
                raise CommandError(f"Nobody here has the address {email}.")
        else:
            user = staff.filter(kind=User.Kind.OPERATIONS).order_by("pk").first()
            user = user or staff.filter(kind=User.Kind.MANAGER, reports_to=None).order_by("pk").first()
        if user is None:
            user = self.first_person(email or f"operations@{NOWHERE}")
        if not user.runs_changes:
            raise CommandError(f"{user} may not import: only managers and operations may.")
        return user

    def first_person(self, email: str) -> User:
        if User.objects.staff().exists():
            raise CommandError("There is no manager and nobody in operations. Name one with --by.")
        if not is_address(email):
            raise CommandError(f"“{email}” is not an e-mail address.")
        Organisation.get()
        user: User = User.objects.create_user(email, email.split("@")[0].title(), kind=User.Kind.OPERATIONS)
        self.stdout.write(f"Nobody works here yet: made {user} ({user.email}) in operations, who imports.")
        return user

    # What the files hold

    def understand(self, batch: ImportBatch, plan: ImportPlan, options: Options) -> ImportPlan:
        """Read the files as a mapping says, and at a terminal ask about what is not known of them."""
        if path := options["mapping"]:
            mappings = read_mapping(path)
            plan = batches.read_by_file(batch, mappings, by=batch.created_by)
            if lost := left_over(batch, mappings):
                self.stdout.write(f"The mapping also tells of {', '.join(lost)}, which is not here.")
        if sys.stdin.isatty() and not options["yes"]:
            ask_about_files(batch, self.choose)
            plan = batches.preview(batch)
        return plan

    # Questions

    def settle(self, batch: ImportBatch, plan: ImportPlan, options: Options) -> ImportPlan:
        """Ask what needs an answer, or take the one we recommend; an answer may raise the next question."""
        while waiting := plan.waiting():
            answers = {question.key: self.answer(question, options) for question in waiting}
            plan = batches.answer(batch, answers, by=batch.created_by)
        return plan

    def answer(self, question: ImportQuestion, options: Options) -> str:
        tie = question.key.startswith("tie:")
        asks = sys.stdin.isatty() and not options["yes"] and not (tie and options["tie"] == "first")
        if asks or (tie and options["tie"] == "ask"):
            return self.put(question) if sys.stdin.isatty() else self.give_up(question)
        if not question.recommended:
            self.give_up(question)
        label = dict(question.options).get(question.recommended, question.recommended)
        self.stdout.write(f"{question.text} → {label}")
        return question.recommended

    def put(self, question: ImportQuestion) -> str:
        labels = [label for _, label in question.options]
        return question.options[self.choose(f"{question.text}\n{question.why}", labels)][0]

    def choose(self, text: str, labels: Sequence[str]) -> int:
        self.stdout.write(f"\n{text}")
        for number, label in enumerate(labels, start=1):
            self.stdout.write(f"  {number}. {label}")
        while True:
            said = input("Number: ").strip()
            if said.isdigit() and 1 <= int(said) <= len(labels):
                return int(said) - 1

    def give_up(self, question: ImportQuestion) -> str:
        labels = " or ".join(label for _, label in question.options)
        hint = " Say which with --dates dmy or --dates mdy." if question.key.startswith("date:") else ""
        hint = " Use --tie first, or import on the page." if question.key.startswith("tie:") else hint
        hint = " Say which with --currency." if question.key.startswith("currency:") else hint
        raise CommandError(f"Nothing was imported. {question.text} {labels}?{hint}")

    # What is told

    def tell(self, batch: ImportBatch, plan: ImportPlan) -> None:
        for file in batch.files.defer("data"):
            how = f" ({file.encoding})" if file.encoding else ""
            self.stdout.write(f"{file.name}{how}: {file.row_count:,} rows. {file.sentence}")
            for sentence in offered(file):
                self.stdout.write(f"  {sentence}")
        decided = [question for question in plan.questions if not question.needed and question.value]
        for question in decided[:MOST_TOLD]:
            label = dict(question.options).get(question.value, question.value)
            self.stdout.write(f"{question.text} → {label}")
        if len(decided) > MOST_TOLD:
            self.stdout.write(f"… and {len(decided) - MOST_TOLD:,} more questions answered the same way.")
        for word, tally in plan.counts().items():
            words = {state: "left aside" if state == ASIDE else state for state in tally}
            counts = ", ".join(f"{count:,} {words[state]}" for state, count in tally.items() if count)
            self.stdout.write(f"{word}: {counts}")
        for sentence in plan.facts():
            self.stdout.write(sentence)
        for change in plan.colleagues:
            self.stdout.write(f"Changes for {change}")
        for source in plan.sources:
            self.stdout.write(source)
        for remark in plan.remarks:
            self.stdout.write(f"Note: {remark}")


def answers_from(options: Options) -> dict[str, str]:
    """The options that are answers to questions of the plan, known before it is made."""
    answers = {
        "owner_from": options["owner_from"],
        "open_deals": options["open_deals"],
        "same": options["look_alikes"],
        "dates": options["dates"],
        "currency": (options["currency"] or "").upper(),
        "domain": options["domain"],
        "mojibake": "repair" if options["repair"] else "",
    }
    return {name: answer for name, answer in answers.items() if answer}
