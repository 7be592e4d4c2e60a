"""Fill an empty database with the demonstration's story."""

from __future__ import annotations

import json

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.rules import clocks
from config.demo.story.clock import ZONE
from config.demo.story.load import tell
from config.demo.story.people import cast


class Command(BaseCommand):
    help = "Loads the demo story into a database without users, and writes the cast to var/demo.json."

    def handle(self, *args: object, **options: object) -> None:
        if User.objects.exists():
            self.stdout.write("The story is already there: this database has users.")
            return
        with transaction.atomic():
            story = tell(timezone.localdate(clocks.now(), ZONE))
        settings.VAR.mkdir(exist_ok=True)
        path = settings.VAR / "demo.json"
        path.write_text(json.dumps({"cast": cast(story)}, indent=2, ensure_ascii=False) + "\n")
        self.stdout.write(f"The story is told: {len(story.customers)} customers, {len(story.people)} people.")
