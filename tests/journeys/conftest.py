"""One service per chosen day, one browser, and the people who sit at it."""

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.journeys.hands", "tests.journeys.people", "tests.journeys.service")

from tests.browser import Browser, needs_chromium  # noqa: E402
from tests.journeys.company import Company  # noqa: E402
from tests.journeys.people import TheArm, TheDoctor, TheOsnp  # noqa: E402
from tests.journeys.service import Service, living_at  # noqa: E402

TUESDAY_MORNING = "2026-11-17T10:00+01:00"
SATURDAY_MORNING = "2026-11-21T11:00+01:00"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "journeys" and item.get_closest_marker("journey"):
            item.add_marker(needs_chromium)


@pytest.fixture(scope="package")
def tuesday(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with living_at(TUESDAY_MORNING, folder=tmp_path_factory.mktemp("tuesday")) as service:
        yield service


@pytest.fixture(scope="package")
def saturday(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with living_at(SATURDAY_MORNING, folder=tmp_path_factory.mktemp("saturday")) as service:
        yield service


@pytest.fixture
def service(tuesday: Service) -> Service:
    return tuesday


@pytest.fixture
def company(service: Service, browser: Browser) -> Iterator[Company]:
    company = Company(browser, service)
    try:
        yield company
        company.leaves()
    finally:
        company.is_gone()


@pytest.fixture
def the_arm(company: Company) -> TheArm:
    return company(TheArm)


@pytest.fixture
def the_amu_doctor(company: Company) -> TheDoctor:
    return company(TheDoctor, "amu")


@pytest.fixture
def the_general_practitioner(company: Company) -> TheDoctor:
    return company(TheDoctor, "snp")


@pytest.fixture
def the_osnp(company: Company) -> TheOsnp:
    return company(TheOsnp)
