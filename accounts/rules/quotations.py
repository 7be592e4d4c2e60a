"""What of a mail are its own words, and what it quotes of others, to be folded away but not lost.

Whoever answers between the lines of a letter is understood only with the line above the answer, so that one stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mailparser_reply.constants import MAIL_LANGUAGES
from mailparser_reply.parser import EmailMessage as Replies

HEADER = Replies(text="", languages=[one for one in MAIL_LANGUAGES if len(one) == 2]).HEADER_REGEX
"""How the many mail programs introduce what they quote. Looked for in lines of a bounded length, and not many."""
LONGEST_OUTLINE, MOST_OUTLINED = 160, 1_500
QUOTED = re.compile(r"\s{0,3}(?:>|\|\s)")
#: A line that says who wrote, and when: “... <olivia@vendor.example> escribió:”.
NAMES = re.compile(r"(?:\S@\S|\b\d{1,2}[:.]\d\d\b).*[:：]\s*$")
LONGEST_LINE = 500
MOST_INTRODUCED = 4  # quotations within quotations that are looked through
MOST_ABOVE = 3  # lines of a quotation that stay above an answer to them


def split(text: str) -> tuple[str, str]:
    """The writer's own words, and all that stands from the first quotation on; no words where they wrote none.

    Where something is quoted first and no mark tells their words from it, all of it is taken for theirs.
    """
    lines = text.split("\n")
    others, unquoted = len(lines), list[str]()
    rest: Sequence[str] = lines
    for _ in range(MOST_INTRODUCED):
        begins, ends = introduction(rest)
        unquoted += rest[:begins]
        if begins == len(rest):
            break
        others = min(others, len(lines) - len(rest) + begins)
        rest = rest[ends:]
        if not between_the_lines(rest):
            break
    marked = next((place for place, line in enumerate(lines) if QUOTED.match(line)), len(lines))
    own = re.sub(r"\n{3,}", "\n\n", "\n".join(answers(unquoted)).strip())
    if not own and marked == len(lines):
        return text.strip(), ""
    return own, "\n".join(lines[min(others, marked) :]).strip()


def introduction(lines: Sequence[str]) -> tuple[int, int]:
    """Where the first words that introduce a quotation begin and end; the end of the text where there are none."""
    marked = next((place for place, line in enumerate(lines[:MOST_OUTLINED]) if QUOTED.match(line)), 0)
    outline = "\n".join(
        "" if QUOTED.match(line) else line.strip()[:LONGEST_OUTLINE] for line in lines[:MOST_OUTLINED]
    )
    for found in HEADER.finditer(outline):
        begins = found.start() + (outline[found.start()] == "\n")
        first = outline.count("\n", 0, begins)
        last = outline.count("\n", 0, len(outline[: found.end()].rstrip()))
        return (first, last + 1) if not marked or first <= marked else named_above(lines, marked)
    return named_above(lines, marked)


def named_above(lines: Sequence[str], marked: int) -> tuple[int, int]:
    """The line above what is marked as quoted, in any language: it ends with a colon and names an address or hour."""
    above = [place for place in range(max(0, marked - 2), marked) if lines[place].strip()]
    if above and NAMES.search(lines[above[-1]][:LONGEST_LINE]):
        return above[-1], above[-1] + 1
    return len(lines), len(lines)


def between_the_lines(below: Sequence[str]) -> bool:
    """Whether what is quoted is marked line by line, so that an answer between the lines can be told from it."""
    first = next((line for line in below if line.strip()), "")
    return bool(QUOTED.match(first))


def answers(lines: Sequence[str]) -> list[str]:
    """The lines that are not quoted, each run of them below the lines that it answers."""
    kept: list[str] = []
    quoted: list[str] = []
    for line in lines:
        if QUOTED.match(line):
            quoted.append(line)
        elif line.strip():
            kept += [*asked(quoted), line]
            quoted = []
        elif kept and not quoted:
            kept.append("")
    return kept if any(map(str.strip, kept)) else []


def asked(quoted: Sequence[str]) -> Iterator[str]:
    """The end of a quotation that an answer stands below."""
    own = [line for line in quoted if line.strip(" >|")]
    return iter(own[-MOST_ABOVE:])
