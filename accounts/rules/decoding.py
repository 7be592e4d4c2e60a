"""Bytes of somebody else's text -> text, when nobody can be sure in which letters they are written.

What cannot be read is never kept as signs that stand for nothing: there is a text, or there is none.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder, lookup

import charset_normalizer

SAMPLE = 64 * 1024
ASCII = bytes(range(128))
#: Python knows these as encodings of text, and nobody writes in one.
NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "unicode_escape"}
#: What programs name, and what they write: the one with the euro sign and the dashes.
MEANT = {"iso8859-1": "cp1252", "ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030"}
FOREIGN = ["cp1251", "cp1253", "koi8_r", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"]
ANY_LATIN, SELDOM_WESTERN = re.compile(rb"[A-Za-z]"), re.compile(rb"[\x80-\x9f]")
MARKS = {BOM_UTF8: "utf-8-sig", BOM_UTF16_LE: "utf-16", BOM_UTF16_BE: "utf-16"}
#: Signs that no text holds, as a part of all of them: from there on it is something else than text.
MOST_CONTROLS = 0.02


def decoded(data: bytes, declared: str = "", *, most: int = 0) -> str | None:
    """The text in the letters that it says it is written in, else in those that it is likely to be; None without any.

    Of a long text no more than `most` bytes are read, if that is given.
    """
    whole = not most or len(data) <= most
    data = data if whole else data[:most]
    for name in candidates(data, declared):
        try:
            text = getincrementaldecoder(name)().decode(data, final=whole)
        except (UnicodeError, LookupError, ValueError):
            continue
        if is_text(text):
            return text
    return None


def candidates(data: bytes, declared: str) -> list[str]:
    """The encodings in which it may be written, the likeliest first."""
    marked = [name for mark, name in MARKS.items() if data.startswith(mark)]
    named = codec_of(declared)
    western = is_western(data)
    return [
        *marked,
        *([named] if named else []),
        "utf-8",
        *(["cp1252"] if western else []),
        *guessed(data, western),
    ]


def is_western(data: bytes) -> bool:
    """Whether letters outside ASCII stand here and there in Latin words: too few to tell more from."""
    if len(data.translate(None, ASCII)) * 6 <= len(data):
        return True
    words = [word for word in data[:SAMPLE].split() if not word.isascii()]
    latin = sum(len(ANY_LATIN.findall(word)) > 1 for word in words)
    return latin * 2 > len(words) and not SELDOM_WESTERN.search(data)


def guessed(data: bytes, western: bool) -> list[str]:
    if data.isascii():
        return []
    found = charset_normalizer.from_bytes(data[:SAMPLE], cp_isolation=None if western else FOREIGN).best()
    return [found.encoding] if found else []


def codec_of(declared: str) -> str:
    """The encoding that is meant by a name; nothing where it names none of text."""
    try:
        name = lookup(declared).name
        "a".encode(name)  # fails for what Python knows and is no text, such as zlib
    except (LookupError, ValueError, TypeError):
        return ""
    return "" if name in NO_CHARSETS else MEANT.get(name, name)


def is_text(text: str) -> bool:
    odd = sum(1 for sign in text[:SAMPLE] if ord(sign) < 32 and sign not in "\t\r\n\f\x1b\0")
    return odd <= MOST_CONTROLS * len(text[:SAMPLE])
