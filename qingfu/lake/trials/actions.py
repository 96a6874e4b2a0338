"""What changes something: asking for a trial, and the worker's part, running it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from qingfu.lake.derived import code_of
from qingfu.lake.manifest import LakeError
from qingfu.lake.models import Trial
from qingfu.lake.trials.proposing import Choice, choices, proposal, told
from qingfu.ledger.reckoning import current
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, one_in_scope
from qingfu.units.tenancy import as_tenant

VERB = "publish_pack"  # whoever signs a rule looks first
LONGEST = timedelta(days=800)
GIVEN_UP = timedelta(hours=1)  # a trial that runs for longer was killed with its worker
State = Trial.State


class Unfit(ValueError):
    """A trial that makes no sense. ``str()`` says what to do."""


def ask_trial(
    actor: Actor, unit_id: int, limit_id: str, number: int, grades: Iterable[int], first: date, last: date
) -> Trial:
    """Ask the worker what a limit with ``number`` would have done at a unit from ``first`` to ``last``.

    What was asked before over the same records is not run again. Raises Forbidden, Unfit.
    """
    with as_tenant(actor.tenant_id):
        unit = one_in_scope(actor, VERB, unit_id)
        choice = choice_of(unit, limit_id, last)
        if first > last or last - first > LONGEST:
            raise Unfit(_("起止日期不对：最多两年，先后不要颠倒。"))
        grades = sorted(set(grades))
        if not choice.limit.applies.all_grades.issuperset(grades):
            raise Unfit(_("这条规定不管这些年级。请改选年级，或都不选。"))
        asked = {"unit": unit, "limit_id": limit_id, "number": number, "grades": grades, "first": first, "last": last}
        going = Trial.objects.filter(**asked, state__in=(State.WAITING, State.RUNNING)).first()
        if going:
            return going
        title = told(choice, number, grades)
        made = Trial.objects.create(**asked, person_id=actor.person_id, title=title[:300])
        audit(actor, "ask_trial", kind="trial", object_id=made.pk, unit_id=unit.pk, limit=limit_id)
        return made


def choice_of(unit: Unit, limit_id: str, day: date) -> Choice:
    """The limit in force at a unit with this id. Raises Unfit."""
    rulebook = current([unit.pk])[unit.pk].rulebook
    found = next((one for one in choices(rulebook, day) if one.limit.id == limit_id), None)
    if found is None:
        raise Unfit(_("这一天没有这条规定，或者它没有可以改的数。"))
    return found


def work(tenant_id: int) -> None:
    """For the worker: run what waits, the oldest first."""
    with as_tenant(tenant_id):
        lost = Trial.objects.filter(state=State.RUNNING, made_at__lt=timezone.now() - GIVEN_UP)
        lost.update(state=State.FAILED, problem=_("算到一半停了，请再试一次。"))
        waiting = list(Trial.objects.filter(state=State.WAITING).order_by("pk").values_list("pk", flat=True))
    for trial_id in waiting:
        run(tenant_id, trial_id)


def run(tenant_id: int, trial_id: int) -> Trial:
    """Run a trial over the exported records, outside of any transaction, and keep what it found."""
    with as_tenant(tenant_id):
        trial = Trial.objects.select_for_update(of=("self",)).select_related("unit").get(pk=trial_id)
        if trial.state != State.WAITING:
            return trial
        trial.state = State.RUNNING
        trial.save(update_fields=["state"])
        county = code_of(Unit.objects.get(pk=tenant_id))
    try:
        _found(trial, county)
        trial.state = State.DONE
    except (LakeError, ImportError, Unfit) as problem:
        needs = _("试算需要扩展 lake。请系统维护人员运行：pip install 'qingfu[lake]'")
        trial.state, trial.problem = State.FAILED, needs if isinstance(problem, ImportError) else str(problem)[:300]
    trial.ended_at = timezone.now()
    with as_tenant(tenant_id):
        trial.save(update_fields=["state", "problem", "result", "chart", "digest", "ended_at"])
    return trial


def _found(trial: Trial, county: str) -> None:
    from qingfu.lake.indicators import digest
    from qingfu.lake.reading import lake_folder, open_lake
    from qingfu.lake.trials.chart import loads_svg
    from qingfu.lake.trials.summing import summary

    lake = open_lake(lake_folder(), (county,))
    trial.digest = digest(lake)[:200]
    with as_tenant(trial.tenant_id):
        same = {name: getattr(trial, name) for name in ("unit_id", "limit_id", "number", "grades", "first", "last")}
        choice = choice_of(trial.unit, trial.limit_id, trial.last)
        earlier = Trial.objects.filter(**same, digest=trial.digest, state=State.DONE).first()
    if earlier:
        trial.result, trial.chart = earlier.result, earlier.chart
        return
    pack = proposal(choice, trial.number, trial.grades)
    found = summary(lake, pack, trial.first, trial.last, trial.unit.path)
    trial.result, trial.chart = found.to_json(), loads_svg(found.before, found.after)
