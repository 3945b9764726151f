"""The people of one journey, each with a browser of their own."""

from typing import TypeVar

from playwright.sync_api import ViewportSize

from tests.browser import Browser
from tests.journeys.people import Person
from tests.journeys.service import Service

DESK, PHONE = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)
P = TypeVar("P", bound=Person)


class Company:
    """`company(TheArm)` welcomes a person, who takes their post. All are seen out at the end."""

    def __init__(self, browser: Browser, service: Service) -> None:
        self.browser, self.service = browser, service
        self.people: list[Person] = []

    def __call__(
        self, kind: type[P], login: str = "", *, viewport: ViewportSize = DESK, at: Service | None = None,
        trusting: bool = False,
    ) -> P:  # fmt: skip
        """`trusting`: of the certificates that a test signed."""
        context = self.browser.new_context(viewport=viewport, locale="fr-FR", ignore_https_errors=trusting)
        person = kind(context, (at or self.service).url, login=login)
        self.people.append(person)
        person.takes_the_post()
        return person

    def leaves(self) -> None:
        for person in self.people:
            person.leaves()

    def is_gone(self) -> None:
        """Whatever happened."""
        for person in self.people:
            person.page.close()
