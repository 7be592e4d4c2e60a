"""Which signs a text may hold: one line of it, and several.

A line break in a name is a new header in a mail; a sign that turns the direction of writing shows other words than
those that are kept; PostgreSQL takes no NUL. None of them is ever meant, so they are taken out and nobody is asked.
"""

from __future__ import annotations

import re

#: What ends a line, or jumps over a part of it: in a mail, in a file, on a page.
BREAKS = "\t-\r\x1c-\x1e\x85\u2028\u2029"
#: What is never seen: control characters, marks of the direction of writing, a byte order mark.
UNSEEN = "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
#: The same in a text of several lines, where Arabic and Hebrew need the marks that turn nothing around.
UNSEEN_IN_WORDS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202d\u202e\ufeff"

BLANKS = re.compile(f"[ {BREAKS}]+")
NEVER_IN_LINES = re.compile(f"[{UNSEEN}]")
NEVER_IN_WORDS = re.compile(f"[{UNSEEN_IN_WORDS}]")
LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
#: Half a character, as a broken mail or file brings it, or the sign that some program put where it could not read one:
#: no text can be kept with the one, and nobody learns anything from the other.
LOST = re.compile("[\ud800-\udfff\ufffd]+")
NOT_READ = "[could not be read]"

#: What PostgreSQL refuses in a line, as its regular expression: all of the above but NUL, which it never takes.
NEVER_IN_SQL = "[{}]".format(
    "".join(sign if sign == "-" else f"\\u{max(ord(sign), 1):04x}" for sign in BREAKS + UNSEEN + "\ufffd")
)
NEVER_IN_WORDS_IN_SQL = "\\ufffd"


def one_line(text: str) -> str:
    """The text in one line: what breaks it is a blank, and what nobody can see is left out."""
    return LOST.sub(NOT_READ, NEVER_IN_LINES.sub("", BLANKS.sub(" ", text))).strip()


def one_line_in_sql(column: str) -> str:
    """The same in a statement, for words that become a part of a line."""
    return f"regexp_replace({column}, '{NEVER_IN_SQL}+', ' ', 'g')"


def plain_words(text: str) -> str:
    """The text with line ends that are all alike, and without what nobody can see."""
    return LOST.sub(NOT_READ, NEVER_IN_WORDS.sub("", LINE_ENDS.sub("\n", text)))


def ended(text: str) -> str:
    """Somebody's words as a sentence: with one mark at its end, whatever they ended it with."""
    text = text.rstrip()
    return text if text.rstrip('”’")').endswith((".", "!", "?", "…", ":")) else f"{text}."


def shortened(line: str, most: int) -> str:
    """At most so many letters of a line, cut between two words where there are any, with a mark that there is more."""
    if len(line) < most:
        return line
    cut, half = line[: most - 1], most // 2
    head, blank, _ = cut[half:].rpartition(" ")
    return (cut[:half] + head if blank else cut).rstrip(" ,;:") + "…"
