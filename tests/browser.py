"""What every test in a real browser needs."""

from playwright.sync_api import Page


def until_it_takes_keys(page: Page) -> None:
    """A key pressed between the load and the first frame is lost by the browser itself: no person is that fast."""
    page.wait_for_function("document.hasFocus()")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
