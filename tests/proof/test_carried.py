"""How much of what a successor must know the printed brief carries, for every proof account:

    bin/test tests/proof -s

prints it, at a third and at half of the words of the notes. The accounts lie in ../shared/data/proof, each an export
of an invented customer with 18 questions that its notes answer; `score.py` there says which of them a text carries.
No rule is fitted to these accounts, so each is measured by rules that were chosen without it.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from functools import partial
from html import unescape
from io import StringIO
from pathlib import Path
from statistics import mean
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.briefing import compose
from accounts.models import Account, EntryReading, User
from accounts.rules.passages import count_words
from tests.base import BACKEND

PROOF = Path(__file__).resolve().parents[3] / "shared" / "data" / "proof"
pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not PROOF.exists(), reason="the data are not here")]
AT_LEAST = {3: 12.0, 2: 15.5}
"""Of 18 questions on average, at one part in so many of the words."""


def text_of(page: str) -> str:
    """What somebody reads of a page on paper, from its heading to its end."""
    main = re.search(r"<main.*</main>", page, re.DOTALL)
    assert main
    unseen = r'<(\w+)[^>]*class="[^"]*(?:no-print|visually-hidden)[^"]*".*?</\1>'
    on_paper = re.sub(unseen, " ", main[0], flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", on_paper)))


def words_of_notes(folder: Path) -> int:
    with (folder / "activities.csv").open(newline="", encoding="utf-8-sig") as file:
        return sum(count_words(f"{row['Subject']}. {row['Description']}") for row in csv.DictReader(file))


def carried(folder: Path, brief: str) -> tuple[int, str]:
    """How many questions, and the script's own last line."""
    command = [sys.executable, str(PROOF / "score.py"), str(folder), "-"]
    said = subprocess.run(command, input=brief, capture_output=True, text=True, check=True).stdout
    last = said.strip().splitlines()[-1]
    return int(last.split(" ")[0]), last


def printed(account: Account, words: int) -> str:
    """The printed brief as text, with room for so many words in all."""
    client = Client()
    client.force_login(User.objects.filter(kind=User.Kind.OPERATIONS).latest("pk"), backend=BACKEND)

    def page(room: int) -> str:
        with mock.patch("accounts.views.account_pages.compose", partial(compose, words=room)):
            return text_of(client.get(reverse("account_printed_brief", args=[account.pk])).content.decode())

    return page(2 * words - count_words(page(words)))


def test_the_printed_brief_carries_the_account() -> None:
    scores: dict[int, list[int]] = {part: [] for part in AT_LEAST}
    for folder in sorted(path for path in PROOF.iterdir() if path.is_dir()):
        with transaction.atomic():
            call_command("import_book", folder, yes=True, stdout=StringIO())
            EntryReading.read_all()
            account = Account.objects.get()
            for part, found in scores.items():
                score, said = carried(folder, printed(account, words_of_notes(folder) // part))
                found.append(score)
                print(f"{folder.name:12} 1/{part}: {said}")
            transaction.set_rollback(True)
    for part, found in scores.items():
        print(f"on average   1/{part}: {mean(found):.2f} of 18 (at least {AT_LEAST[part]})")
    for part, found in scores.items():
        assert mean(found) >= AT_LEAST[part]
