from allauth.account.views import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_http_methods

from accounts.views.sign_in import RequestCodeView, TypeCodeView
from config.views import health


@login_not_required
def nowhere(request: HttpRequest) -> HttpResponse:
    """Pages that allauth knows by name and that this product does not have: no sign-up and no passwords."""
    raise Http404


NOT_HERE = [
    "account_signup",
    "account_inactive",
    "account_reauthenticate",
    "account_email",
    "account_email_verification_sent",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
]

read_or_sent = require_http_methods(["GET", "HEAD", "POST"])  # allauth would take a PUT for a POST

urlpatterns = [
    path("health/", health, name="health"),
    path("sign-in/", read_or_sent(RequestCodeView.as_view()), name="account_login"),
    path("sign-in/", read_or_sent(RequestCodeView.as_view()), name="account_request_login_code"),
    path("sign-in/code/", read_or_sent(TypeCodeView.as_view()), name="account_confirm_login_code"),
    path("sign-out/", logout, name="account_logout"),
    *[path(f"sign-in/none/{name}/", nowhere, name=name) for name in NOT_HERE],
    path("", include("accounts.urls")),
    path("", include("handoffs.urls")),
]

handler400 = "config.views.bad_request"
handler500 = "config.views.server_error"
