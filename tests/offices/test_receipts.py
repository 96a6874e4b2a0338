"""收文办理: passed round by 谁在谁先阅办, deadlines, the share handled in time."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from qingfu.ledger.queries import calendar_for
from qingfu.offices import actions
from qingfu.offices.models import Ask, Reader, Receipt
from qingfu.offices.queries import receipts as queries
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import asking, new_key
from tests.units.browser import signed_in_as

TOWN, HEAD, CLERK = "清水镇", "负责人清水镇", "文秘清水镇"
TODAY = timezone.localdate()
ASSESSED = {"assessed": True, "document_type": "policy"}


def arrival(county, due_day: date | None = None) -> Ask:
    """A document of the city that the township has just registered."""
    what = asking("document", county[TOWN], amounts={"characters": 900}, due_day=due_day)
    return actions.receive(county.actor(CLERK), county[TOWN], what, new_key(), "临江市水利局").ask


def circulate(county, ask: Ask, *names: str, until: date | None = None) -> Receipt:
    people = [county.people[name].pk for name in names or (HEAD, CLERK)]
    return actions.circulate(county.actor(CLERK), county[TOWN], ask.pk, people, until)


def incoming(county):
    with as_tenant(county.tenant_id):
        return queries.incoming(county[TOWN], TODAY)


def one_of(county, ask: Ask):
    return next(one for one in incoming(county) if one.arrival.ask == ask)


def aged(county, ask: Ask, days: int) -> None:
    with as_tenant(county.tenant_id):
        Ask.objects.filter(pk=ask.pk).update(created_at=timezone.now() - timedelta(days=days))


def test_without_a_deadline_it_is_to_be_handled_within_two_working_days(county):
    came = one_of(county, arrival(county))
    with as_tenant(county.tenant_id):
        calendar = calendar_for(county[TOWN])
    days = [came.came + timedelta(days=n) for n in range(1, (came.handle_by - came.came).days + 1)]
    assert sum(calendar.day(day).is_workday for day in days) == 2
    assert calendar.day(came.handle_by).is_workday


def test_its_own_deadline_goes_before(county):
    assert one_of(county, arrival(county, TODAY + timedelta(days=9))).handle_by == TODAY + timedelta(days=9)


def test_what_a_bureau_of_the_county_sends_comes_in_by_itself(county):
    what = asking("document", county[TOWN], amounts={"characters": 900}, attributes=ASSESSED)
    sent = actions.ask(county.actor("文秘县农业农村局"), county["县农业农村局"], what, new_key()).ask
    assert one_of(county, sent).arrival.issuer == "县农业农村局"


def test_whoever_is_in_reads_first_and_who_is_away_is_passed_over(county):
    ask = arrival(county)
    receipt = circulate(county, ask)
    first = one_of(county, ask).next
    actions.pass_over(county.actor(CLERK), receipt.pk, first.person_id)
    second = one_of(county, ask).next
    assert second.person_id != first.person_id
    actions.mark_read(county.actor(second.person.name), receipt.pk)
    assert one_of(county, ask).next is None
    actions.pass_over(county.actor(CLERK), receipt.pk, first.person_id, away=False)
    assert one_of(county, ask).next.person_id == first.person_id


def test_once_handled_who_read_it_is_forgotten(county):
    ask = arrival(county)
    receipt = circulate(county, ask)
    handled = actions.handle_receipt(county.actor(CLERK), county[TOWN], ask.pk)
    assert (handled.pk, handled.handled_on) == (receipt.pk, TODAY)
    with as_tenant(county.tenant_id):
        assert not Reader.objects.filter(receipt=receipt).exists()
    with pytest.raises(actions.NotInPlace, match="已经办结"):
        circulate(county, ask)
    assert actions.handle_receipt(county.actor(HEAD), county[TOWN], ask.pk).handled_on == TODAY


def test_the_share_handled_in_time_counts_what_is_handled_and_what_should_be(own_county):
    in_time, late, overdue, open_ = (arrival(own_county) for _ in range(4))
    for ask in (late, overdue):
        aged(own_county, ask, 20)
    for ask in (in_time, late):
        actions.handle_receipt(own_county.actor(CLERK), own_county[TOWN], ask.pk)
    rows = incoming(own_county)
    found = queries.in_time(rows, TODAY)
    assert (found.due, found.in_time) == (3, 1)
    assert [one.arrival.ask for one in rows][0] == overdue
    assert queries.in_time([one_of(own_county, open_)], TODAY).share is None


def test_a_deadline_may_be_set_but_not_before_today(county):
    ask = arrival(county)
    with pytest.raises(actions.NotInPlace, match="早于今天"):
        circulate(county, ask, until=TODAY - timedelta(days=1))
    assert circulate(county, ask, until=TODAY + timedelta(days=5)).handle_by == TODAY + timedelta(days=5)


def test_nobody_elses_papers(county):
    ask = arrival(county)
    receipt = circulate(county, ask, HEAD)
    stranger = county.actor("文秘柳河镇")
    with pytest.raises(Forbidden):
        actions.handle_receipt(stranger, county["柳河镇"], ask.pk)
    with pytest.raises(Forbidden):
        actions.mark_read(stranger, receipt.pk)
    with pytest.raises(Forbidden):
        actions.mark_read(county.actor(CLERK), receipt.pk)
    with pytest.raises(actions.NotInPlace, match="传给谁"):
        circulate(county, ask, "负责人柳河镇")


def test_round_by_the_page(county):
    ask = arrival(county)
    client = signed_in_as(county, CLERK)
    me = county.people[CLERK].pk
    client.post(reverse("offices:circulate", args=[ask.pk]), {"people": [me]})
    page = client.get(reverse("offices:receipts")).content.decode()
    assert "在，请先阅" in page and "临江市水利局" in page
    receipt = one_of(county, ask).receipt
    client.post(reverse("offices:receipt_away", args=[receipt.pk]), {"person": me})
    client.post(reverse("offices:receipt_read", args=[receipt.pk]))
    assert one_of(county, ask).readers[0].done
    client.post(reverse("offices:handle", args=[ask.pk]))
    assert "按期" in client.get(reverse("offices:receipts")).content.decode()
