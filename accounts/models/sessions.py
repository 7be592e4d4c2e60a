"""Who is signed in: a row names its person, so that ending somebody's sessions is one DELETE."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="sessions"
    )

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore


class SessionStore(DatabaseStore):
    """`SESSION_ENGINE` names this module, and Django takes the store of this name from it."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        """What the session holds. Whom it was opened for counts only while its row names them, too."""
        session: Session | None = self._get_session_from_db()  # type: ignore[attr-defined]  # Django has it
        data: dict[str, Any] = self.decode(session.session_data) if session else {}
        if session and data.get(SESSION_KEY, "") != str(session.user_id or ""):
            return {}
        return data

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = super().create_model_instance(data)
        assert isinstance(session, Session)
        session.user_id = data.get(SESSION_KEY)
        return session
