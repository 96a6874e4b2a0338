"""A chain of levels only ever tightens: what the nation refuses, no county or school lets pass."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from qingfu.rulebook import Bearer, Demand, Pack, Rulebook, Verdict, load_calendar, load_national

CALENDAR = load_calendar()
NATION = load_national()
NATIONAL = Rulebook(NATION)
DAYS = st.dates(date(2018, 9, 1), date(2027, 7, 1))
GRADES = st.integers(1, 9)
FORCES = st.sampled_from(["must", "ban", "principle", "general", "encourage", "target", "report"])


@st.composite
def local_packs(draw):
    """A county's pack with a few limits on homework, strict or lax, on all sorts of demands."""
    limits = "".join(
        f"""
        [[limit]]
        id = "local.{number}"
        title = "地方规定"
        kind = "homework"
        where = {draw(st.sampled_from(["{}", '{ form = "written" }', '{ subject = "语文" }']))}
        bearer = "class"
        form = "{draw(st.sampled_from(["at_most", "each_at_most"]))}"
        measure = "minutes"
        window = "{draw(st.sampled_from(["school_day", "rest_day", "day", "week"]))}"
        force = "{draw(FORCES)}"
        [[limit.value]]
        from = {draw(st.dates(date(2018, 1, 1), date(2026, 1, 1)))}
        cap = {draw(st.integers(0, 200))}
        document = "d"
        confidence = "local"
        """
        for number in range(draw(st.integers(0, 3)))
    )
    return Pack.from_toml(
        f"""
        [pack]
        id = "local"
        level = "county"
        title = "地方"
        [documents.d]
        title = "地方规定"
        {limits}
        """
    )


@st.composite
def homework(draw):
    attributes = {
        "form": draw(st.sampled_from(["written", "oral", "practical"])),
        "required": draw(st.booleans()),
        "place": draw(st.sampled_from(["课内", "课后服务", "家庭"])),
        "subject": draw(st.sampled_from(["语文", "数学"])),
    }
    bearer = Bearer(1, "class", grade=draw(GRADES))
    return Demand("homework", bearer, draw(DAYS), {"minutes": draw(st.integers(0, 120))}, attributes)


def verdict(rulebook, demand, used):
    breaches = rulebook.judge(demand, CALENDAR, used=lambda charge: used)
    return max((breach.verdict for breach in breaches), default=Verdict.PASS)


@given(homework(), local_packs(), st.integers(0, 90))
def test_more_rules_never_let_more_pass(demand, local, used):
    chain = Rulebook([*NATION, local])
    assert verdict(chain, demand, used) >= verdict(NATIONAL, demand, used)


@given(homework(), local_packs())
def test_a_local_pack_takes_nothing_from_the_national_budgets(demand, local):
    chain = Rulebook([*NATION, local])
    assert chain.charges(demand, CALENDAR)[: len(NATIONAL.charges(demand, CALENDAR))] == NATIONAL.charges(
        demand, CALENDAR
    )


@given(homework(), st.integers(0, 90))
def test_totals_are_judged_by_the_charges_and_nothing_else(demand, used):
    charges = NATIONAL.charges(demand, CALENDAR)
    over = [charge for charge in charges if used + charge.amount > charge.in_force.cap]
    found = NATIONAL.judge(demand, CALENDAR, used=lambda charge: used)
    totals = [breach for breach in found if breach.in_force.limit.accumulates]
    assert [breach.in_force for breach in totals] == [charge.in_force for charge in over]
    assert [breach.amount for breach in totals] == [used + charge.amount for charge in over]


@given(homework(), st.integers(0, 90), st.integers(0, 90))
def test_what_does_not_fit_with_less_used_does_not_fit_with_more(demand, used, more):
    assert verdict(NATIONAL, demand, used + more) >= verdict(NATIONAL, demand, used)
