from django.apps import AppConfig

from accounts.database.sentences import SENTENCES

#: Of the laws that migrations write in SQL; the other constraints carry their own.
LAWS = {
    "handoff_account_is_open": "There is an open handoff for this account. Finish it or call it off first.",
    "handoff_once_per_move": "This handoff has already been opened.",
    "undone_before_anyone_was_told": "A customer has been told, so it can no longer be taken back.",
}


class HandoffsConfig(AppConfig):
    name = "handoffs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models may not be imported before every app is loaded.
        from accounts.mail.digests import SECTIONS
        from accounts.models.letters import HOLDS, WHEN_SENT

        from . import slots
        from .models.shown_people import not_known_yet
        from .models.telling import Notification

        SENTENCES.update(LAWS)
        for section in (slots.waiting_section, slots.stalled_section):
            if section not in SECTIONS:
                SECTIONS.append(section)
        slots.fill()
        if not_known_yet not in HOLDS:
            HOLDS.append(not_known_yet)
            WHEN_SENT.append(Notification.of_letter)
