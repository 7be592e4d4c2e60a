from __future__ import annotations

import logging

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from .models import Refused

logger = logging.getLogger(__name__)


class SignInAdapter(DefaultAccountAdapter):
    """Who may sign in: people we know. Nobody signs up; colleagues are added, customers are invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Send a code. Somebody waits for it, so a mail server that is away is said at once."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, ValueError) as error:  # SMTP's errors are OSErrors; a bad address is a ValueError
            logger.warning("A code for signing in could not be sent: %s", error)
            raise Refused("No mail can be sent at this moment. Please try again in a few minutes.") from error
