"""A family's tap: one more in a counter, once a day, to be changed the same day, and known to nobody."""

import hashlib
import hmac
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from qingfu.notices import actions, jobs
from qingfu.notices.answers import FLOOR, TRIES
from qingfu.notices.models import FamilyCount
from qingfu.server.backup import back_up, run_client, unpacked
from qingfu.server.databases import connection_facts, running_database
from qingfu.units.models import AuditRecord, Seat, Token, Unit
from qingfu.units.tenancy import as_tenant, sign
from tests.factories import make_county

from .conftest import OPTIONAL, answered, counts, family_of, link_of, owned, read, tap


@pytest.fixture
def told(county, three1, wednesday):
    """The counters of 三(1)班 on the Wednesday by (kind, band)."""

    def now() -> dict:
        return {key[2:]: count for key, count in counts(county).items() if key[:2] == (three1.pk, wednesday)}

    return now


# ---- counting ----


def test_a_tap_is_one_more_in_the_counter_of_its_band(clock, told, family):
    response = tap(family, time="30-45")
    assert response.status_code == 200
    assert "记下了，谢谢" in response.content.decode()
    assert told() == {("time", "30-45"): 1}


def test_the_same_tap_again_counts_nothing(clock, told, family):
    tap(family, time="30-45")
    tap(family, time="30-45")
    assert told() == {("time", "30-45"): 1}


def test_another_band_the_same_day_replaces_the_first(clock, told, family, county, three1):
    tap(family_of(county, three1), time="30-45")
    tap(family, time="30-45")
    tap(family, time="60-")
    assert told() == {("time", "30-45"): 1, ("time", "60-"): 1}
    tap(family, time="0-30")
    assert told() == {("time", "30-45"): 1, ("time", "0-30"): 1}


def test_each_question_is_answered_by_itself(clock, told, family):
    for pressed in ({"time": "45-60"}, {"unposted": "1"}, {"bedtime": "1"}):
        tap(family, **pressed)
    assert told() == {("time", "45-60"): 1, ("unposted", ""): 1, ("bedtime", ""): 1}


def test_a_wrong_tap_can_be_taken_back_and_given_again(clock, told, family):
    tap(family, unposted="1")
    assert "收回了" in tap(family, take_back="unposted").content.decode()
    assert told() == {}
    tap(family, take_back="unposted")
    assert told() == {}
    tap(family, unposted="1")
    assert told() == {("unposted", ""): 1}


def test_the_next_evening_counts_anew(clock, told, family, county, three1, wednesday):
    tap(family, time="30-45")
    clock.set(wednesday + timedelta(days=1))
    tap(family, time="30-45")
    assert sorted(day for _, day, *_ in counts(county)) == [wednesday, wednesday + timedelta(days=1)]


@pytest.mark.parametrize("at", ["00:20", "07:59"])
def test_a_tap_after_midnight_belongs_to_the_evening_before(clock, told, family, wednesday, at):
    tap(family, time="60-")
    clock.set(wednesday + timedelta(days=1), at)
    tap(family, bedtime="1")
    tap(family, time="30-45")
    assert told() == {("time", "30-45"): 1, ("bedtime", ""): 1}


def test_brothers_and_sisters_count_each_in_her_own_class(clock, county, three1):
    five1 = county.class_("五(1)班")
    token = family_of(county, three1, five1)
    tap(token, "?child=1", time="30-45")
    tap(token, "?child=2", time="60-")
    assert {(unit, band): n for (unit, _, _, band), n in counts(county).items()} == {
        (five1.pk, "30-45"): 1,
        (three1.pk, "60-"): 1,
    }


def test_a_class_of_fewer_than_five_seats_is_counted_in_the_county_and_told_so_before(clock, county, three1):
    with as_tenant(county.tenant_id):
        Unit.objects.filter(pk=three1.pk).update(seats=FLOOR - 1)
    token = family_of(county, three1)
    assert "做不到不记名" in read(token)
    tap(token, time="30-45")
    assert [unit for unit, *_ in counts(county)] == [county.tenant_id]


# ---- who may not ----


def test_a_class_link_reads_only_and_says_why(clock, county, three1, told):
    response = tap(link_of(county, "class", three1.pk), time="30-45")
    assert response.status_code == 403
    assert "这个链接只能看，不能答" in response.content.decode()
    assert told() == {}


def test_nobody_answers_for_another_familys_child(clock, county, three1, told):
    assert tap(family_of(county, three1), "?child=2", time="30-45").status_code == 404
    assert told() == {}


@pytest.mark.parametrize("pressed", [{"time": "5-7"}, {"time": ""}, {"who": "1"}, {}, {"take_back": "all"}])
def test_answers_that_nobody_asked_for_are_refused(clock, family, told, pressed):
    response = tap(family, **pressed)
    assert response.status_code == 400
    assert "没有记下" in response.content.decode()
    assert told() == {}


def test_a_link_that_taps_without_end_is_slowed_down(clock, family, told):
    codes = [tap(family, time=("0-30", "30-45")[n % 2]).status_code for n in range(TRIES[0] + 2)]
    assert codes == [200] * TRIES[0] + [429] * 2
    assert sum(told().values()) == 1


def test_a_form_needs_no_cookie_and_sets_none(clock, family):
    client = Client(enforce_csrf_checks=True)
    client.get(f"/c/{family}")
    response = client.post(f"/c/{family}", {"time": "30-45"})
    assert response.status_code == 200
    assert not client.cookies


def test_the_other_county_hears_nothing(clock, family, county):
    other = make_county()
    tap(family, time="30-45")
    assert counts(other) == {}
    token = family_of(other, other.class_("三(1)班"))
    tap(token, time="60-")
    assert sorted(key[3] for key in counts(county)) == ["30-45"]
    assert sorted(key[3] for key in counts(other)) == ["60-"]


# ---- what is kept ----


def test_a_counter_has_no_row_for_an_answer_no_time_and_no_order():
    columns = {column.name for column in FamilyCount._meta.local_concrete_fields}
    assert columns == {"tenant_id", "unit", "day", "kind", "band", "count"}


def test_a_tap_leaves_no_audit_record(clock, family, county):
    with as_tenant(county.tenant_id):
        before = AuditRecord.objects.count()
    tap(family, time="30-45")
    with as_tenant(county.tenant_id):
        assert AuditRecord.objects.count() == before


def test_what_was_left_over_is_written_nowhere(clock, family, county, three1, homework):
    text = "练习册第 3 题，鸡兔同笼"
    demand = homework("数学", text, 20)
    html = tap(family, bedtime="1", left=str(demand)).content.decode()
    assert f"今晚21:20停笔，余数学：{text}。" in html
    ((mark, choice),) = owned("SELECT mark, choice FROM notices_answered WHERE tenant_id = %s", county.tenant_id)
    again = tap(family, bedtime="1").content.decode()
    assert text not in again.partition("<textarea")[2].partition("</textarea>")[0]
    assert owned("SELECT mark, choice FROM notices_answered WHERE tenant_id = %s", county.tenant_id) == [(mark, choice)]
    assert [key[2:] for key in counts(county)] == [("bedtime", "")]


def test_the_line_for_the_teacher_says_last_night_in_the_morning(clock, family, homework, wednesday):
    demand = homework("数学", "第 3 题", 20)
    other = homework("英语", "说一说", 5, OPTIONAL)
    clock.set(wednesday + timedelta(days=1), "07:10")
    html = tap(family, bedtime="1", left=[str(demand), str(other)]).content.decode()
    assert "昨晚21:20停笔，余数学：第 3 题；英语：说一说。" in html
    assert html.count("checked") == 2
    assert "昨晚21:20停笔，没有全部写完。" in tap(family, bedtime="1").content.decode()


def test_left_over_of_others_or_of_nothing_is_ignored(clock, family):
    assert "停笔，没有全部写完。" in tap(family, bedtime="1", left=["99999999", "<b>"]).content.decode()


# ---- the key of the day ----


def test_marks_are_noise_and_say_neither_seat_nor_band(clock, family, county, wednesday):
    tap(family, time="30-45")
    (row,) = owned(
        "SELECT mark, choice FROM notices_answered WHERE tenant_id = %s AND day = %s", county.tenant_id, wednesday
    )
    assert [len(bytes(part)) for part in row] == [32, 32]
    columns = owned("SELECT column_name FROM information_schema.columns WHERE table_name = 'notices_answered'")
    assert {name for (name,) in columns} == {"tenant_id", "day", "mark", "choice"}


@pytest.mark.parametrize("table", ["notices_daykey", "notices_answered"])
def test_the_application_can_read_neither_key_nor_mark(county, table):
    with pytest.raises(Exception, match="permission denied"), as_tenant(county.tenant_id):
        connection.cursor().execute(f"SELECT * FROM {table}")


def test_the_application_can_only_count_through_the_function(county, three1, wednesday):
    with pytest.raises(Exception, match="permission denied"), as_tenant(county.tenant_id):
        FamilyCount.objects.create(unit=three1, day=wednesday, kind="time", band="60-", count=30)


@pytest.mark.parametrize("table", ["notices_daykey", "notices_answered"])
def test_both_tables_are_unlogged(cluster, table):
    assert owned("SELECT relpersistence FROM pg_class WHERE relname = %s", table) == [("u",)]


def test_the_key_is_destroyed_the_next_morning_with_its_marks(clock, family, county, wednesday):
    tap(family, time="30-45")
    before = file_of("notices_daykey"), file_of("notices_answered")
    clock.set(wednesday + timedelta(days=1), "08:01")
    jobs.destroy_keys(0)
    assert owned("SELECT count(*) FROM notices_daykey WHERE tenant_id = %s", county.tenant_id) == [(0,)]
    assert owned("SELECT count(*) FROM notices_answered WHERE tenant_id = %s", county.tenant_id) == [(0,)]
    after = file_of("notices_daykey"), file_of("notices_answered")
    assert before[0] != after[0] and before[1] != after[1]  # new files: not even a dead row stays
    assert sum(counts(county).values()) == 1


def file_of(table: str) -> str:
    return owned("SELECT pg_relation_filepath(%s::regclass)", table)[0][0]


def test_no_backup_holds_a_key_or_a_mark(clock, family, county, tmp_path):
    tap(family, time="30-45")
    pads = owned("SELECT inner_pad, outer_pad FROM notices_daykey WHERE tenant_id = %s", county.tenant_id)[0]
    marks = owned("SELECT mark, choice FROM notices_answered WHERE tenant_id = %s", county.tenant_id)[0]
    manifest = back_up(tmp_path / "backup.qf")
    assert {"public.notices_daykey", "public.notices_answered"} <= set(manifest["left_out"])
    with running_database() as database, unpacked(tmp_path / "backup.qf") as folder:
        run_client(database, "backup", "pg_restore", "--file", tmp_path / "all.sql", folder / "database.dump")
    text = (tmp_path / "all.sql").read_text()
    assert "notices_familycount" in text
    assert not [secret for secret in (*pads, *marks) if bytes(secret).hex() in text]


def test_keys_of_the_present_evening_outlive_the_job(clock, family, told):
    tap(family, time="30-45")
    jobs.destroy_keys(0)
    tap(family, time="60-")
    assert told() == {("time", "60-"): 1}


def test_a_late_job_leaks_nothing_since_the_first_tap_of_a_new_evening_destroys_the_old_key(
    clock, family, county, three1, wednesday
):
    tap(family, time="30-45")
    clock.set(wednesday + timedelta(days=1))
    tap(family_of(county, three1), time="30-45")
    days = owned("SELECT day FROM notices_daykey WHERE tenant_id = %s", county.tenant_id)
    assert days == [(wednesday + timedelta(days=1),)]
    marks = owned("SELECT DISTINCT day FROM notices_answered WHERE tenant_id = %s", county.tenant_id)
    assert marks == [(wednesday + timedelta(days=1),)]


@pytest.fixture
def app(county):
    """A connection as the app has it, in a transaction of the county: somebody who can run SQL in our place."""
    with psycopg.connect(**connection_facts("app")) as raw:
        raw.execute("SELECT set_config('qingfu.tenant', %s, true)", [sign(county.tenant_id, raw.info.backend_pid)])
        yield raw
        raw.rollback()


@pytest.fixture
def seat(county, family, three1) -> int:
    with as_tenant(county.tenant_id):
        return Seat.objects.filter(unit=three1).latest("pk").pk


def say(raw: psycopg.Connection, seat: int, band: str | None, kind: str = "time") -> str:
    return raw.execute("SELECT notices.answer(%s, %s, %s)", [seat, kind, band]).fetchone()[0]


def test_no_caller_says_which_evening_it_is_how_few_are_enough_or_what_may_be_answered(cluster):
    takes = owned(
        "SELECT p.proname, pg_get_function_identity_arguments(p.oid) FROM pg_proc p "
        "WHERE p.pronamespace = 'notices'::regnamespace AND has_function_privilege('qingfu_app', p.oid, 'EXECUTE')"
    )
    assert sorted(takes) == [
        ("answer", "seat bigint, what text, band text"),
        ("destroy_keys", ""),
        ("evening", ""),
        ("forget_counts", "kinds text[], before date"),
    ]


def test_nobody_destroys_the_keys_of_an_evening_that_is_not_over(clock, family, county, app, told):
    tap(family, time="30-45")
    other = make_county()
    tap(family_of(other, other.class_("三(1)班")), time="30-45")
    app.execute("SELECT notices.destroy_keys()")
    app.commit()
    tap(family, time="60-")
    assert told() == {("time", "60-"): 1}
    assert owned("SELECT count(*) FROM notices_daykey WHERE tenant_id = %s", other.tenant_id) == [(1,)]


@pytest.mark.parametrize(
    "kind, band", [("time", "0-45"), ("time", ""), ("unposted", "60-"), ("who", ""), ("who", None)]
)
def test_the_database_counts_only_what_the_grade_is_asked(clock, app, seat, kind, band):
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        say(app, seat, band, kind)


def test_one_word_comes_back_whatever_a_seat_has_answered(clock, app, seat):
    """First, the same, another, taken back, nothing to take back: a guess and a ROLLBACK would tell them apart."""
    assert {say(app, seat, band) for band in ("30-45", "30-45", "60-", None, None)} == {"heard"}


def test_the_app_cannot_read_the_counts_of_the_running_evening(clock, app, seat, county, wednesday):
    say(app, seat, "30-45")
    assert app.execute("SELECT count(*) FROM notices_familycount").fetchone() == (0,)
    app.commit()
    clock.set(wednesday + timedelta(days=1), "08:00")
    app.execute("SELECT set_config('qingfu.tenant', %s, true)", [sign(county.tenant_id, app.info.backend_pid)])
    assert app.execute("SELECT day, count FROM notices_familycount").fetchall() == [(wednesday, 1)]


def test_the_counter_of_a_links_taps_and_that_of_answers_are_written_apart(clock, family, cluster):
    """By the number of the writing transaction one could else find out which link gave which answer."""
    tap(family, time="30-45")
    with psycopg.connect(**cluster.connection("superuser")) as raw:
        assert raw.execute("SELECT count(*) > 0 FROM tenancy.tries WHERE kind = 'tap'").fetchone()[0]
        together = "SELECT count(*) FROM notices_familycount f JOIN tenancy.tries t ON t.xmin = f.xmin"
        assert raw.execute(together).fetchone() == (0,)


def test_the_backup_role_reads_neither_key_nor_mark_nor_the_taps_of_a_link(cluster):
    for table in ("notices_daykey", "notices_answered", "tenancy.tries", "tenancy.signing"):
        with (
            psycopg.connect(**connection_facts("backup")) as raw,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            raw.execute(f"SELECT * FROM {table}")


def test_two_counties_have_different_keys(clock, family, county):
    other = make_county()
    tap(family, time="30-45")
    tap(family_of(other, other.class_("三(1)班")), time="30-45")
    keys = owned("SELECT inner_pad FROM notices_daykey WHERE tenant_id IN (%s, %s)", county.tenant_id, other.tenant_id)
    assert len({bytes(key) for (key,) in keys}) == 2


def test_the_keyed_hash_is_hmac_sha256(cluster):
    (said,) = owned(
        "SELECT notices.mac((1, '2026-11-18', notices.pad('mimi', 54), notices.pad('mimi', 92))::notices_daykey, 'x.y')"
    )
    assert bytes(said[0]) == hmac.new(b"mimi", b"x.y", hashlib.sha256).digest()


def test_two_taps_of_one_family_at_once_count_once(clock, family, told, wednesday):
    def press(band: str) -> int:
        try:
            return tap(family, time=band).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(press, ["0-30", "30-45", "45-60"] * 4))
    assert set(codes) == {200}
    assert sum(told().values()) == 1


# ---- forgetting ----


def test_counts_are_forgotten_when_their_time_is_over(county, three1):
    today = timezone.localdate()
    days = {"now": today, "last term": today - timedelta(days=250), "long ago": today - timedelta(days=1200)}
    for day in days.values():
        answered(county, three1, day, "time", {"60-": 7})
        answered(county, three1, day, "unposted", {"": 7})
    jobs.forget(0)
    left = {(kind, name) for (_, day, kind, _) in counts(county) for name, one in days.items() if one == day}
    assert left == {("time", "now"), ("unposted", "now"), ("time", "last term")}


def test_actions_know_no_link_but_a_familys(county, three1):
    link = Token(id=1, tenant_id=county.tenant_id, kind="family", subject_id=-1)
    with as_tenant(county.tenant_id):
        family_of(county, three1)
        seat = Seat.objects.select_related("unit").filter(unit=three1).first()
        with pytest.raises(actions.NotAsked):
            actions.answer(link, seat, "time", "30-45")


def test_no_address_of_a_page_carries_an_answer(clock, family):
    html = read(family) + tap(family, time="30-45").content.decode()
    assert 'method="post"' in html
    assert not re.search(r'(href|action)="[^"]*(30-45|bedtime|unposted)', html)
