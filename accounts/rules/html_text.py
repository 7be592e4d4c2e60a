"""HTML as text that can be read: paragraphs, lists, tables as lines, links as "text (address)".

The one place for it: cells of an import, mail and calendars. What is not shown on a page (style sheets, scripts, hidden
lines, pictures that only count readers) is left out; what quotes somebody is marked with "> ", as in a mail of plain
text. libxml2 reads the page from one end to the other and builds no tree, so a page made for it keeps nothing busy.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import etree

from .lines import plain_words

KNOWN = (
    "a abbr address article aside b big blockquote body br center code col colgroup dd div dl dt em figure font footer "
    "form h1 h2 h3 h4 h5 h6 head header hr html i img ins label li link main meta ol p pre s section small span strike "
    "strong style sub sup table tbody td tfoot th thead title tr tt u ul o:p"
)
TAG = re.compile(
    rf"<(/?)({'|'.join(sorted(KNOWN.split(), key=len, reverse=True))})(?:\s[^<>]*|/)?>", re.IGNORECASE
)
#: How a page or a piece of one begins, which may be cut off before its end.
PAGE = re.compile(
    r"\s*(?:<!doctype html|<html[\s>]|<body[\s>]|<(?:p|div|table|ul|ol|span|font|h[1-6])(?:\s[^<>]*=[^<>]*)?>[^\s<])",
    re.IGNORECASE,
)
#: A break that touches a word, or stands alone on its line, breaks a line; one between blanks is spoken of.
BREAK = re.compile(r"(?:\S<br\s*/?>|<br\s*/?>\S|^\s*<br\s*/?>\s*$)", re.IGNORECASE | re.MULTILINE)
ENTITY = re.compile(
    r"&(?:nbsp|amp|lt|gt|quot|apos|euro|[aou]uml|[AOU]uml|szlig|#\d{2,5}|#x[0-9a-f]{2,5});", re.IGNORECASE
)
BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
#: What newsletters fill their first lines with, so that a list of mails shows nothing else.
FILLING = re.compile("[\u200b\u034f\u2060\ufeff\xad]|[\u200c\u200d](?=[\\s\u200c\u200d]|$)")

ITEM = re.compile(r" *(?:-|\d+\.) ")

HIDDEN_WITHIN = {
    "head",
    "script",
    "style",
    "title",
    "template",
    "noscript",
    "object",
    "svg",
    "math",
    "select",
}
HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|em)?\s*(?:;|$)",
    re.IGNORECASE,
)
#: These have no end of their own.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
PARAGRAPHS = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "dl",
    "table",
    "blockquote",
    "pre",
    "hr",
    "figure",
}
LINES = PARAGRAPHS | {
    "address", "article", "aside", "body", "center", "dd", "div", "dt", "footer", "form", "header", "li", "main",
    "section", "tbody", "tfoot", "thead", "tr",
}  # fmt: skip
TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|_hs\w+|mkt_tok|yclid|igshid", re.IGNORECASE
)
LONGEST_ADDRESS = 500
DEEPEST = 8  # so many levels of lists, or of quotations, are told apart


def is_html(text: str) -> bool:
    """Whether a text is a piece of a page, and not plain text in which "<" or the name of a tag is spoken of."""
    if "<" not in text:
        return False
    if PAGE.match(text) or BREAK.search(text):
        return True
    opened: set[str] = set()
    for found in TAG.finditer(text):
        name = found[2].lower()
        if found[1] and name in opened:
            return True
        if not found[1]:
            opened.add(name)
    return False


def readable(text: str) -> str:
    """The text as somebody reads it, whether it was plain or HTML."""
    if is_html(text):
        return text_of(text)
    if not ENTITY.search(text):
        return text
    spoken = html.unescape(text)
    if is_html(spoken):
        return text_of(spoken)
    return spoken.replace("\xa0", " ")


def text_of(page: str) -> str:
    """The text of a page."""
    # A parser for bytes would look for a charset in them.
    parser = etree.HTMLParser(target=Writer(), no_network=True, encoding="utf-8")
    try:
        parser.feed(plain_words(page).encode())
        written: str = parser.close()
    except etree.ParserError:  # there is nothing in it
        return ""
    return written


class Writer:
    """Writes down what a page shows, as the parser comes to it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.wanted = 0  # line ends before the next word
        self.hidden: list[str] = []
        self.open: list[tuple[str, str]] = []  # links: their address, and what the line was before
        self.lists: list[int] = []  # the next number of each, 0 where it has none
        self.quoted = self.verbatim = 0
        self.fresh = False  # at the start of an item or a cell: what it begins with begins no new line
        self.cell = False

    # ---- What the parser calls

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self.hidden:
            self.hidden += [tag] if tag == self.hidden[0] and tag not in VOID else []
        elif tag in HIDDEN_WITHIN or is_hidden(attributes):
            self.hidden += [] if tag in VOID else [tag]
        else:
            self.shown(tag, attributes)

    def end(self, tag: str) -> None:
        if self.hidden:
            if tag == self.hidden[0]:
                self.hidden.pop()
            return
        if tag == "a" and self.open:
            self.end_link()
        elif tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
        elif tag == "pre":
            self.verbatim = max(0, self.verbatim - 1)
        elif tag in {"li", "td", "th"}:
            self.wanted = 0
        self.wants(tag)
        if tag == "blockquote":
            self.break_line()
            self.quoted = max(0, self.quoted - 1)

    def data(self, text: str) -> None:
        if self.hidden:
            return
        if self.verbatim:
            first, *more = text.split("\n")
            self.write(first)
            for line in more:
                self.break_line(always=True)
                self.write(line)
        else:
            self.write(BLANKS.sub(" ", FILLING.sub("", text)))

    def comment(self, text: str) -> None:
        """Nothing of it is shown."""

    def close(self) -> str:
        while self.open:
            self.end_link()
        self.break_line()
        return "\n".join(self.lines).strip("\n")

    # ---- What becomes of it

    def shown(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.wants(tag)
        if tag == "br":
            self.break_line(always=True)
        elif tag == "a":
            self.open.append((address_of(attributes.get("href", "")), self.line))
        elif tag == "img":
            self.write(picture(attributes))
        elif tag == "blockquote":
            self.flush()
            self.quoted += 1
        elif tag == "pre":
            self.verbatim += 1
        elif tag in {"ul", "ol"}:
            self.lists.append(1 if tag == "ol" else 0)
        elif tag == "li":
            self.begin_item()
        elif tag in {"td", "th"}:
            self.begin_cell()

    def wants(self, tag: str) -> None:
        """A new line, or a blank one, before whatever comes next."""
        if tag in LINES and not self.fresh:
            self.wanted = max(self.wanted, 2 if tag in PARAGRAPHS and not self.lists else 1)
        if tag in {"tr", "table"}:
            self.cell = self.fresh = False

    def begin_item(self) -> None:
        self.flush()
        if ITEM.fullmatch(self.line):  # one that holds nothing but a list
            self.line = ""
        number = self.lists[-1] if self.lists else 0
        if number:
            self.lists[-1] += 1
        self.line += "  " * min(max(0, len(self.lists) - 1), DEEPEST) + (f"{number}. " if number else "- ")
        self.fresh = True

    def begin_cell(self) -> None:
        if self.cell:  # the one before it in the row
            self.wanted = 0
            self.line = self.line.rstrip() + (" | " if self.line.strip() else "")
        self.cell = self.fresh = True

    def end_link(self) -> None:
        address, before = self.open.pop()
        shown = self.line.removeprefix(before).strip()
        bare = address.removeprefix("mailto:").removeprefix("tel:")
        if (
            address
            and shown
            and bare.rstrip("/") not in {shown, f"https://{shown}", f"http://{shown}", shown.rstrip("/")}
        ):
            self.line = f"{self.line.rstrip()} ({bare})"
            self.fresh = False

    def write(self, text: str) -> None:
        if not text.strip() and not self.verbatim:
            if self.line and not self.wanted and text and not self.line.endswith(" "):
                self.line += " "
            return
        self.flush()
        at_start = not self.line or self.line.endswith(" ")
        self.line += text.lstrip(" ") if at_start and not self.verbatim else text
        self.fresh = False

    def flush(self) -> None:
        """End the line where that was wanted."""
        if self.wanted:
            blank = self.wanted > 1
            self.break_line()
            if blank and self.lines and self.lines[-1].strip("> "):
                self.lines.append(">" * min(self.quoted, DEEPEST))
        self.wanted = 0

    def break_line(self, *, always: bool = False) -> None:
        if always and self.wanted:
            self.flush()
        line = self.line.rstrip()
        if line or (always and self.lines and self.lines[-1].strip("> ")):
            marks = ">" * min(self.quoted, DEEPEST) + (" " if self.quoted and line else "")
            self.lines.append(marks + line)
        self.line = ""
        self.open = [(address, "") for address, _ in self.open]


def is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or bool(HIDING.search(attributes.get("style", "")))


def picture(attributes: Mapping[str, str]) -> str:
    """What stands for a picture; nothing for one that nobody is meant to see."""
    sizes = {attributes.get(name, "").strip().removesuffix("px") for name in ("width", "height")}
    words = BLANKS.sub(" ", attributes.get("alt", "")).strip()
    return f"[{words}]" if words and not sizes & {"0", "1"} else ""


def address_of(href: str) -> str:
    """Where a link leads, without what only says who followed it; nothing where it leads nowhere on the net."""
    address = BLANKS.sub("", href)
    if not re.match(r"(?:https?://|mailto:|tel:)", address, re.IGNORECASE):
        return ""
    try:
        parts = urlsplit(address)
        asked = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return ""
    kept = [(name, value) for name, value in asked if not TRACKING.fullmatch(name)]
    if len(kept) < len(asked):
        address = urlunsplit(parts._replace(query=urlencode(kept)))
    return address if len(address) <= LONGEST_ADDRESS else f"{parts.scheme}://{parts.netloc}/..."
