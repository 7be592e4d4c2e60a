"""Find the passages of all entries; with --anew also of those that have been read."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import EntryReading, Passage


class Command(BaseCommand):
    help = (
        "Finds in every note, mail and import what must not be lost. Nothing is written but where it stands."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anew", action="store_true", help="forget what was found and find it again")

    def handle(self, *args: object, anew: bool, **options: object) -> None:
        if anew:
            Passage.objects.all().delete()
            EntryReading.objects.all().delete()
        read = EntryReading.read_all()
        self.stdout.write(f"{read} entries read. {Passage.objects.count()} passages in all.")
