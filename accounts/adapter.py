from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class SignInAdapter(DefaultAccountAdapter):
    """Who may sign in: people we know. Nobody signs up; colleagues are added, customers are invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
