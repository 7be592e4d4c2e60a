"""Whether it is proven that a mail comes from the domain that it names: DMARC, or DKIM or SPF for that very domain.

Our mail server finds that out and writes it into the header Authentication-Results (RFC 8601), above whatever the
message brought along. Only the topmost is read, and only in the name by which we know our server: everybody can write
such a header, and without a proof a From is no more than a claim.
"""

from __future__ import annotations

import re

from django.conf import settings

RESULT = re.compile(r"\s*([a-z0-9-]+)\s*=\s*([a-z]+)")
PROPERTY = re.compile(r"([a-z]+\.[a-z0-9.-]+)\s*=\s*(\S+)")
#: Which property names the domain that passed.
PROVES = {"dkim": "header.d", "spf": "smtp.mailfrom"}


def is_proven(authentication: str, sender: str) -> bool:
    """Whether our mail server vouches for the domain of this address."""
    ours, domain = settings.MAIL_AUTHENTICATED_BY.lower(), sender.rpartition("@")[2]
    server, *results = bare(authentication.lower()).split(";")
    if not ours or not domain or server.split()[:1] != [ours]:
        return False
    proven = False
    for result in results:
        found = RESULT.match(result)
        method, outcome = found.groups() if found else ("", "")
        told = dict(PROPERTY.findall(result))
        if method == "dmarc" and outcome != "none":
            if outcome != "pass":
                return False
            proven |= told.get("header.from") == domain
        elif method in PROVES and outcome == "pass":
            proven |= stands_for(told.get(PROVES[method], "").rpartition("@")[2], domain)
    return proven


def bare(header: str) -> str:
    """A header without its comments and quoted strings: in them stands what the sender chose."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for sign in header:
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == '"' and not depth:
            quoted = not quoted
        elif not quoted and sign in "()":
            depth = max(depth + (1 if sign == "(" else -1), 0)
        elif not quoted and not depth:
            kept.append(sign)
    return "".join(kept)


def stands_for(signer: str, domain: str) -> bool:
    """A domain speaks for itself and for those below it; no top-level domain does."""
    return "." in signer and (domain == signer or domain.endswith(f".{signer}"))
