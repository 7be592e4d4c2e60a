"""What the sign-in library asks us: who may come in, what the mail with the code says, and what a browser remembers."""

from __future__ import annotations

import logging
from concurrent.futures import Executor, ThreadPoolExecutor
from email.utils import formataddr, parseaddr

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse

from .known_browsers import remember
from .models import Organisation, User
from .models.mail_server import in_header, mailbox

logger = logging.getLogger(__name__)
#: Sends the codes while the page is answered already: how long that takes tells nobody who is known here, and neither
#: a worker nor a broker has to be up for somebody to sign in.
POST: Executor = ThreadPoolExecutor(max_workers=2, thread_name_prefix="codes")


def send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except (OSError, ValueError):  # SMTP's errors are OSErrors; a bad address is a ValueError
        logger.exception("A code could not be sent")


class SignInAdapter(DefaultAccountAdapter):
    """Who may sign in: people we know. Nobody signs up; colleagues are added, customers are invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, str]) -> None:
        """A mail with a code. For an address that nobody has the library asks for one as well, without a code: it is
        written, so that this takes as long, and thrown away."""
        code = context.get("code", "")
        mail = code_mail(email, code)
        if code:
            POST.submit(send, mail)

    def pre_login(self, request: HttpRequest, user: User, **options: str | None) -> HttpResponse | None:
        """Between the code and its return somebody may have lost their access, or taken another address."""
        user.refresh_from_db()
        if user.may_come_in and str(options["email"]).casefold() == user.email.casefold():
            return None
        clear_login(request)
        messages.error(request, "That code is no longer good. Ask for a new one.")
        return redirect("account_login")

    def login(self, request: HttpRequest, user: User) -> None:
        if not user.may_come_in:
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **options: str | None) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **options)
        remember(response, request, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        """The page that says so makes the browser forget this person's drafts, too."""
        person = request.user.pk
        logout(request)
        messages.success(request, "You have signed out.", extra_tags=f"signed-out:{person}")


def code_mail(address: str, code: str) -> EmailMessage:
    person = User.objects.who_signs_in_as(address)
    organisation = Organisation.get()
    signer = organisation.last_resort
    words = {
        "person": person,
        "code": code,
        "organisation": organisation,
        "signer": signer,
        "minutes": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60,
        "link": settings.SITE_URL + reverse("account_login"),
    }
    return EmailMessage(
        subject=in_header(f"Your code for {organisation}"),
        body=render_to_string("emails/code.txt", words).strip() + "\n",
        from_email=formataddr((in_header(organisation.name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[address],
        reply_to=list(filter(None, [mailbox(signer.name, signer.email)])) if signer else [],
    )
