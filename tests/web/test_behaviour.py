"""The small scripts, in a real browser: keys, live lists, suggestions, drafts, clocks, messages."""

import json
import re
from collections.abc import Callable, Iterator
from socketserver import ThreadingMixIn
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Page, Route, expect

from tests.browser import Browser, faults, keys, needs_chromium

pytestmark = [
    pytest.mark.journey,
    needs_chromium,
]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Requests are not what these tests print."""


@pytest.fixture
def address(settings: object) -> Iterator[str]:
    """The gallery reads no table: a server without a database is enough, and faster."""
    settings.QUINZE_DEMO = True  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = "tests.web.urls"  # type: ignore[attr-defined]
    application = StaticFilesHandler(get_wsgi_application())
    server = make_server("127.0.0.1", 0, application, server_class=Server, handler_class=Silent)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/composants/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The gallery, opened; any error in a script or refusal by the security policy fails the test."""
    wrong: list[str] = []
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "violates" in message.text else None)
    page.goto(address)
    yield page
    page.close()
    assert wrong == []


def changed(page: Page, detail: dict[str, object] | None = None) -> None:
    """As if the live link had said that the worklist changed."""
    page.evaluate("detail => document.body.dispatchEvent(new CustomEvent('live:worklist', {detail}))", detail or {})


def serve_rows(page: Page, *rows: tuple[int, str, str]) -> None:
    """The next answer of the list, with (id, name, attributes) rows."""
    lines = "".join(
        f'<tr id="row-{number}" {attributes}><td>P2</td><td><a class="q-row" href="#">{name}</a></td></tr>'
        for number, name, attributes in rows
    )
    html = (
        '<div id="worklist" data-live-list data-rings hx-get="/composants/liste/" hx-target="this" '
        'hx-swap="outerMorph" hx-trigger="live:worklist from:body"><table class="q-table" data-rows><tbody>'
        + lines
        + "</tbody></table></div>"
    )

    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html")

    page.unroute("**/composants/liste/")
    page.route("**/composants/liste/", answer)


def names(page: Page) -> list[str]:
    return page.locator("#worklist a.q-row").all_inner_texts()


A, B, C = (1, "AIGLE", ""), (2, "BUSE", ""), (3, "CAILLE", "")


def start_with(page: Page, *rows: tuple[int, str, str]) -> None:
    serve_rows(page, *rows)
    page.mouse.move(600, 20)
    changed(page)
    expect(page.locator("#worklist a.q-row")).to_have_count(len(rows))


def test_every_component_is_accessible_in_both_themes(page: Page) -> None:
    assert faults(page) == []
    page.locator("details.q-menu summary").click()
    page.get_by_role("button", name="Clair ou sombre").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert faults(page) == []
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_function_keys_work_while_typing_and_f1_lists_them(page: Page) -> None:
    page.locator("#id_callback").fill("06")
    keys(page).press("F3")
    expect(page.locator("#id_reason")).to_be_focused()
    keys(page).press("F1")
    expect(page.get_by_role("dialog")).to_contain_text("Ctrl Entrée")
    expect(page.get_by_role("dialog")).to_contain_text("Urgence vitale")
    keys(page).press("F1")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#id_reason")).to_be_focused()


def test_f6_visits_the_panels_and_comes_back_where_one_was(page: Page) -> None:
    page.locator("#id_birth").focus()
    keys(page).press("F6")
    expect(page.locator(".q-hold .btn-p0")).to_be_focused()
    keys(page).press("Shift+F6")
    expect(page.locator("#id_birth")).to_be_focused()


def test_alt_arrows_walk_the_rows(page: Page) -> None:
    start_with(page, A, B, C)
    keys(page).press("Alt+ArrowDown")
    keys(page).press("Alt+ArrowDown")
    expect(page.locator("#row-2 a")).to_be_focused()
    keys(page).press("Alt+ArrowUp")
    expect(page.locator("#row-1 a")).to_be_focused()


def test_a_free_list_follows_at_once(page: Page) -> None:
    start_with(page, A, B)
    serve_rows(page, B, C)
    changed(page)
    expect(page.locator("#row-3")).to_be_visible()
    assert names(page) == ["BUSE", "CAILLE"]


def test_a_list_with_the_focus_inside_waits_counts_and_is_reviewed_by_key(page: Page) -> None:
    start_with(page, A, B)
    page.locator("#row-2 a").focus()
    serve_rows(page, C, B)
    changed(page, {"gone": {"row-1": "pris par H. Envigne"}})
    expect(page.locator("[data-review-count]")).to_have_text("2 changements")
    assert names(page) == ["AIGLE", "BUSE"]
    expect(page.locator("#row-1")).to_contain_text("pris par H. Envigne")
    expect(page.locator("#row-1 del")).to_have_text("AIGLE")
    keys(page).press("Shift+F3")
    expect(page.locator("#row-1")).to_have_count(0)
    assert names(page) == ["CAILLE", "BUSE"]
    expect(page.locator("#row-2 a")).to_be_focused()
    expect(page.locator("[data-review-count]")).to_have_text("")


def test_leaving_the_list_shows_what_waited(page: Page) -> None:
    start_with(page, A, B)
    page.locator("#row-1").hover()
    serve_rows(page, B)
    changed(page)
    expect(page.locator("#row-1.is-gone")).to_be_visible()
    page.mouse.move(600, 20)
    expect(page.locator("#row-1")).to_have_count(0)


def test_only_a_vital_emergency_enters_under_the_focus(page: Page) -> None:
    start_with(page, A, B)
    page.locator("#row-2 a").focus()
    serve_rows(page, (9, "HÉRON", "data-enter-now"), C, A, B)
    changed(page)
    expect(page.locator("#row-9")).to_be_visible()
    assert names(page) == ["HÉRON", "AIGLE", "BUSE"]
    expect(page.locator("[data-review-count]")).to_have_text("1 changement")
    expect(page.locator("#row-2 a")).to_be_focused()


def test_what_a_page_reads_again_by_itself_lets_people_go_first(page: Page) -> None:
    serve_rows(page, A)
    with page.expect_request("**/composants/liste/") as asked:
        changed(page)
    assert asked.value.headers.get("quinze-refresh") == "1"
    with page.expect_request("**/composants/motifs/**") as asked:
        page.locator("#id_reason").press_sequentially("fièv")
    assert "quinze-refresh" not in asked.value.headers


def test_suggestions_fill_the_code_and_free_text_empties_it(page: Page) -> None:
    reason, code = page.locator("#id_reason"), page.locator("#id_reason_code")
    reason.press_sequentially("fièv")
    expect(page.locator("#id_reason_list [role=option]")).to_have_count(2)
    expect(reason).to_have_attribute("aria-expanded", "true")
    expect(page.locator("[data-combobox-status]")).to_contain_text("2 motifs")
    keys(page).press("ArrowDown")
    keys(page).press("Enter")
    expect(reason).to_have_value("Convulsions avec fièvre chez l’enfant")
    expect(code).to_have_value("M12.03.02")
    reason.press_sequentially(" hier")
    expect(code).to_have_value("")
    reason.fill("douleur")
    expect(page.locator("#id_reason_list [role=option]")).to_have_count(1)
    keys(page).press("Escape")
    expect(page.locator("#id_reason_list [role=option]")).to_have_count(0)
    expect(reason).to_have_value("douleur")


def test_a_draft_is_kept_by_the_server_then_by_the_tab_when_the_session_is_over(page: Page) -> None:
    page.locator("#id_summary").press_sequentially("39,4 depuis hier")
    status = page.locator("[data-draft-status]")
    expect(status).to_contain_text("Brouillon gardé à", timeout=2000)
    page.route("**/composants/brouillon/", lambda route: route.fulfill(status=401, body=""))
    page.locator("#id_summary").press_sequentially(" soir")
    expect(status).to_contain_text("Gardé sur ce poste", timeout=2500)
    page.unroute("**/composants/brouillon/")
    page.reload()
    page.get_by_role("button", name="Reprendre").click()
    expect(page.locator("#id_summary")).to_have_value("39,4 depuis hier soir")
    expect(status).to_contain_text("Brouillon gardé à", timeout=2500)


def test_a_message_stays_until_the_next_key(page: Page) -> None:
    keys(page).press("F4")
    toast = page.locator("[data-toast]")
    expect(toast).to_contain_text("Rendez-vous confirmé.")
    page.wait_for_timeout(1200)
    expect(toast).to_be_visible()
    keys(page).press("a")
    expect(toast).to_have_count(0)


COUNT_TONES = """() => {
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) {
    window.tones.push(this.frequency.value);
    return start.apply(this, at);
  };
}"""


def tones(page: Page) -> list[float]:
    found: list[float] = page.evaluate("() => window.tones")
    return found


def test_what_comes_to_the_desk_is_heard_only_by_who_asked_for_it(page: Page) -> None:
    start_with(page, A)
    page.evaluate(COUNT_TONES)
    serve_rows(page, A, B)
    changed(page)
    expect(page.locator("#row-2")).to_be_visible()
    assert tones(page) == []  # off, unless asked for

    page.evaluate("document.body.dataset.sound = 'on'")
    keys(page).press("x")  # a gesture: a browser gives no voice before one, and Escape is none
    serve_rows(page, B, C)
    changed(page)
    page.wait_for_function("() => window.tones.length === 1")
    serve_rows(page, C)  # who leaves is not heard
    changed(page)
    expect(page.locator("#row-2")).to_have_count(0)
    page.locator("#row-3 a").focus()  # nor does the list have to move
    serve_rows(page, (9, "HÉRON", "data-enter-now"), C, A)
    changed(page)
    page.wait_for_function("() => window.tones.length === 4")
    changed(page)
    page.wait_for_timeout(300)
    assert tones(page) == [660, 880, 660, 880]


def test_a_question_mark_lists_the_keys_unless_it_is_being_typed(page: Page) -> None:
    page.locator("#id_summary").focus()
    keys(page).press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#id_summary")).to_have_value("?")
    page.locator("#liste").focus()
    keys(page).press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Ctrl Entrée")
    keys(page).press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def note(page: Page, event: str) -> None:
    """Count an event on <html>, where the test can wait for it under the security policy."""
    page.evaluate(
        """event => document.addEventListener(event, () => {
          const root = document.documentElement;
          root.setAttribute("data-heard", Number(root.getAttribute("data-heard") ?? 0) + 1);
        }, true)""",
        event,
    )


def heard(page: Page, times: int) -> None:
    expect(page.locator("html")).to_have_attribute("data-heard", str(times), timeout=12_000)


def test_clocks_tick_and_a_countdown_ends_once(page: Page) -> None:
    first = page.locator("#worklist .q-k .q-num").first
    before = first.inner_text()
    expect(first).not_to_have_text(before, timeout=2500)
    note(page, "q:expired")
    page.evaluate("""() => {
      document.querySelector("[data-until]").dataset.until = new Date(Date.now() + 1500).toISOString();
    }""")
    expect(page.locator("[data-say]")).to_have_text("Retenue du créneau : 10 secondes", timeout=3000)
    heard(page, 1)
    page.wait_for_timeout(2200)
    heard(page, 1)


def with_stream(page: Page) -> None:
    """The same page, told that an event stream exists."""

    def rewrite(route: Route) -> None:
        answer = route.fetch()
        meta = '<meta name="q-events" content="/flux/"><meta name="q-csrf"'
        route.fulfill(response=answer, body=answer.text().replace('<meta name="q-csrf"', meta))

    page.route("**/composants/", rewrite)


def stream(body: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=body, content_type="text/event-stream")


def test_the_live_link_delivers_topics(page: Page) -> None:
    with_stream(page)
    page.route("**/flux/**", lambda route: route.abort())
    page.goto(page.url)
    note(page, "live:case:12")
    page.unroute("**/flux/**")
    message = json.dumps({"topics": ["worklist", "case:12"], "id": 7})
    page.route("**/flux/**", stream(f"retry: 60000\nid: 7\ndata: {message}\n\n"))
    heard(page, 1)


def test_a_lost_link_says_so_and_its_return_refetches(page: Page) -> None:
    with_stream(page)
    page.route("**/flux/**", lambda route: route.abort())
    page.goto(page.url)
    note(page, "live:resync")
    live = page.locator(".q-head [data-q-live]").first
    expect(live).to_contain_text("depuis", timeout=9000)
    expect(page.locator("[data-toast]")).to_contain_text("Ce que vous tapez est gardé")
    page.unroute("**/flux/**")
    page.route("**/flux/**", stream("retry: 60000\n\n"))
    heard(page, 1)
    expect(page.locator("[data-toast]")).to_contain_text("Rattrapé à")
    expect(live).to_contain_text("En direct, à jour à")


def test_two_tabs_share_one_stream(page: Page) -> None:
    asked: list[Page | None] = []
    message = json.dumps({"topics": ["case:12"]})

    def answer(route: Route) -> None:
        asked.append(route.request.frame.page)
        route.fulfill(body=f"retry: 500\ndata: {message}\n\n", content_type="text/event-stream")

    page.context.route("**/flux/**", answer)
    with_stream(page)
    page.goto(page.url)
    other = page.context.new_page()
    with_stream(other)
    other.goto(page.url)
    note(other, "live:case:12")
    expect(other.locator("html")).to_have_attribute("data-heard", re.compile(r"\d"), timeout=8000)
    assert set(asked) == {page}
    page.goto("about:blank")
    other.wait_for_timeout(2000)
    assert other in asked
