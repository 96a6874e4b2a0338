"""基数: frozen from the ledger on 1 January, brought along, changed forward only, divided among successors."""

import io
import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
import xlsxwriter
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from qingfu.ledger.actions import freeze_baseline, record
from qingfu.ledger.drafts import Draft
from qingfu.ledger.models import Baseline
from qingfu.offices import actions
from qingfu.offices.actions import NotInPlace
from qingfu.offices.actions import baselines as changing
from qingfu.offices.forms.baselines import COLUMNS
from qingfu.offices.models import Predecessor
from qingfu.offices.queries import baselines as queries
from qingfu.offices.queries.baselines import State
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import asking, new_key
from tests.units.browser import signed_in_as

TODAY = timezone.localdate()
YEAR = TODAY.year
LAST = YEAR - 1
DOCUMENTS, MEETINGS = "cn.documents.count", "cn.meetings.count"
FARM, HEALTH, SAFETY = "县农业农村局", "县卫生健康局", "县应急管理局"
TOWN, RIVER, STONE = "清水镇", "柳河镇", "石桥乡"
WHOLE = date.fromisoformat(f"{LAST}-{queries.settings()['whole_year_from']}")


def did(county, name: str, *days: date, kind: str = "document", emergency: bool = False) -> None:
    """Things that an office asked on days gone by, in its own account."""
    drafts = [
        Draft(county[name].pk, day, kind=kind, attributes={"account": "department"}, emergency=emergency)
        for day in days
    ]
    assert record(county.actor(f"文秘{name}"), drafts, new_key(), "补登").ok


def state(county, name: str, limit: str = DOCUMENTS, today: date = TODAY) -> tuple[State, int]:
    with as_tenant(county.tenant_id):
        (line,) = [one for one in queries.lines_of([county[name]], today) if one.limit.id == limit]
    return line.state, line.amount


def frozen(county, limit: str = DOCUMENTS, year: int = YEAR) -> dict[str, list[tuple]]:
    with as_tenant(county.tenant_id):
        rows = Baseline.objects.filter(limit_id=limit, year=year).select_related("bearer").order_by("version")
        found: dict[str, list[tuple]] = {}
        for one in rows:
            found.setdefault(one.bearer.name, []).append((one.amount, one.origin))
        return found


def freeze(county, *figures: tuple[str, int], limit: str = DOCUMENTS) -> None:
    for name, amount in figures:
        freeze_baseline(county.actor("两办"), county[name].pk, limit, YEAR, amount, f"{LAST}年登记簿")


# ---- 1 January ----


def test_on_1_january_the_year_that_ended_is_frozen_late_or_twice_but_once(own_county):
    did(own_county, FARM, date(LAST, 1, 5), date(LAST, 12, 31), date(YEAR, 1, 1), date(LAST - 1, 12, 31))
    did(own_county, FARM, date(LAST, 3, 1), emergency=True)  # counts apart
    did(own_county, TOWN, date(LAST, 6, 1), kind="meeting")
    assert state(own_county, FARM) == (State.DUE, 2)
    assert actions.freeze_from_ledger(own_county.tenant_id, TODAY) == 2
    assert frozen(own_county) == {FARM: [(2, "ledger")]}
    assert frozen(own_county, MEETINGS) == {TOWN: [(1, "ledger")]}
    did(own_county, FARM, date(LAST, 7, 1))  # entered after it was frozen
    assert actions.freeze_from_ledger(own_county.tenant_id, TODAY) == 0
    assert frozen(own_county) == {FARM: [(2, "ledger")]}
    assert state(own_county, HEALTH) == (State.NOTHING, 0)  # nobody says that nothing was nought


@pytest.mark.parametrize("day, frozen_today", [(WHOLE, State.DUE), (WHOLE + timedelta(days=1), State.PART)])
def test_a_ledger_that_began_in_january_knows_the_year_and_a_later_one_does_not(own_county, day, frozen_today):
    did(own_county, FARM, day)
    assert state(own_county, FARM) == (frozen_today, 1)
    assert actions.freeze_from_ledger(own_county.tenant_id, TODAY) == (frozen_today == State.DUE)


def test_the_last_day_of_the_year_freezes_that_of_the_year_before_and_the_first_day_this_one(own_county):
    did(own_county, FARM, date(LAST - 1, 1, 2), date(LAST, 1, 2), date(LAST, 5, 2))
    assert actions.freeze_from_ledger(own_county.tenant_id, date(LAST, 12, 31)) == 1
    assert actions.freeze_from_ledger(own_county.tenant_id, date(YEAR, 1, 1)) == 1
    assert frozen(own_county, year=LAST) == {FARM: [(1, "ledger")]}
    assert frozen(own_county) == {FARM: [(2, "ledger")]}


def test_what_is_frozen_measures_what_is_asked_next_and_without_it_nothing_is_stopped(own_county):
    assert issued(own_county, FARM) == "posted"
    did(own_county, FARM, date(LAST, 1, 5), date(LAST, 2, 5))
    actions.freeze_from_ledger(own_county.tenant_id, TODAY)
    assert [issued(own_county, FARM), issued(own_county, FARM)] == ["posted", "needs_reason"]


# ---- merged and split ----


def test_a_merged_unit_has_the_sum_and_a_split_one_its_shares_to_the_last_document(own_county):
    freeze(own_county, (TOWN, 30), (RIVER, 11), (FARM, 7))
    two = own_county.actor("两办")
    actions.name_successors(two, own_county[RIVER], TODAY, {own_county[TOWN].pk: 100}, "县委办公室")
    assert frozen(own_county)[TOWN] == [(30, "import"), (41, "units")]
    actions.name_successors(
        two, own_county[FARM], TODAY, {own_county[HEALTH].pk: 50, own_county[SAFETY].pk: 30}, "县委办公室"
    )
    after = frozen(own_county)
    assert (after[HEALTH], after[SAFETY], after[FARM][-1]) == ([(4, "units")], [(2, "units")], (1, "units"))
    with as_tenant(own_county.tenant_id):
        latest = Baseline.objects.filter(bearer=own_county[TOWN]).order_by("-version")[0]
    assert latest.parts == [{"unit_id": own_county[RIVER].pk, "name": RIVER, "share": 100, "amount": 11}]
    assert latest.office == "县委办公室"


def issued(county, name: str) -> str:
    one = asking("document", county[TOWN], attributes={"assessed": True}, amounts={"characters": 900})
    return actions.ask(county.actor(f"文秘{name}"), county[name], one, new_key()).outcome


def test_what_a_predecessor_has_used_this_year_is_not_had_a_second_time(own_county):
    freeze(own_county, (FARM, 5), (HEALTH, 1))
    assert [issued(own_county, FARM) for _ in range(3)] == ["posted"] * 3
    actions.name_successors(own_county.actor("两办"), own_county[FARM], TODAY, {own_county[HEALTH].pk: 100}, "县委编办")
    assert frozen(own_county) == {FARM: [(5, "import"), (3, "units")], HEALTH: [(1, "import"), (3, "units")]}
    assert issued(own_county, FARM) == "needs_reason"
    assert [issued(own_county, HEALTH) for _ in range(4)] == [*["posted"] * 3, "needs_reason"]


def test_what_is_posted_while_the_figures_are_divided_undoes_it(own_county, monkeypatch):
    freeze(own_county, (FARM, 5))
    divide = changing.divided

    def while_posting(*given):
        issued(own_county, FARM)
        return divide(*given)

    monkeypatch.setattr(changing, "divided", while_posting)
    with pytest.raises(NotInPlace, match="再试一次"):
        actions.name_successors(
            own_county.actor("两办"), own_county[FARM], TODAY, {own_county[HEALTH].pk: 100}, "县委编办"
        )
    assert frozen(own_county) == {FARM: [(5, "import")]}


@pytest.mark.parametrize(
    "share, used, part", [(1, 3, 3), (0.9, 9, 10), (0.9, 0, 0), (0.5, 1, 2), (0, 1, 12), (1, 99, 12)]
)
def test_the_part_of_a_figure_that_is_used_is_the_least_that_allows_it(share, used, part):
    limit = SimpleNamespace(value_on=lambda _day: SimpleNamespace(share=share))
    assert queries._least(12, used, limit, TODAY) == part


def test_the_ledger_of_a_predecessor_is_divided_up_to_the_day_of_the_change(own_county):
    since = date(LAST, 7, 1)
    did(own_county, FARM, *[date(LAST, 1, 4)] * 3, since - timedelta(days=1), *[since] * 3)
    did(own_county, HEALTH, date(LAST, 2, 1))
    with as_tenant(own_county.tenant_id):
        Predecessor.objects.create(unit=own_county[HEALTH], before=own_county[FARM], share=75, since=since, person_id=1)
    assert actions.freeze_from_ledger(own_county.tenant_id, TODAY) == 2
    assert frozen(own_county) == {FARM: [(4, "ledger")], HEALTH: [(4, "ledger")]}  # of four one stays, three go
    with as_tenant(own_county.tenant_id):
        found = Baseline.objects.get(bearer=own_county[HEALTH])
    assert found.parts == [{"unit_id": own_county[FARM].pk, "name": FARM, "share": 75, "amount": 3}]
    assert found.source == f"{LAST} 年台账（含 {FARM} 75%）"


@pytest.mark.parametrize("shares, why", [
    ({HEALTH: 60, SAFETY: 41}, "不超过 100%"), ({HEALTH: 0}, "至少 1%"), ({FARM: 50}, "不能是它自己"),
    ({}, "由哪些单位"), ({TOWN: 50}, "同一类"),
])  # fmt: skip
def test_shares_that_cannot_be_change_nothing(county, shares, why):
    named = {county[name].pk: share for name, share in shares.items()}
    with pytest.raises(NotInPlace, match=why):
        actions.name_successors(county.actor("两办"), county[FARM], TODAY, named, "县委办")
    with as_tenant(county.tenant_id):
        assert not queries.successions().exists()


def test_a_unit_is_followed_once_today_or_earlier_this_year(own_county):
    two, to = own_county.actor("两办"), {own_county[HEALTH].pk: 100}
    for day in (TODAY + timedelta(days=1), date(LAST, 12, 31)):
        with pytest.raises(NotInPlace, match="今年、今天或以前"):
            actions.name_successors(two, own_county[FARM], day, to, "县委办")
    actions.name_successors(two, own_county[FARM], TODAY, to, "县委办")
    with pytest.raises(NotInPlace, match="已经说过"):
        actions.name_successors(two, own_county[FARM], TODAY, to, "县委办")
    with pytest.raises(Forbidden):
        actions.name_successors(own_county.actor(f"负责人{SAFETY}"), own_county[SAFETY], TODAY, to, "县委办")


def test_a_share_is_not_lost_where_the_successor_was_frozen_meanwhile(own_county, monkeypatch):
    freeze(own_county, (RIVER, 11), (TOWN, 30))
    known = changing._by_place

    def before_town(rows):
        return {place: row for place, row in known(rows).items() if place[0] != own_county[TOWN].pk}

    monkeypatch.setattr(changing, "_by_place", before_town)
    with pytest.raises(NotInPlace, match="刚才有人改过了"):
        actions.name_successors(
            own_county.actor("两办"), own_county[RIVER], TODAY, {own_county[TOWN].pk: 100}, "县委办公室"
        )
    with as_tenant(own_county.tenant_id):
        assert not queries.successions().exists()


# ---- bringing figures along, and the pages ----


def workbook(*rows) -> io.BytesIO:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("基数")
        for number, row in enumerate([COLUMNS, *rows]):
            sheet.write_row(number, 0, row)
    target.seek(0)
    target.name = "baselines.xlsx"
    return target


def sheet(text: str, encoding: str) -> io.BytesIO:
    file = io.BytesIO(text.encode(encoding))
    file.name = "基数.csv"
    return file


def send(county, file, who: str = "两办") -> str:
    return signed_in_as(county, who).post(reverse("offices:baselines_import"), {"workbook": file}).content.decode()


def rows_of(browser, address: str) -> list[list]:
    with CalamineWorkbook.from_filelike(io.BytesIO(browser.get(reverse(address)).content)) as book:
        return book.get_sheet_by_index(0).to_python()


def held(page: str) -> str:
    return re.search(r'name="rows" value="([^"]+)"', page)[1]


def test_a_list_is_looked_at_first_and_frozen_when_told_to(own_county):
    freeze(own_county, (SAFETY, 5))
    page = send(own_county, workbook(
        [FARM, "发文数量", LAST, 73, "2025年发文登记簿"], [HEALTH, DOCUMENTS, f"{LAST}年", "０", "县委办核实"],
        [SAFETY, "发文数量", LAST, 5, "再报一次"], [TOWN, "发文数量", LAST, "", ""],
    ))  # fmt: skip
    assert "会冻结 2 个" in page and "1 个已经冻结，数一样" in page
    assert frozen(own_county) == {SAFETY: [(5, "import")]}
    browser = signed_in_as(own_county, "两办")
    for _twice in range(2):
        browser.post(reverse("offices:baselines_import"), {"rows": held(page)})
        assert frozen(own_county) == {SAFETY: [(5, "import")], FARM: [(73, "import")], HEALTH: [(0, "import")]}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_of_excel_or_wps_is_read_too(county, encoding):
    text = ",".join(COLUMNS) + f"\r\n{TOWN},会议数量,{LAST},12,会议台账\r\n"
    assert "会冻结 1 个" in send(county, sheet(text, encoding))


def test_bad_rows_are_named_by_row_and_column_and_nothing_is_frozen(own_county):
    freeze(own_county, (SAFETY, 5))
    page = send(own_county, workbook(
        [FARM, "发文数量", LAST, 73, "登记簿"], ["县水务局", "发文数量", LAST, 1, "登记簿"],
        [FARM, "发红包", LAST, 1, "登记簿"], [HEALTH, "发文数量", YEAR, -1, ""],
        [FARM, "发文数量", LAST, 74, "登记簿"], [SAFETY, "发文数量", LAST, 6, "登记簿"],
        [TOWN, "发文数量", LAST, 1.5, "登记簿"],
    ))  # fmt: skip
    for place, why in (
        ("A3", "没有“县水务局”这个单位"), ("B4", "只能填：发文数量、会议数量"), ("C5", f"今年用的是 {LAST} 年的数"),
        ("D5", "应填 0 以上的整数"), ("E5", "请写这个数从哪里来"), ("A6", "和第 2 行是同一个"), ("D7", "已经冻结为 5"),
        ("D8", "应填 0 以上的整数"),
    ):  # fmt: skip
        assert f"{place}：{why}" in page, (place, why)
    assert "name=\"rows\"" not in page and frozen(own_county) == {SAFETY: [(5, "import")]}


def test_what_was_looked_at_cannot_be_sent_by_somebody_else_or_changed(own_county):
    rows = held(send(own_county, workbook([FARM, "发文数量", LAST, 73, "登记簿"])))
    address = reverse("offices:baselines_import")
    signed_in_as(own_county, "管理员").post(address, {"rows": rows})
    signed_in_as(own_county, "两办").post(address, {"rows": rows[:-1] + "x"})
    assert frozen(own_county) == {}


def test_the_page_shows_figure_source_and_what_is_missing_and_the_template_has_those_lines(own_county):
    freeze(own_county, (FARM, 73))
    did(own_county, HEALTH, WHOLE + timedelta(days=1))
    browser = signed_in_as(own_county, "两办")
    page = browser.get(reverse("offices:baselines"), {"q": "发文"}).content.decode()
    assert "73" in page and f"{LAST}年登记簿" in page and "台账不满一年，请导入" in page and "台账里 1" in page
    missing = browser.get(reverse("offices:baselines"), {"what": "missing"}).content.decode()
    assert f"{LAST}年登记簿" not in missing
    lines = rows_of(browser, "offices:baselines_template")
    assert lines[0] == list(COLUMNS) and [*lines[[x[0] for x in lines].index(HEALTH)][:3]] == [HEALTH, "发文数量", LAST]
    assert [FARM, "发文数量"] not in [line[:2] for line in lines]
    exported = rows_of(browser, "offices:baselines_export")
    assert [FARM, "发文数量", 73, "导入"] in [[x[0], x[1], x[3], x[4]] for x in exported]
    own = signed_in_as(own_county, f"文秘{FARM}").get(reverse("offices:baselines")).content.decode()
    assert "发文数量" in own and HEALTH not in own


def test_a_new_version_is_written_on_the_page_and_what_was_typed_stays_where_it_does_not_fit(own_county):
    freeze(own_county, (FARM, 73))
    with as_tenant(own_county.tenant_id):
        address = reverse("offices:baseline", args=[Baseline.objects.get().pk])
    browser = signed_in_as(own_county, "两办")
    page = browser.post(address, {"amount": 73, "office": "县委办公室", "reason": "核对"}).content.decode()
    assert "和现在的数一样" in page and "县委办公室" in page
    said = {"amount": 70, "office": "县委办公室", "reason": "三件是转发的，不算本单位的"}
    assert browser.post(address, said).status_code == 302
    assert "刚才有人改过了" in browser.post(address, {**said, "amount": 69}).content.decode()  # an old page
    shown = browser.get(address).content.decode()
    assert "第 2 版：70" in shown and "第 1 版：73" in shown and "三件是转发的" in shown
    (shown_at,) = re.findall(r'<form method="post" class="form" action="([^"]+)"', shown)  # the version that is shown
    told = browser.post(shown_at, {**said, "amount": 68})
    assert told.status_code == 302 and "第 3 版：68" in browser.get(told.url).content.decode()
    clerk = signed_in_as(own_county, f"文秘{FARM}")
    assert clerk.get(address).status_code == 200 and clerk.post(address, said).status_code == 403
    assert signed_in_as(own_county, f"文秘{HEALTH}").get(address).status_code == 403


def test_successors_are_named_on_the_page(own_county):
    freeze(own_county, (FARM, 9))
    browser, address = signed_in_as(own_county, "两办"), reverse("offices:baseline_units")
    said = {"before": own_county[FARM].pk, "since": TODAY, "office": "县委编办", "unit_1": own_county[HEALTH].pk}
    half = browser.post(address, {**said, "share_1": 60, "unit_2": own_county[SAFETY].pk}).content.decode()
    assert "单位和百分比要一起写" in half
    assert browser.post(address, {**said, "share_1": 60}).status_code == 302
    assert frozen(own_county) == {FARM: [(9, "import"), (4, "units")], HEALTH: [(5, "units")]}
    assert f"{FARM} → {HEALTH}" in browser.get(address).content.decode()
