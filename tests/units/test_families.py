"""Family codes: one slip for each household, printed again, replaced, shared by siblings."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qingfu.units.actions import (
    TooManyTries,
    UnknownCode,
    code_of,
    hash_of,
    issue_link,
    join_family,
    print_slips,
    replace_family_code,
    replace_link,
    seat_classes,
    split_family,
)
from qingfu.units.models import Family, Seat, Token, Unit
from qingfu.units.queries import Forbidden, resolve
from qingfu.units.tenancy import as_tenant
from tests.factories import make_county
from tests.units.browser import signed_in_as


@pytest.fixture
def inside(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        yield fresh_county


def slips(county, class_="三(1)班", by="周涛") -> list[Seat]:
    return print_slips(county.actor(by), county.class_(class_))


def opens(code: str) -> bool:
    return resolve(hash_of(code)) is not None


def test_every_seat_of_a_class_gets_a_code_of_its_own(inside):
    seats = slips(inside)
    assert [seat.number for seat in seats] == list(range(1, 46))
    codes = {code_of(seat.family) for seat in seats}
    assert len(codes) == 45 and all(opens(code) for code in codes)


def test_printed_again_the_slips_are_the_same(inside):
    first = [code_of(seat.family) for seat in slips(inside)]
    assert [code_of(seat.family) for seat in slips(inside)] == first


def test_a_code_can_be_read_and_typed_and_not_be_guessed(inside):
    code = code_of(slips(inside)[0].family)
    assert len(code) == 24 and set(code) <= set("0123456789abcdefghjkmnpqrstvwxyz")
    assert not opens(code[:-1]) and not opens("0" * 24) and not opens(code.upper())


def test_the_database_cannot_give_a_code_away(inside):
    code = code_of(slips(inside)[0].family)
    with connection.cursor() as cursor:
        for table in ("units_family", "units_seat", "units_token"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            assert code not in cursor.fetchone()[0]


def test_a_lost_slip_is_replaced_and_opens_nothing_more(inside):
    seat = slips(inside)[6]
    old = code_of(seat.family)
    new = replace_family_code(inside.actor("周涛"), seat)
    assert new != old and opens(new) and not opens(old)
    assert code_of(slips(inside)[6].family) == new
    others = [code_of(seat.family) for seat in slips(inside) if seat.number != 7]
    assert all(opens(code) for code in others)


def test_a_class_that_grows_keeps_its_slips_and_one_that_shrinks_loses_the_last(inside):
    before = [code_of(seat.family) for seat in slips(inside)]
    class_ = inside.class_("三(1)班")
    class_.seats = 47
    assert seat_classes([class_]) == 2
    class_.seats = 44
    assert seat_classes([class_]) == 0
    assert Seat.objects.filter(unit=class_).count() == 44 and not opens(before[44]) and opens(before[43])


# ---- siblings ----


def sibling_slip(county) -> str:
    return code_of(slips(county, "四(1)班", by="周涛")[2].family)


@pytest.mark.parametrize("as_typed", [
    lambda code: code, lambda code: code[:8], lambda code: f"{code[:4]} {code[4:8]}", lambda code: code[:8].upper(),
    lambda code: f"https://qingfu.example/f/{code}/", lambda code: code[:8].replace("0", "O").replace("1", "l"),
    lambda code: f"{code[:4]}-{code[4:8]}",
])  # fmt: skip
def test_the_office_joins_siblings_by_the_code_on_the_other_slip(inside, as_typed):
    seat, code = slips(inside)[0], sibling_slip(inside)
    own = code_of(seat.family)
    family = join_family(inside.actor("周涛"), seat, as_typed(code))
    assert code_of(family) == code and {s.unit.name for s in family.seats.select_related("unit")} == {
        "三(1)班",
        "四(1)班",
    }
    assert opens(code) and not opens(own)
    assert code_of(slips(inside)[0].family) == code


def test_a_wrong_code_is_told_and_changes_nothing(inside):
    seat = slips(inside)[0]
    for wrong in ("", "aaaa-bbbb", "x" * 24, "../../", "%00"):
        with pytest.raises(UnknownCode):
            join_family(inside.actor("周涛"), seat, wrong)
    assert opens(code_of(Seat.objects.get(pk=seat.pk).family))


def test_codes_of_another_county_join_nothing(fresh_county):
    other = make_county()
    with as_tenant(other.tenant_id):
        code = code_of(slips(other)[0].family)
    with as_tenant(fresh_county.tenant_id), pytest.raises(UnknownCode):
        join_family(fresh_county.actor("周涛"), slips(fresh_county)[0], code)


def test_codes_cannot_be_tried_without_end(inside):
    seat = slips(inside)[0]
    with pytest.raises(TooManyTries):
        for _ in range(31):
            try:
                join_family(inside.actor("周涛"), seat, "aaaabbbb")
            except UnknownCode:
                pass


def test_siblings_are_parted_again_with_a_new_code(inside):
    seat, code = slips(inside)[0], sibling_slip(inside)
    join_family(inside.actor("周涛"), seat, code)
    new = split_family(inside.actor("周涛"), seat)
    assert opens(new) and opens(code) and new != code
    assert not Family.objects.filter(seats=None).exists()


# ---- who ----


@pytest.mark.parametrize("name, class_, allowed", [
    ("李强", "三(1)班", False), ("王丽", "三(1)班", False), ("周涛", "三(2)班", True), ("吴校长", "三(1)班", False),
    ("孙校长", "六(2)班", True), ("刘科长", "三(1)班", False), ("管理员", "三(1)班", True), ("赵敏", "三(1)班", False),
])  # fmt: skip
def test_who_prints_slips(inside, name, class_, allowed):
    if allowed:
        assert slips(inside, class_, by=name)
        return
    with pytest.raises(Forbidden):
        slips(inside, class_, by=name)


def test_the_class_teacher_never_holds_the_codes_of_her_class(inside):
    """She sees their answers as counts; with all the slips but one she could answer for all but one."""
    seat = slips(inside)[0]
    for name in ("李强", "王丽", "刘科长"):
        for act in (
            lambda a: replace_family_code(a, seat),
            lambda a: join_family(a, seat, "x"),
            lambda a: split_family(a, seat),
        ):
            with pytest.raises(Forbidden):
                act(inside.actor(name))


def test_her_page_of_links_shows_no_family_code(fresh_county):
    class_ = fresh_county.class_("三(1)班")
    with as_tenant(fresh_county.tenant_id):
        shown = code_of(slips(fresh_county)[0].family)[:4] + "-"
    hers = signed_in_as(fresh_county, "李强").get(f"/manage/units/{class_.pk}/links/").content.decode()
    deans = signed_in_as(fresh_county, "周涛").get(f"/manage/units/{class_.pk}/links/").content.decode()
    assert shown not in hers and "家庭码由教务处打印" in hers and shown in deans


# ---- links of classes, schools and boards ----


def test_a_link_is_replaced_and_the_old_one_is_never_issued_again(inside):
    class_ = inside.class_("三(1)班")
    links = [issue_link("class", inside.tenant_id, class_.pk)]
    links += [replace_link(inside.actor("李强"), "class", class_) for _ in range(3)]
    assert len(set(links)) == 4 and [opens(link) for link in links] == [False, False, False, True]
    assert issue_link("class", inside.tenant_id, class_.pk) == links[-1]


def test_a_token_says_whose_page_it_opens(inside):
    class_ = inside.class_("三(1)班")
    tenant_id, kind, subject_id, _token = resolve(hash_of(issue_link("class", inside.tenant_id, class_.pk)))
    assert (tenant_id, kind, subject_id) == (inside.tenant_id, Token.Kind.CLASS, class_.pk)


def test_a_thousand_seats_take_few_statements(inside):
    classes = list(Unit.objects.filter(kind="class"))
    with CaptureQueriesContext(connection) as queries:
        assert seat_classes(classes) == 12 * 45 + 6 * 50
    assert len(queries) < 10
