"""The ledger against a model of 60 lines that knows no database: any sequence of verbs, the same answers."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from qingfu.ledger import actions
from qingfu.ledger.drafts import Draft, Trim
from qingfu.ledger.queries import remaining
from qingfu.rulebook import load_calendar
from qingfu.units.tenancy import as_tenant
from tests.factories import make_county

from .conftest import G3_6, WRITTEN
from .invariants import broken
from .packs import school_pack

SOAK = bool(os.environ.get("QINGFU_SOAK"))
OWN = "school.homework.written"
NATIONAL = 60


class Model:
    """What the ledger should say. A budget is (class, day); every limit has its own cap and its own waivers."""

    def __init__(self):
        self.caps = {G3_6: NATIONAL}
        self.extra = {}
        self.demands = {}  # name → (budget, minutes, limits charged)
        self.holds = {}  # name → (budget, minutes)
        self.answers = {}

    def taken(self, limit, budget):
        used = sum(m for b, m, limits in self.demands.values() if b == budget and limit in limits)
        return used + sum(m for b, m, limits in self.holds.values() if b == budget and limit in limits)

    def left(self, limit, budget):
        return max(0, self.caps[limit] + self.extra.get((limit, budget), 0) - self.taken(limit, budget))

    def fits(self, budget, minutes):
        return all(minutes <= self.left(limit, budget) for limit in self.caps)

    def ask(self, key, where, budget, minutes):
        """The outcome of post and hold; ``where`` is the table that it would go to."""
        if key in self.answers:
            return self.answers[key]
        fits = self.fits(budget, minutes)
        if fits:
            where[key] = (budget, minutes, set(self.caps))
        self.answers[key] = fits
        return fits

    def record(self, key, budget, minutes):
        self.demands[key] = (budget, minutes, set(self.caps))

    def convert(self, hold, key):
        budget, minutes, limits = self.holds.pop(hold)
        if self.fits(budget, minutes):
            self.demands[key] = (budget, minutes, set(self.caps))
            return True
        self.holds[hold] = (budget, minutes, limits)
        return False

    def trim(self, name, minutes):
        budget, _, limits = self.demands[name]
        self.demands[name] = (budget, minutes, limits)


class Ledger(RuleBasedStateMachine):
    """Every rule does the same to both and compares."""

    posted = Bundle("posted")
    held = Bundle("held")
    classes = st.integers(0, 1)
    days = st.integers(0, 1)
    minutes = st.integers(1, 40)

    @initialize()
    def found(self):
        self.county = make_county()
        self.wang = self.county.actor("王丽")
        self.classes_ = [self.county.class_(name).pk for name in ("三(1)班", "三(2)班")]
        first = load_calendar().next_school_day(timezone.localdate())
        self.days_ = [first, load_calendar().next_school_day(first)]
        self.model, self.ids, self.hold_ids, self.keys = Model(), {}, {}, 0

    def key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def draft(self, budget, minutes) -> Draft:
        class_, day = budget
        return Draft(self.classes_[class_], self.days_[day], subject="语文", minutes=minutes, attributes=WRITTEN)

    @rule(target=posted, class_=classes, day=days, minutes=minutes)
    def post(self, class_, day, minutes):
        key, budget = self.key(), (class_, day)
        for _ in range(2):  # and once more with the same key
            answer = actions.post(self.wang, [self.draft(budget, minutes)], key)
            assert answer.ok == self.model.ask(key, self.model.demands, budget, minutes)
        if answer.ok:
            (self.ids[key],) = answer.demand_ids
        return key

    @rule(target=held, class_=classes, day=days, minutes=minutes)
    def hold(self, class_, day, minutes):
        key, budget = self.key(), (class_, day)
        answer = actions.hold(self.wang, [self.draft(budget, minutes)], key, timezone.now() + timedelta(hours=1))
        assert answer.ok == self.model.ask(key, self.model.holds, budget, minutes)
        self.hold_ids[key] = answer.hold_id
        return key

    @rule(target=posted, hold=held)
    def convert(self, hold):
        key = self.key()
        if hold in self.model.holds:
            budget, minutes, _ = self.model.holds[hold]
            answer = actions.post(self.wang, [self.draft(budget, minutes)], key, converts=[self.hold_ids[hold]])
            assert answer.ok == self.model.convert(hold, key)
            if answer.ok:
                (self.ids[key],) = answer.demand_ids
        return key

    @rule(hold=consumes(held))
    def release(self, hold):
        if self.model.holds.pop(hold, None):
            assert actions.release(self.wang, self.hold_ids[hold], self.key()).ok

    @rule(target=posted, class_=classes, day=days, minutes=st.integers(1, 90))
    def record(self, class_, day, minutes):
        key = self.key()
        answer = actions.record(self.wang, [self.draft((class_, day), minutes)], key, "补登")
        self.model.record(key, (class_, day), minutes)
        (self.ids[key],) = answer.demand_ids
        return key

    @rule(name=posted, minutes=st.integers(0, 20))
    def trim(self, name, minutes):
        if name in self.model.demands and minutes < self.model.demands[name][1]:
            assert actions.post(self.wang, [], self.key(), trims=[Trim(self.ids[name], minutes)]).ok
            self.model.trim(name, minutes)

    @rule(name=consumes(posted))
    def withdraw(self, name):
        if self.model.demands.pop(name, None):
            assert actions.withdraw(self.wang, [self.ids[name]], self.key()).ok

    @rule(cap=st.sampled_from((30, 45, 60)))
    def publish(self, cap):
        school = self.county.schools["青禾县实验小学"]
        actions.publish_pack(self.county.actor("孙校长"), school.pk, school_pack(cap))
        self.model.caps[OWN] = cap

    @rule(class_=classes, day=days, extra=st.integers(1, 20))
    def waive(self, class_, day, extra):
        if OWN in self.model.caps:
            when, until = self.days_[day], timezone.now() + timedelta(days=9)
            actions.grant_waiver(
                self.county.actor("孙校长"), self.classes_[class_], OWN, when, when, extra, office="教导处",
                reason="期末复习", expires_at=until,
            )  # fmt: skip
            place = (OWN, (class_, day))
            self.model.extra[place] = self.model.extra.get(place, 0) + extra

    @invariant()
    def what_is_left_is_the_same(self):
        with as_tenant(self.county.tenant_id):
            found = remaining(self.classes_, self.days_)
        for (class_id, day), states in found.items():
            budget = (self.classes_.index(class_id), self.days_.index(day))
            left = {state.limit_id: state.left for state in states}
            assert left == {limit: self.model.left(limit, budget) for limit in self.model.caps}

    def teardown(self):
        assert [line for line in broken(self.county.tenant_id) if not line.startswith("I4")] == []


@pytest.mark.usefixtures("national")
def test_the_ledger_does_what_the_model_does():
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=300 if SOAK else 12,
            stateful_step_count=40 if SOAK else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not SOAK,
        ),
    )
