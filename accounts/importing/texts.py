"""What somebody wrote, in a cell: readable, without what a mail quotes, and as it came where that is something else."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.rules import quotations
from accounts.rules.automatic import came_back, is_away
from accounts.rules.html_text import readable
from accounts.rules.lines import one_line, plain_words


@dataclass(frozen=True)
class ImportedText:
    """`folded` is what a mail quotes of others. `came` is the cell itself, empty where the text says all of it."""

    text: str = ""
    folded: str = ""
    came: str = ""

    @classmethod
    def of(cls, cell: str, *, mail: bool = False) -> ImportedText:
        """What is said in a cell; of a mail its own words, unless it has none."""
        text = plain_words(readable(cell)).strip()
        own, folded = quotations.split(text) if mail else (text, "")
        if not own:
            own, folded = text, ""
        return cls(own, folded, cell if own != cell.strip() else "")


def line(cell: str) -> str:
    """A subject or a name that may hold HTML, in one line."""
    return one_line(readable(cell))


def is_automatic(subject: str) -> bool:
    """Whether a program sent a mail of this subject: nobody's words, and no contact."""
    return is_away(subject) or came_back(subject)


NOTHING_READ = ImportedText()
