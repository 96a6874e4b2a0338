"""A county's installation after a restore: its walls stand again, and nobody is signed in."""

import psycopg
import pytest
from django.db import connections

from qingfu.server.backup import back_up, restore
from qingfu.server.databases import connection_facts
from qingfu.server.secrets import secret
from qingfu.units.models import Person
from qingfu.units.tenancy import as_tenant
from tests.notices.conftest import link_of
from tests.units.browser import signed_in_as


@pytest.fixture
def restored(fresh_county, tmp_path):
    """A session ended since the backup, a session that was live, the keys of the backup put in place of lost ones."""
    phone, laptop = signed_in_as(fresh_county, "王丽"), signed_in_as(fresh_county, "王丽")
    address = f"/c/{link_of(fresh_county, 'class', fresh_county.class_('三(1)班').pk)}"
    back_up(tmp_path / "backup.qf")
    phone.post("/logout/")
    connections.close_all()
    kept = restore(tmp_path / "backup.qf", replace=True).kept
    yield phone, laptop, address
    connections.close_all()
    with psycopg.connect(**{**connection_facts("superuser"), "dbname": "postgres"}, autocommit=True) as link:
        link.execute(f"DROP DATABASE {kept} WITH (FORCE)")


def test_after_a_restore_the_app_gets_in_again_by_the_key_of_the_backup(restored, fresh_county):
    """The signing key is in no dump: it comes from the key file, which the backup carries."""
    with as_tenant(fresh_county.tenant_id):
        assert set(Person.objects.values_list("tenant_id", flat=True)) == {fresh_county.tenant_id}
    assert secret("tenant")


def test_after_a_restore_nobody_is_signed_in_and_links_on_paper_still_open(restored):
    phone, laptop, address = restored
    assert phone.get("/me/").status_code == laptop.get("/me/").status_code == 302
    assert laptop.get(address).status_code == 200
