"""The people of a journey, each with the gestures of their desk. Selectors stay here."""

import re

from playwright.sync_api import BrowserContext, expect

from quinze.interop.demo.staff import DOMAIN, PASSWORD
from tests.journeys.hands import Hands


class Person:
    login = ""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.hands = Hands(context, url)
        self.page = self.hands.page

    def takes_the_post(self) -> None:
        self.hands.signs_in(f"{self.login}@{DOMAIN}", PASSWORD)

    def leaves(self) -> None:
        self.hands.leave()


class TheArm(Person):
    login = "arm"

    def answers(self, number: str) -> None:
        """The number presented by the telephone; F2 opens the file."""
        self.hands.types(number)
        self.hands.presses_until("F2", "/arm/DRFR")

    @property
    def file_number(self) -> str:
        found = re.search(r"/arm/(DRFR\w+)/", self.page.url)
        assert found
        return found.group(1)

    def types_the_summary(self, words: str) -> None:
        self.hands.writes("Résumé", words)

    def chooses_the_reason(self, typed: str, label: str) -> None:
        self.hands.presses("F3")
        self.hands.picks("Motif de recours", typed, label)

    def says_where(self, commune: str) -> None:
        self.hands.presses("F4")
        self.hands.picks("Commune", commune, commune)

    def says_who(self, *, family: str, given: str, birth: str, sex: str) -> None:
        self.hands.writes("Nom du patient", family)
        self.hands.writes("Prénom", given)
        self.hands.writes("Naissance ou âge", birth)
        self.hands.selects("Sexe", sex)

    def names_the_referring_doctor(self, typed: str, name: str) -> None:
        self.hands.picks("Médecin traitant", typed, name)

    def hits_the_vital_emergency_key(self) -> None:
        self.hands.presses("F9")

    def sees_that_the_emergency_was_sent(self) -> None:
        self.hands.reads("P0 envoyé au médecin AMU")
        self.hands.examine()

    def sees_who_took_it(self, name: str) -> None:
        self.hands.reads(f"pris par {name}")

    def hands_over(self, *, stream: str, priority: str) -> None:
        self.hands.chooses("Priorité", priority)
        self.hands.chooses("Filière", stream)
        self.hands.presses("Control+Enter")
        self.hands.reads(f"Dossier passé au médecin {stream}")
        self.hands.examine()


class TheDoctor(Person):
    """A regulating doctor, of either stream."""

    def __init__(self, context: BrowserContext, url: str, login: str) -> None:
        super().__init__(context, url)
        self.login = login

    def waits_at_the_list(self) -> None:
        expect(self.page.get_by_role("heading", name="À réguler")).to_be_visible()
        self.page.wait_for_load_state("networkidle")

    def sees_the_emergency_arrive(self, words: str, *, within: float) -> None:
        self.hands.reads(words, within=within, inside="#liste [role=alert]")
        self.hands.examine()

    def takes_the_next(self) -> None:
        self.hands.presses_until("F2", "/regulation/DRFR")

    def reads_in_the_file(self, words: str) -> None:
        self.hands.reads(words, inside="#dossier")

    def gives_advice_only(self, words: str, *, level: str) -> None:
        self.hands.presses("F8", "1")
        self.hands.writes("Conseil donné", words)
        self.hands.ticks("Signes de rappel du 15 dits")
        self.hands.chooses("Niveau", level)
        self.hands.presses("Control+Enter")
        self.hands.reads("Décision enregistrée : conseil")
        self.hands.examine()

    def prints_the_letter_of_advice(self) -> None:
        """The browser receives a PDF."""
        self.hands.tabs_to(self.page.get_by_role("button", name="Lettre de conseils"))
        assert self.hands.opens_a_document().startswith(b"%PDF")

    def closes_the_file(self) -> None:
        self.hands.tabs_to(self.page.get_by_role("button", name="Clore"))
        self.hands.presses_until("Enter", lambda url: url.endswith("/regulation/"))
        self.hands.reads("Dossier clos")

    def reads_the_chronology_of(self, name: str) -> None:
        """F3, a name, and the file that was found."""
        self.hands.presses_until("F3", "/dossiers/")
        self.hands.types(name)
        self.hands.presses_until("Enter", "q=")
        self.hands.presses("Alt+ArrowDown")
        self.hands.presses_until("Enter", "/dossiers/DRFR")

    def sees_in_the_chronology(self, *lines: str) -> None:
        for line in lines:
            self.hands.reads(line, inside="#contenu")
