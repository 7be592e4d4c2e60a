from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers

from accounts.models import Account, ThreadRead
from accounts.pages.whole_thread import WholeThread
from accounts.requests import SignedInRequest, number, staff_only


@staff_only("GET", "HEAD", "POST")
def account_read(request: SignedInRequest, pk: int) -> HttpResponse:
    """All of an account's thread, a part at a time; whoever reads it goes on where they stopped."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    if account.merged_into_id:
        return redirect("account_read", account.merged_into_id)
    if request.method == "POST":
        entries = filter(None, map(number, request.POST.getlist("entry")))
        ThreadRead.mark(account, entries, by=request.user)
        if not request.htmx:
            return redirect("account_read", pk)
        thread = WholeThread.of(account, request.user)
    else:
        thread = WholeThread.of(account, request.user, number(request.GET.get("from", "")))
    page = "accounts/_whole_thread.html" if request.htmx else "accounts/whole_thread.html"
    response = render(request, page, {"account": account, "thread": thread})
    patch_vary_headers(response, ["HX-Request"])
    return response
