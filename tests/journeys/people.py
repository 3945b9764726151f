"""The people of a journey, each with the gestures of their desk. Selectors stay here."""

import re

from playwright.sync_api import BrowserContext, expect

from quinze.interop.demo.staff import DOMAIN, PASSWORD
from tests.journeys.hands import Hands


class Person:
    login = ""

    def __init__(self, context: BrowserContext, url: str, *, login: str = "") -> None:
        self.login = login or self.login
        self.hands = Hands(context, url)
        self.page = self.hands.page

    def takes_the_post(self) -> None:
        self.hands.signs_in(f"{self.login}@{DOMAIN}", PASSWORD)

    def leaves(self) -> None:
        """Once; the browser closes behind."""
        if not self.page.is_closed():
            self.hands.leave()
            self.page.close()


class TheArm(Person):
    login = "arm"

    def answers(self, number: str) -> None:
        """The number presented by the telephone; F2 opens the file."""
        self.hands.types(number)
        self.hands.presses_until("F2", "/arm/DRFR")

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
        self.hands.reads("Chez le médecin")

    def hands_over(self, *, stream: str, priority: str) -> None:
        self.hands.chooses("Priorité", priority)
        self.hands.chooses("Filière", stream)
        self.hands.presses("Control+Enter")
        self.hands.reads(f"Dossier passé au médecin {stream}")
        self.hands.examine()


class TheDoctor(Person):
    """A regulating doctor, of either stream."""

    login = "snp"

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

    def entrusts_to_the_osnp(self, *, within: str, instruction: str) -> None:
        """City care, at a surgery: what the panel proposes first."""
        self.hands.presses("F8", "4")
        self.hands.chooses("Vu avant", within)
        self.hands.writes("Consigne à l’OSNP", instruction)
        self.hands.chooses("Niveau", "R4")
        self.hands.presses("Control+Enter")
        self.hands.reads("Confié à l’OSNP")
        self.hands.examine()


class TheOsnp(Person):
    login = "osnp"

    def takes_the_next_request(self) -> None:
        self.hands.presses_until("F2", at_a_request)

    def takes_the_request_of(self, name: str) -> None:
        self.hands.follows("Orientation")
        self.hands.walks_to(name)
        self.hands.presses_until("Alt+Enter", at_a_request)

    def reads_in_the_request(self, words: str) -> None:
        self.hands.reads(words, inside=".ori-left")

    def sees_first(self, doctor: str, *details: str) -> None:
        first = self.page.locator("#propositions tr", has=self.page.locator(".ori-r")).first
        for words in (doctor, *details):
            expect(first).to_contain_text(re.compile(words))

    def is_offered(self, doctor: str) -> None:
        self.hands.reads(doctor, inside="#propositions")

    def is_not_offered(self, doctor: str) -> None:
        expect(self.page.locator("#propositions")).to_be_visible()
        self.hands.does_not_read(doctor, inside="#propositions")

    def sees_that_the_offer_changed(self) -> None:
        """The order on the screen does not move; what was lost since is counted, live."""
        expect(self.page.locator("#changements [role=status]")).to_contain_text("changement")

    def reviews_the_order(self) -> None:
        self.hands.presses_for_a_new_page("Shift+F3")

    def reaches_the_first_seat_of(self, doctor: str) -> None:
        self.hands.walks_to(doctor)

    def holds_the_seat(self) -> None:
        self.hands.presses("Alt+Enter")

    def sees_the_seat_held(self, moment: str) -> None:
        self.hands.reads(re.compile(rf"Retenu pour .*{moment}"), inside="#retenue")
        self.hands.examine()

    def confirms_to_the_patient(self) -> None:
        self.hands.presses("Control+Enter")
        self.hands.reads("Rendez-vous confirmé")
        self.hands.examine()

    def reads_the_link_sent_to(self, number: str) -> str:
        """In the outbox that anybody may read in a demonstration, where text messages end."""
        self.hands.follows("Messages")
        message = self.page.get_by_role("row", name=number).filter(has_text="confirmation au patient").first
        found = re.search(r"https?://\S+/rdv/\S+/", message.inner_text())
        assert found, message.inner_text()
        return found.group()

    def hits_the_red_button(self) -> None:
        self.hands.presses("F9")
        self.hands.reads("P0 envoyé au médecin AMU")
        self.hands.examine()

    @property
    def holds(self) -> bool:
        """Whether the race was won, once its end is on the screen."""
        expect(self.page.locator("#retenue")).to_contain_text(re.compile("Retenu pour|avant vous|pris par"))
        return "Retenu pour" in self.page.locator("#retenue").inner_text()

    def is_told_the_seat_is_gone(self, by: str) -> None:
        self.hands.reads(by, inside="#retenue [role=alert]")
        self.hands.examine()

    def takes_the_seat_offered_next(self) -> None:
        self.hands.presses("Enter")


class TheCityDoctor(Person):
    """An effecteur, on the telephone of the surgery or at its desk."""

    login = "medecin"

    def declares_a_range(self, day: str, *, starts: str, ends: str) -> None:
        self.hands.follows("Semaine")
        self.hands.presses_until("F2", "regle=nouvelle")
        self.hands.ticks(day)
        self.hands.writes("De", starts)
        self.hands.writes("À", ends)
        self.hands.presses("Control+Enter")
        self.hands.reads("Règle enregistrée")
        self.hands.examine()

    def sees_that_the_sas_sees(self, hour: str) -> None:
        """Of today, the first day of the preview."""
        self.hands.reads(hour, inside="#apercu dd:first-of-type")

    def sees_that_the_sas_no_longer_sees(self, hour: str) -> None:
        self.hands.follows("Semaine")
        self.hands.does_not_read(hour, inside="#apercu dd:first-of-type")

    def declares_an_absence_today(self, *, starts: str, ends: str) -> None:
        """The first day is today unless said otherwise; the last is typed digit by digit."""
        self.hands.presses_until("F4", "/offre/absence/")
        today = self.page.get_by_label("Du", exact=True).input_value()
        self.hands.writes("à partir de", starts)
        self.hands.tabs_to(self.page.get_by_label("Au (inclus)"))
        self.hands.types("".join(reversed(today.split("-"))))
        self.hands.writes("jusqu’à", ends)
        self.hands.presses("Control+Enter")
        self.hands.reads("Absence enregistrée")
        self.hands.examine()

    def records_that_the_patient_was_seen(self, name: str) -> None:
        self.hands.tabs_to(self.page.get_by_role("button", name=re.compile(f"Vu.*{name}", re.IGNORECASE)))
        self.hands.presses("Enter")
        self.hands.reads("Noté : patient vu")
        self.hands.examine()


class ThePatient(Person):
    """No account and no post: a telephone, and the link of a text message."""

    def takes_the_post(self) -> None:
        """Nothing to do: the link is enough."""

    def opens_the_link(self, link: str) -> None:
        self.hands.goes_to(link)

    def reads_the_appointment(self, *words: str) -> None:
        for word in words:
            self.hands.reads(word, inside="main")

    def cancels(self) -> None:
        self.hands.tabs_to(self.page.get_by_role("button", name="Annuler mon rendez-vous"))
        self.hands.presses("Enter")
        self.hands.reads("Votre rendez-vous est annulé")
        self.hands.examine()


def at_a_request(url: str) -> bool:
    return bool(re.search(r"/orientation/\d+/$", url))


class TheOsnpAtEditors(TheOsnp):
    """Whose doctors keep their agendas elsewhere."""

    def reads_that_an_editor_is_silent(self, words: str) -> None:
        self.hands.reads(words, inside=".ori-silent")

    def holds_the_seat_and_says_why(self, why: str) -> None:
        """The seat is not that of the first proposal, or is: the reason is written when it is asked."""
        self.hands.presses("Alt+Enter")
        asked = self.page.locator("#retenue")
        expect(asked).to_be_visible()
        if "Retenu pour" not in asked.inner_text():
            self.hands.examine()
            self.hands.tabs_to(asked.get_by_role("textbox").first)
            self.hands.types(why)
            self.hands.presses("Enter")

    def reads_in_the_bar(self, words: str) -> None:
        self.hands.reads(words, inside="#retenue")

    def books_at_the_editor(self, title: str) -> str:
        """In the tab that opens: a page of the editor, with its own button."""
        with self.page.context.expect_page() as opened:
            self.hands.presses("Control+ArrowRight")
        there = opened.value
        expect(there.get_by_role("heading", name=title)).to_be_visible()
        there.get_by_role("button").press("Enter")
        done = there.get_by_role("heading", name=re.compile("pris|libre"))
        expect(done).to_be_visible()
        said = done.inner_text()
        there.close()
        return said

    def sees_the_appointment_taken(self, moment: str) -> None:
        self.page.reload()
        expect(self.page.locator("#retenue")).to_have_count(0)
        self.hands.reads(re.compile(f"Rendez-vous .*{moment}", re.DOTALL), inside="main")
        self.hands.examine()


class TheSupervisor(Person):
    login = "superviseur"

    def sees_how_editors_do(self, *words: str) -> None:
        self.hands.goes_to("/editeurs/")
        for each in words:
            self.hands.reads(each, inside="main")
        self.hands.examine()
