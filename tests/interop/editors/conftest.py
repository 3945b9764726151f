import pytest

from tests.factories.editors import Pki, pki


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return pki(tmp_path_factory.mktemp("pki"))
