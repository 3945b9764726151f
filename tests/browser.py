"""What every test in a real browser needs."""

from playwright.sync_api import Keyboard, Page

TAKES_KEYS = """() => window.takesKeys || (document.hasFocus() && new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(window.takesKeys = true)))))"""


def keys(page: Page) -> Keyboard:
    """The keyboard, once the browser listens to it.

    A key pressed between the load and the first frame is lost by the browser itself: no person is that fast.
    The wait is made again where a navigation cuts it.
    """
    page.wait_for_function(TAKES_KEYS)
    return page.keyboard
