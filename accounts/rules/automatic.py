"""How programs begin the subject of what they send by themselves: answers of whoever is away, and mail that came back.

A list for each language; another language is another line. A person's own subject only begins like that by chance, so
nothing but a colon, a dash, a bracket or the end may follow.
"""

from __future__ import annotations

import re

AWAY = {
    "en": ["automatic reply", "auto reply", "autoreply", "auto-reply", "auto response", "automatic response",
           "out of office", "out of the office", "out of office autoreply", "ooo", "away from the office",
           "i am out of the office", "i am away", "vacation reply"],
    "de": ["automatische antwort", "automatische rückantwort", "abwesenheitsnotiz", "abwesenheit",
           "abwesenheitsmeldung", "abwesenheitsnachricht", "nicht im büro", "außer haus", "ich bin nicht im büro",
           "ich bin im urlaub"],
    "fr": ["réponse automatique", "absence du bureau", "absent du bureau", "absente du bureau", "message d'absence",
           "absence", "je suis absent", "je suis absente", "hors du bureau"],
    "es": ["respuesta automática", "fuera de la oficina", "fuera de oficina", "estoy fuera de la oficina", "ausente",
           "mensaje de ausencia"],
    "it": ["risposta automatica", "fuori sede", "fuori ufficio", "assente dall'ufficio", "messaggio di assenza",
           "assenza dall'ufficio"],
    "nl": ["automatisch antwoord", "afwezigheidsbericht", "afwezig", "niet op kantoor"],
    "pt": ["resposta automática", "fora do escritório", "ausência temporária"],
    "pl": ["automatyczna odpowiedź", "odpowiedź automatyczna"],
}  # fmt: skip
CAME_BACK = {
    "en": ["undeliverable", "undelivered mail returned to sender", "delivery status notification", "failure notice",
           "mail delivery failed", "mail delivery failure", "mail delivery system", "returned mail",
           "delivery failure", "delivery has failed", "message undeliverable", "message not delivered",
           "mail delivery failed: returning message to sender", "undelivered mail"],
    "de": ["unzustellbar", "nicht zustellbar", "zustellung fehlgeschlagen", "fehler bei der zustellung",
           "mailzustellung fehlgeschlagen", "nachricht nicht zugestellt"],
    "fr": ["non remis", "non remise", "échec de remise", "échec de la remise", "échec de la distribution",
           "notification d'échec de remise", "message non distribué"],
    "es": ["no se puede entregar", "no se pudo entregar", "error de entrega", "mensaje no entregado",
           "notificación de estado de entrega"],
    "it": ["non recapitabile", "mancato recapito", "recapito non riuscito", "impossibile recapitare",
           "messaggio non recapitato"],
    "nl": ["onbestelbaar", "niet te bezorgen"],
    "pt": ["não foi possível entregar", "falha na entrega"],
}  # fmt: skip


def beginning(phrases: dict[str, list[str]]) -> re.Pattern[str]:
    known = sorted({phrase for some in phrases.values() for phrase in some}, key=len, reverse=True)
    either = "|".join(re.escape(phrase).replace("'", "['’]") for phrase in known)
    return re.compile(
        rf"\s*\W?(?:{either})(?:\s*[:!()\[\]–—]|\s+-|\s+(?:re|aw|wg|fwd?|tr|rv|rif)\s*:|\s*$)", re.IGNORECASE
    )


_AWAY, _CAME_BACK = beginning(AWAY), beginning(CAME_BACK)


def is_away(subject: str) -> bool:
    """Whether a program answered for somebody who is away, as the subject of a mail says."""
    return bool(_AWAY.match(subject))


def came_back(subject: str) -> bool:
    """Whether it is word that a mail did not arrive, as the subject of a mail says."""
    return bool(_CAME_BACK.match(subject))
