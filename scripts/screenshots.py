"""Draws the desks for docs/screens: its own demonstration on a Tuesday at 10:42, acted as people would, then shot.

make screenshots                     all of them, light
make screenshots ARGS="--dark --out var/shots"
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
SITE = ROOT / "var" / "screenshots"
PORT = 8780
BEGINS = "2026-11-17T10:42:00+01:00"
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
STUDY = "appels_par_an=176200&niveaux=un&postes_tenus=3+3+2+2+2+2+2+3+3+3+3+3+3+3+3+3+3+3+4+4+4+4+3+3"
DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def arm(page: Page) -> None:
    page.fill("#id_caller_number", "06 39 98 41 27")
    page.keyboard.press("F2")
    page.wait_for_selector("#dossier")
    page.fill("#id_address", "4 chemin des Jars, le Grand Breuil")
    page.fill("#id_commune_text", "Lusignan")
    page.wait_for_selector("#id_commune_text_list [role=option]")
    page.keyboard.press("Enter")
    page.fill("#id_caller_name", "Claire Pinson, mère")
    page.select_option("#id_caller_type", "FAMILLE")
    page.fill("#id_family_name", "PINSON")
    page.fill("#id_given_name", "Noé")
    page.fill("#id_birth", "08/03/2022")
    page.fill(
        "#id_summary", "39,4 depuis hier soir, se tient l’oreille droite, boit un peu. Pas d’autre maladie connue."
    )
    page.keyboard.press("F3")
    page.keyboard.type("fiev")
    page.wait_for_selector("#id_reason_label_list [role=option]")
    page.wait_for_timeout(1800)


def take_next(page: Page) -> None:
    page.keyboard.press("F2")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)


def nothing(page: Page) -> None:
    page.wait_for_timeout(600)


def drawn(page: Page) -> None:
    """A study is played, and drawn, before it is seen."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)


SHOTS: tuple[tuple[str, str, str, dict[str, int], Callable[[Page], None]], ...] = (
    ("1-arm", "arm", "/arm/", DESK, arm),
    ("2-regulateur", "snp", "/regulation/", DESK, take_next),
    ("3-osnp", "osnp", "/orientation/", DESK, take_next),
    ("4a-effecteur-telephone", "medecin", "/effecteur/", PHONE, nothing),
    ("4b-effecteur-semaine", "medecin", "/effecteur/semaine/", DESK, nothing),
    ("4c-donne-recoit", "medecin", "/effecteur/bilan/", PHONE, nothing),
    ("5-salle", "superviseur", "/salle/", DESK, nothing),
    ("6-equite", "referent", "/equite/", DESK, nothing),
    ("7-effectifs", "superviseur", f"/effectifs/etudes/capacite/?{STUDY}", DESK, nothing),
    ("7b-prevision", "superviseur", "/effectifs/etudes/prevision/", DESK, drawn),
    ("7c-crise", "superviseur", "/effectifs/etudes/crise/", DESK, drawn),
    ("8-planning", "superviseur", "/planning/", DESK, nothing),
    ("8b-besoin", "superviseur", "/effectifs/etudes/gardes/", DESK, drawn),
    ("8c-mes-gardes-telephone", "arm", "/planning/moi/", PHONE, nothing),
    ("9-urgences", "ioa", "/urgences/", DESK, nothing),
)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screens")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    service = _service()
    try:
        _shoot(options)
    finally:
        service.terminate()
        service.wait(20)
    return 0


def _service() -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "QUINZE_VAR": str(SITE), "QUINZE_START_AT": BEGINS}
    environment.pop("DATABASE_URL", None)
    shutil.rmtree(SITE, ignore_errors=True)  # its clock begins again: what the last run left would lie in the future
    SITE.mkdir(parents=True)
    log = SITE / "run.log"
    command = [str(Path(sys.executable).with_name("quinze")), "run", "--port", str(PORT)]
    with log.open("wb") as output:
        service = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    while "Quinze est prêt" not in log.read_text():
        if service.poll() is not None:
            raise SystemExit(log.read_text())
        time.sleep(0.2)
    return service


def _shoot(options: argparse.Namespace) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for name, login, path, size, act in SHOTS:
            if options.only not in name:
                continue
            context = browser.new_context(viewport=size, locale="fr-FR")  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{PORT}/connexion/")
            page.fill("[name=email]", f"{login}@demo.quinze.invalid")
            page.fill("[name=password]", "quinze-demonstration")
            page.get_by_role("button", name="Se connecter", exact=True).click()
            page.wait_for_url(lambda url: "/connexion/" not in url)
            if (welcome := page.locator("#welcome button")).count():
                welcome.click()
                page.wait_for_selector("#welcome", state="detached")
            page.goto(f"http://127.0.0.1:{PORT}{path}")
            act(page)
            if options.dark:
                page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
            page.screenshot(path=options.out / f"{name}.png")
            print(options.out / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    raise SystemExit(main())
