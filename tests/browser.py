"""What every test in a real browser needs. The fixture `browser` is in tests/conftest.py."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which

import pytest
from playwright.sync_api import Browser, Keyboard, Page, sync_playwright

CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--lang=fr-FR"]
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")

TAKES_KEYS = """() => window.takesKeys || (document.hasFocus() && new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(window.takesKeys = true)))))"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Its driver runs an event loop in this thread for as long: Django must be told that it is not asynchronous."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def keys(page: Page) -> Keyboard:
    """The keyboard, once the browser listens to it.

    A key pressed between the load and the first frame is lost by the browser itself: no person is that fast.
    The wait is made again where a navigation cuts it.
    """
    page.wait_for_function(TAKES_KEYS)
    return page.keyboard
