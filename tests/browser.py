"""What every test in a real browser needs. The fixture `browser` is in tests/conftest.py."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from shutil import which
from typing import Any

import pytest
from playwright import sync_api
from playwright.sync_api import BrowserContext, Keyboard, Page, sync_playwright

from quinze.config.places import ROOT

CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--lang=fr-FR"]
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")
LONGEST_PAGE = 90_000  # milliseconds: a busy machine is slow, not wrong

TAKES_KEYS = """() => window.takesKeys || (document.hasFocus() && new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(window.takesKeys = true)))))"""

AXE = ROOT / "node_modules/axe-core/axe.min.js"
RUN_AXE = """async (rules) => {
  const chosen = rules.length ? {runOnly: rules} : {};
  const found = await axe.run(document, {...chosen, resultTypes: ["violations"]});
  return found.violations.map((each) =>
    `${each.id}: ${each.nodes.map((node) => `${node.target} ${node.html.slice(0, 160)}`).join(" | ")}`);
}"""
WCAG = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice")


class Browser:
    """That of a worker. The machine of a person, once left, is lent to a later test: without cookies, pages or routes,
    with the style sheets and the scripts that it read before. A new one takes a second of processor to its first page.
    """

    def __init__(self, chromium: sync_api.Browser) -> None:
        self.chromium = chromium
        self.lent: list[tuple[str, BrowserContext]] = []
        self.free: dict[str, list[BrowserContext]] = {}

    def new_context(self, **options: Any) -> BrowserContext:
        kind = repr(sorted(options.items()))
        free = self.free.setdefault(kind, [])
        context = free.pop() if free else self.chromium.new_context(**options)
        context.set_default_navigation_timeout(LONGEST_PAGE)
        self.lent.append((kind, context))
        return context

    def take_back(self) -> None:
        """What a test opened is closed with it."""
        for kind, context in self.lent:
            _forget(context)
            self.free[kind].append(context)
        self.lent.clear()


def _forget(context: BrowserContext) -> None:
    for page in context.pages:
        page.close()
    context.unroute_all()
    context.clear_cookies()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Its driver runs an event loop in this thread for as long: Django must be told that it is not asynchronous."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Browser(browser)
        browser.close()


def keys(page: Page) -> Keyboard:
    """The keyboard, once the browser listens to it.

    A key pressed between the load and the first frame is lost by the browser itself: no person is that fast.
    The wait is made again where a navigation cuts it.
    """
    page.wait_for_function(TAKES_KEYS)
    return page.keyboard


# Colours on their way to those of the other theme are nobody's; what turns for ever is left to turn.
AT_REST = """() => document.getAnimations().forEach(each => {
    if (each.effect.getComputedTiming().endTime < Infinity) each.finish()
})"""


def faults(page: Page, rules: Sequence[str] = WCAG) -> list[str]:
    """Of accessibility, in what is shown now: the rule and where. Without rules: those of axe-core by default.

    Only the faults leave the browser: all that it looked at weighs as much as ten pages.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate(AT_REST)
    found: list[str] = page.evaluate(RUN_AXE, list(rules))
    return found
