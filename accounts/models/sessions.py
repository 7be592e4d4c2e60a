"""Who is signed in, on which browser and until when.

A row names its person, so that ending somebody's sessions is one DELETE; the database lets it name nobody who has no
access. A session ends after a while without use, and in any case some time after the sign-in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.rules import clocks

from .base import Json
from .fields import LineField

#: How exactly the last use is known: a request within this time of the one before writes nothing.
USE_NOTED = timedelta(minutes=5)
#: A session that names nobody holds a sign-in that has begun, or words that wait for their writer.
NOBODYS = timedelta(days=1)
SINCE, BROWSER = "since", "browser"
#: Marks of a browser in what it says of itself, the more telling first: many claim to be others as well.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrom": "Chrome",
    "CriOS": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "an iPhone", "iPad": "an iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "a Mac",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip


class Session(AbstractBaseSession):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="sessions"
    )
    started_at = models.DateTimeField()
    used_at = models.DateTimeField()
    browser = LineField(max_length=300, blank=True, help_text="What the browser said of itself.")

    class Meta:
        ordering = ["-used_at"]

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore

    @classmethod
    def clear_ended(cls) -> None:
        cls.objects.filter(expire_date__lte=clocks.now()).delete()

    @property
    def name(self) -> str:
        """A name for links: whoever reads it cannot use the session."""
        return salted_hmac("session", self.session_key).hexdigest()[:20]

    @property
    def browser_in_words(self) -> str:
        """Such as “Firefox on Windows”."""
        browser = next((name for mark, name in BROWSERS.items() if mark in self.browser), "A browser")
        system = next((name for mark, name in SYSTEMS.items() if mark in self.browser), "")
        return f"{browser} on {system}" if system else browser


class SessionStore(DatabaseStore):
    """`SESSION_ENGINE` names this module, and Django takes the store of this name from it."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> Json:
        """What the session holds. Whom it was opened for counts only while its row names them, too."""
        session = Session.objects.filter(session_key=self.session_key, expire_date__gt=clocks.now()).first()
        if session is None:
            self._session_key = None
            return {}
        data: Json = self.decode(session.session_data)
        if data.get(SESSION_KEY, "") != str(session.user_id or ""):
            return {}
        if session.user_id and session.used_at < clocks.now() - USE_NOTED:
            self.modified = True  # so that this use is written down
        return data

    def create_model_instance(self, data: Json) -> Session:
        now = clocks.now()
        since = datetime.fromisoformat(data[SINCE]) if SINCE in data else now
        user = data.get(SESSION_KEY)
        ends = min(now + settings.SESSION_IDLE, since + settings.SESSION_LIFE) if user else now + NOBODYS
        return Session(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]  # Django has it
            session_data=self.encode(data),
            expire_date=ends,
            user_id=user,
            started_at=since,
            used_at=now,
            browser=data.get(BROWSER, ""),
        )


@receiver(user_logged_in, dispatch_uid="accounts.models.sessions")
def note_sign_in(request: HttpRequest, **kwargs: object) -> None:
    request.session[SINCE] = clocks.now().isoformat()
    request.session[BROWSER] = request.headers.get("User-Agent", "")[:300]
