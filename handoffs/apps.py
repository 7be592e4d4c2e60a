from django.apps import AppConfig


class HandoffsConfig(AppConfig):
    name = "handoffs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.mail.digests import SECTIONS

        from .reminders import stalled_section, waiting_section

        for section in (waiting_section, stalled_section):
            if section not in SECTIONS:
                SECTIONS.append(section)
