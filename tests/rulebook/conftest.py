from pathlib import Path

import pytest

from qingfu.rulebook import Bearer, Rulebook, load_calendar, load_pack

PACKS = Path(__file__).parent / "packs"


@pytest.fixture(scope="session")
def calendar():
    return load_calendar()


@pytest.fixture(scope="session")
def nation():
    return load_pack(PACKS / "nation.toml")


@pytest.fixture(scope="session")
def county():
    return load_pack(PACKS / "county.toml")


@pytest.fixture(scope="session")
def school():
    return load_pack(PACKS / "school.toml")


@pytest.fixture(scope="session")
def rulebook(nation, county):
    """The rules for schools of 青禾县."""
    return Rulebook([nation, county])


@pytest.fixture(scope="session")
def class_4_2():
    return Bearer("四(2)班", "class", grade=4)


@pytest.fixture(scope="session")
def township():
    return Bearer("柳林镇", "township")
