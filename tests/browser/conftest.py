"""A real browser on a real server: whoever asks for `visit` walks through pages as one of the cast."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from accounts.models import User
from tests.base import BACKEND

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's own loop runs in this thread; our queries do not

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
PATIENCE = 30_000  # milliseconds: two cores may have other work as well
Visit = Callable[..., Page]
FAILED = pytest.StashKey[bool]()

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM")
    if not path:
        if os.environ.get("CI") == "true":
            pytest.fail("There is no Chromium, and CI may not skip the browser tests.")
        pytest.skip("There is no Chromium: set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        # A root user's Chromium has no sandbox to use; what it opens here are our own pages only.
        arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(autouse=True, scope="session")
def static_files_are_kept() -> Iterator[None]:
    """The browser asks once for each stylesheet, not at every page."""
    serve = StaticFilesHandler.serve

    def serve_to_keep(self: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        response = serve(self, request)
        response.headers["Cache-Control"] = "max-age=3600"
        return response

    with mock.patch.object(StaticFilesHandler, "serve", serve_to_keep):
        yield


@pytest.fixture
def visit(chromium: Browser, live_server: Any, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """`page = visit(user)`: a page signed in as that person, at the site's root; options go to the browser.

    At the end of the test nothing may have gone wrong in any page: no error in a script, no refused resource.
    When the test failed, what each of its pages says is printed.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def sign_in(user: User | None, **options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, **({"viewport": WIDE} | options))
        contexts.append(context)
        if "SECONDS_AHEAD" in os.environ:
            context.clock.install(time=datetime.now(UTC))
        if user:
            client = Client()
            client.force_login(user, backend=BACKEND)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.goto("/")
        return page

    yield sign_in
    for context in contexts:
        for page in context.pages if request.node.stash.get(FAILED, False) else []:
            print(f"\n---- {page.url}\n{page.locator('body').inner_text()[:4000]}")
        context.close()
    assert not wrong


@pytest.fixture
def has_no_barriers() -> Callable[[Page], None]:
    """`has_no_barriers(page)`: axe finds nothing that keeps somebody out."""

    def check(page: Page) -> None:
        found = Axe().run(page, options={"preload": False})  # it would fetch our stylesheets again, wrongly
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"

    return check
