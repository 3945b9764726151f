"""A person at a screen who has no mouse: keys only, and a machine that watches the page over their shoulder."""

import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Frame, Locator, Page, expect

from tests.browser import faults, keys

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
HAS_FOCUS = "(element) => element === document.activeElement"
TELL_CSP = """document.addEventListener("securitypolicyviolation",
    (event) => console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`))"""
FARTHEST = 120  # presses of Tab: a desk has fewer stops than that
REFUSED = re.compile(r"the server responded with a status of (409|410|422)")
ICON = re.compile(r"/favicon\.ico$")
expect.set_options(timeout=10_000)  # a busy machine is slow, not wrong


class Hands:
    """Everything a person does here goes through the keyboard; each page they reach is examined."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        context.set_default_timeout(20_000)
        self.page: Page = context.new_page()
        self.wrong: list[str] = []
        self.visited: list[str] = []
        self.examined: set[str] = set()
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("framenavigated", self._moved)
        self.page.add_init_script(TELL_CSP)

    # ---- eyes

    def _heard(self, message: ConsoleMessage) -> None:
        """Faults of the page; not a refusal that it says in words, nor the icon the browser seeks beside a PDF."""
        source = str(message.location.get("url", ""))
        if message.type in ("error", "warning") and not REFUSED.search(message.text) and not ICON.search(source):
            self.wrong.append(f"{message.text} ({source}, {self.page.url})")

    def _moved(self, frame: Frame) -> None:
        if frame == self.page.main_frame and frame.url.startswith("http"):
            self.visited.append(_shape(frame.url))

    def examine(self) -> None:
        """No fault of accessibility in what is shown now."""
        self.page.wait_for_load_state("load")
        self.page.evaluate("document.fonts.ready.then(() => null)")
        assert (self.page.url, faults(self.page, RULES)) == (self.page.url, [])
        self.examined.add(_shape(self.page.url))

    def leave(self) -> None:
        """The last look: nothing went wrong unseen, and no page was passed without being examined."""
        self.examine()
        assert self.wrong == []
        assert sorted(set(self.visited) - self.examined) == []

    def reads(self, text: str | re.Pattern[str], *, within: float = 10.0, inside: str = "body") -> None:
        expect(self.page.locator(inside)).to_contain_text(text, timeout=within * 1000)

    def does_not_read(self, text: str | re.Pattern[str], *, within: float = 10.0, inside: str = "main") -> None:
        expect(self.page.locator(inside)).not_to_contain_text(text, timeout=within * 1000)

    # ---- fingers

    def goes_to(self, path: str) -> None:
        """As typed in the address bar."""
        self.page.goto(self.url + path if path.startswith("/") else path)
        self.examine()

    def presses(self, *names: str) -> None:
        for name in names:
            keys(self.page).press(name)

    def presses_until(self, key: str, arrived: str | Callable[[str], bool]) -> None:
        """A key that opens another page: its address holds these words."""
        self.presses(key)
        self.arrives(arrived)

    def presses_for_a_new_page(self, key: str) -> None:
        """A key that draws the same address again."""
        with self.page.expect_navigation():
            self.presses(key)
        self.examine()

    def follows(self, link: str) -> None:
        """A link of the page, most often of its navigation."""
        self.tabs_to(self.page.get_by_role("link", name=link, exact=True).filter(visible=True).first)
        self.presses_for_a_new_page("Enter")

    def arrives(self, address: str | Callable[[str], bool]) -> None:
        holds = address if callable(address) else lambda url: address in url
        self.page.wait_for_url(holds)
        self.examine()

    def types(self, text: str) -> None:
        keys(self.page).type(text)

    def opens_a_document(self) -> bytes:
        """Enter, on a link or a button that shows a PDF; then back to the page."""
        with self.page.expect_response(lambda answer: answer.headers.get("content-type") == "application/pdf") as found:
            self.presses("Enter")
        content = self.page.request.get(found.value.url).body()
        self.page.wait_for_url(found.value.url)
        self.examined.add(_shape(found.value.url))
        self.page.go_back()
        return content

    def tabs_to(self, target: Locator, *, key: str = "Tab") -> None:
        """Tab after Tab, as far as it takes: what cannot be reached so cannot be reached."""
        target.wait_for()
        for _ in range(FARTHEST):
            if target.evaluate(HAS_FOCUS):
                return
            self.presses(key)
        raise AssertionError(f"the keyboard does not reach {target}")

    def walks_to(self, words: str) -> None:
        """Alt ↓ from row to row of the list, until the row that says so."""
        wanted = self.page.locator("[data-rows] tr", has_text=words).first
        wanted.wait_for()
        for _ in range(FARTHEST):
            if wanted.evaluate("(row) => row.contains(document.activeElement)"):
                return
            self.presses("Alt+ArrowDown")
        raise AssertionError(f"Alt ↓ does not reach the row of {words}")

    def writes(self, label: str, text: str) -> None:
        """In the field whose label begins so, whatever was there."""
        self.tabs_to(self._field(label, "input, textarea"))
        self.presses("Control+A")
        self.types(text)

    def selects(self, label: str, option: str) -> None:
        """A closed list opens its choice by its first letters."""
        field = self._field(label, "select")
        self.tabs_to(field)
        self.types(option)
        expect(field.locator("option:checked")).to_have_text(re.compile(f"^{re.escape(option)}"))

    def _field(self, label: str, kind: str) -> Locator:
        begins = re.compile(rf"^\s*{re.escape(label)}")
        return self.page.get_by_label(begins).and_(self.page.locator(kind)).filter(visible=True).first

    def picks(self, label: str, text: str, wanted: str) -> None:
        """In a field with suggestions: type, wait for the wanted one, take it with Entrée."""
        self.writes(label, text)
        option = self.page.get_by_role("option", name=wanted).first
        option.wait_for()
        for _ in range(8):
            if option.get_attribute("aria-selected") == "true":
                break
            self.presses("ArrowDown")
        self.presses("Enter")

    def chooses(self, group: str, value: str) -> None:
        """In a group of radios: Tab to the group, arrows to the choice."""
        radios = self.page.get_by_role("group", name=group).get_by_role("radio")
        wanted = self.page.get_by_role("group", name=group).locator(f'input[type="radio"][value="{value}"]')
        self._tabs_into(radios)
        for _ in range(radios.count() + 1):
            if wanted.is_checked():
                return
            self.presses("Space" if wanted.evaluate(HAS_FOCUS) else "ArrowRight")
        raise AssertionError(f"the arrows do not reach {value} in {group}")

    def _tabs_into(self, several: Locator) -> None:
        several.first.wait_for(state="attached")
        for _ in range(FARTHEST):
            if several.evaluate_all("(all) => all.includes(document.activeElement)"):
                return
            self.presses("Tab")
        raise AssertionError(f"the keyboard does not reach {several}")

    def ticks(self, label: str) -> None:
        box = self.page.get_by_label(label, exact=True).filter(visible=True)
        self.tabs_to(box)
        if not box.is_checked():
            self.presses("Space")

    def signs_in(self, email: str, password: str) -> None:
        self.goes_to("/connexion/")
        self.types(email)
        self.presses("Tab")
        self.types(password)
        self.presses_until("Enter", lambda url: "/connexion/" not in url)


def _shape(url: str) -> str:
    """A page whatever the file it shows: digits and tokens do not count."""
    path = urlsplit(url).path
    return re.sub(r"/rdv/[^/]+/", "/rdv/…/", re.sub(r"/(DRFR)?\d[\w-]*/", "/…/", path))


class Stopwatch:
    def __init__(self) -> None:
        self.began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began
