"""How the offices of a made-up county get what they want, through the real actions: as it came, by the rules alone, and
by the rules with the product's advice. Each tells ``Planted`` what the villages were really asked."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from unittest import mock

import xlsxwriter
from county_wants import Layout, Planted, Want, days_of, figures, minutes_of, workday
from django.utils import timezone

from qingfu.ledger.actions import Figure, freeze_baselines
from qingfu.ledger.queries import remaining
from qingfu.offices import actions, queries
from qingfu.offices.asking import Asking, Bearer
from qingfu.offices.convening import Convening
from qingfu.offices.convening import figures as of_meetings
from qingfu.offices.hours import tariff
from qingfu.offices.models import Ask, Visit
from qingfu.offices.queries import documents, meetings
from qingfu.offices.workbooks import head
from qingfu.text.fields.matching import SAME, compare
from qingfu.text.fields.reading import read
from qingfu.text.files import pasted
from qingfu.text.official import check_draft
from qingfu.units.actions import add_units, add_units_below, found_tenant, pinyin
from qingfu.units.models import Membership, Person, Unit
from qingfu.units.queries import Actor, actor_of
from qingfu.units.tenancy import as_tenant

Role = Membership.Role
COUNTED = ("cn.documents.count", "cn.meetings.count")
TRIES = 6


@dataclass
class Founded:
    """A county in the database: its units and, for each office, the person in whose name it asks."""

    layout: Layout
    tenant_id: int
    county: Unit
    units: dict[str, Unit] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)


def found(layout: Layout, code: str, parent) -> Founded:
    """Found the county with a head in each office, the two offices, the keeper of the plan and the relief team."""
    county = found_tenant("county", "青禾县", code=code, parent=parent)
    made = Founded(layout, county.pk, county)
    with as_tenant(county.pk):
        names = [("bureau", name) for name in layout.bureaus] + [("township", name) for name in layout.townships]
        rows = [{"kind": kind, "name": name, "code": f"{code}{n:02d}"} for n, (kind, name) in enumerate(names)]
        made.units |= {unit.name: unit for unit in add_units(county, rows)}
        below = [
            (made.units[town], [{"kind": "village", "name": name, "code": f"{made.units[town].code}{n:02d}"}
                                for n, name in enumerate(villages)])
            for town, villages in layout.townships.items()
        ]  # fmt: skip
        made.units |= {unit.name: unit for unit in add_units_below(below)}
        people = [(name, made.units[name], Role.OFFICE_HEAD) for _kind, name in names]
        people += [(name, county, role) for name, role in (
            ("两办", Role.TWO_OFFICES), ("督查室", Role.INSPECTION_PLANNER), ("减负办", Role.RELIEF_TEAM),
        )]  # fmt: skip
        for number, (name, unit, role) in enumerate(people):
            person = Person.objects.create(unit=unit, name=name, pinyin=pinyin(name), account=f"p{number:03d}")
            Membership.objects.create(person=person, unit=unit, role=role, starts=date(2024, 1, 1))
            made.actors[name] = actor_of(person.pk)
    return made


@dataclass(frozen=True)
class Stands:
    """What was asked in the end: the Ask, and the want as it fitted."""

    ask: Ask
    want: Want


@dataclass
class Offices:
    """Year one, as it came: everything is stated (``record_done``), the limits stop nothing."""

    made: Founded
    truth: Planted
    serial: int = 0

    def baseline(self, year: int) -> None:
        """None in the first year."""

    def year(self, wants: list[Want]) -> None:
        """All of a year, month by month."""
        by_month = defaultdict(list)
        for want in wants:
            by_month[want.day.month].append(want)
        for _month, several in sorted(by_month.items()):
            self.month(several)

    def month(self, wants: list[Want]) -> None:
        for want in wants:
            self.one(want)

    def one(self, want: Want) -> None:
        """One want, with what the townships make of it."""
        if want.kind == "visit":
            for day, there in days_of(want):
                self.put(replace(want, day=day, to=there))
        elif (stands := self.put(want)) and stands.want.relay:
            for town in want.to:
                self.put(self.again(stands.want, town))

    def again(self, want: Want, town: str) -> Want:
        """What a township makes of it for its villages: a document of its own, somewhat longer, or a meeting."""
        amounts = dict(want.amounts)
        if want.kind == "document":
            amounts["characters"] = round(1.2 * amounts["characters"])
        return replace(
            want, office=town, to=self.made.layout.townships[town], day=self.later(want.day, 2),
            amounts=amounts, speech=0, relay=False, topic="其他", says={**want.says, "meeting_type": "special"},
        )  # fmt: skip

    def put(self, want: Want) -> Stands | None:
        """Ask it; None where it cannot be asked."""
        unit = self.made.units[want.office]
        result = actions.record_done(self.actor(want), unit, self.asking(want), self.key(), "年底登记")
        self.told(want)
        return Stands(result.ask, want)

    def asking(self, want: Want) -> Asking:
        unit, bearers = self.made.units[want.office], self.bearers(want)
        if want.kind == "meeting":
            return self.convening(want).asking(unit, self.made.county)
        due = want.last if want.kind == "form" else None
        return Asking(want.kind, want.day, bearers, want.amounts, want.says, due)

    def convening(self, want: Want) -> Convening:
        return Convening(
            f"{want.topic}工作会议", want.day, want.starts, want.amounts["minutes"], self.bearers(want),
            meeting_type=want.says["meeting_type"], discussion=want.says["group_discussion"], speech=want.speech,
            video=want.video,
        )  # fmt: skip

    def later(self, day: date, days: int) -> date:
        return workday(day + timedelta(days=days), self.truth.year)

    def bearers(self, want: Want) -> tuple[Bearer, ...]:
        return tuple(Bearer(self.made.units[name]) for name in want.to)

    def actor(self, want: Want) -> Actor:
        return self.made.actors[want.office]

    def key(self) -> str:
        self.serial += 1
        return f"{type(self).__name__}-{self.truth.year}-{self.serial}"

    def told(self, want: Want, things: int = 1) -> None:
        """Write into the truth what the villages among those asked have to do; ``things`` -1 takes it back."""
        venue = "" if want.video else "county" if want.office in self.made.layout.bureaus else "township"
        way = tariff()["travel"]["village"].get(venue, 0) if want.kind == "meeting" else 0
        minutes = minutes_of(want.kind, want.amounts, want.says, way)
        for village in set(want.to) - set(self.made.layout.townships):
            self.truth.add(village, want.day, want.kind, minutes, things)
            if want.kind == "visit":
                self.truth.visit_days.add((village, want.day))


class Obeying(Offices):
    """Year two: everything is asked. What a rule stops is mended if it can be, else something else takes its place."""

    def baseline(self, year: int) -> None:
        """The numbers of documents and meetings of ``year``, from the ledger, as the Baseline of the one now played: on
        its first of January, since nobody may freeze them before."""
        found = []
        for name in (*self.made.layout.bureaus, *self.made.layout.townships):
            unit, day = self.made.units[name], date(year, 12, 31)
            with as_tenant(self.made.tenant_id):
                used = {
                    one.limit_id: one.used for kind in ("document", "meeting")
                    for one in remaining([unit.pk], [day], kind, account="department")[unit.pk, day]
                }  # fmt: skip
            found += [
                Figure(unit.pk, limit_id, self.truth.year, used.get(limit_id, 0), "import", f"{year}年台账")
                for limit_id in COUNTED
            ]
        with mock.patch.object(timezone, "localdate", return_value=date(self.truth.year, 1, 1)):
            freeze_baselines(self.made.actors["两办"], found)

    def put(self, want: Want) -> Stands | None:
        for _ in range(TRIES):
            result = self.ask(want)
            if result.outcome == "posted":
                self.told(want)
                return Stands(result.ask, want)
            mended = mend(want, result.answer.refusals)
            if mended is None:
                return self.instead(want)
            if "demands_report" in want.says and "demands_report" not in mended.says:
                self.by_telephone(want, figures()["instead"]["unregistered"])
            want = mended
        raise RuntimeError(f"{want}: {[one.sentence for one in result.answer.refusals]}")

    def ask(self, want: Want):
        unit, asking = self.made.units[want.office], self.asking(want)
        if want.kind == "meeting":
            return actions.call_meeting(self.actor(want), unit, self.convening(want), self.key())
        return actions.ask(self.actor(want), unit, asking, self.key())

    def instead(self, want: Want) -> None:
        """A letter, a call that nobody registers, or nothing: as the dice have it."""
        said = figures()["instead"]
        if want.chance < said["letter"]:
            letter = {"characters": said["letter_characters"]}
            self.put(replace(want, kind="letter", amounts=letter, says={}, speech=0, relay=False))
        else:
            self.by_telephone(want, said["letter"] + said["unregistered"])

    def by_telephone(self, want: Want, chance: float) -> None:
        """A call and a task in the chat group for each village that it would have come to, if the dice have it."""
        towns = self.made.layout.townships
        for village in self.made.layout.below(want.to if want.relay else [one for one in want.to if one not in towns]):
            for kind in ("call", "chat") if want.chance < chance else ():
                self.truth.unregister(village, want.day.month, kind)


def mend(want: Want, refusals: Iterable) -> Want | None:
    """The same as the rules allow it; None where they don't allow it at all. What fits is read from the refusals."""
    says, amounts, speech, last = dict(want.says), dict(want.amounts), want.speech, want.last
    for one in refusals:
        cap = one.in_force.value.cap
        if one.limit_id in COUNTED or one.limit_id == "cn.meetings.system":
            return None
        if one.measure == "characters":
            amounts["characters"] = min(amounts["characters"], cap)
        elif one.measure == "half_days":
            amounts["minutes"] = min(amounts["minutes"], cap * of_meetings()["half_day"]["minutes"])
        elif one.limit_id == "cn.meetings.speech":
            speech = min(speech, cap)
        elif one.in_force.limit.form == "never":
            for condition in one.in_force.limit.where:
                says.pop(condition.key, None)
        elif want.kind == "form":
            last = workday(last + timedelta(days=1), want.day.year)
        else:
            raise RuntimeError(f"{want}: {one.sentence}")
    speech = min(speech, amounts.get("minutes", speech))
    return replace(want, says=says, amounts=amounts, speech=speech, last=last)


class Advised(Obeying):
    """Year two, with what the product proposes taken as often as ``county.toml`` says."""

    def __init__(self, made: Founded, truth: Planted):
        super().__init__(made, truth)
        self.standing: dict[int, Want] = {}  # meetings of this month that stand, by Ask
        self.relays: list[tuple[int, Want]] = []
        self.known: set[tuple[str, str, str]] = set()

    def year(self, wants: list[Want]) -> None:
        visits = defaultdict(list)
        for want in wants:
            if want.kind == "visit":
                visits[(want.day.month - 1) // 3].append(want)
        for several in visits.values():
            self.inspect(several)
        super().year([want for want in wants if want.kind != "visit"])

    def month(self, wants: list[Want]) -> None:
        self.standing = {}
        wants = [want for want in wants if want.kind != "document"] + self.planned(
            [want for want in wants if want.kind == "document"]
        )
        for want in sorted(wants, key=lambda one: (one.day, one.number)):
            self.one(want)
        for ask_id, want in [*self.standing.items(), *self.relays]:
            if want.relay:
                self.pass_on(ask_id, want)
        self.relays = []

    def one(self, want: Want) -> None:
        if want.kind == "meeting":
            self.meet(want)
        elif want.kind == "form":
            self.register(want)
        elif (stands := self.put(want)) and stands.want.relay:
            self.relays.append((stands.ask.pk, stands.want))

    def takes(self, want: Want) -> bool:
        return want.chance < figures()["advice"]["taken"]

    # ---- documents ----

    def planned(self, wants: list[Want]) -> list[Want]:
        """The month's documents, put into the plan; what the product proposes to merge is merged."""
        by_office, kept = defaultdict(list), []
        for want in wants:
            by_office[want.office].append(want)
        for office, several in by_office.items():
            unit, actor = self.made.units[office], self.made.actors[office]
            projects = {
                actions.propose_document(
                    actor, unit, month=want.day, topic=want.topic, subject="", required=False,
                    bearer_ids=[self.made.units[name].pk for name in want.to],
                ).pk: want
                for want in several
            }  # fmt: skip
            with as_tenant(self.made.tenant_id):
                rows = documents.projects_of(unit).filter(pk__in=projects)
                proposals = documents.proposals_of(rows)
            for proposal in proposals:
                group = [one for one in (proposal.kept, *proposal.others) if self.takes(projects[one.pk])]
                if len(group) > 1:
                    first, *others = group
                    actions.merge_documents(actor, first.pk, [one.pk for one in others])
                    projects[first.pk] = merged(projects[first.pk], [projects.pop(one.pk) for one in others])
            kept += [replace(want, item=str(pk)) for pk, want in projects.items()]
        return kept

    def ask(self, want: Want):
        """A planned document is checked and issued; everything else is asked."""
        if want.kind != "document" or not want.item:
            return super().ask(want)
        actor, project = self.actor(want), int(want.item)
        check = check_draft(pasted(draft(want)), on=want.day)
        actions.keep_check(actor, project, check)
        issuing = actions.Issuing(day=want.day, assessed=want.says["assessed"])
        return actions.issue_document(actor, project, issuing, self.key())

    # ---- meetings ----

    def meet(self, want: Want) -> None:
        """Look first, as the page does; then a note, one meeting of two, or video, whichever saves most."""
        for _ in range(TRIES):  # within the rules before it is looked at
            with as_tenant(self.made.tenant_id):
                look = meetings.look(self.made.units[want.office], self.convening(want), date(self.truth.year, 1, 1))
            broken = [one for one in look.breaches if one.in_force.limit.id != "cn.meetings.count"]
            if not broken:
                break
            want = mend(want, [Broken(one) for one in broken])
        if self.takes(want):
            for proposal in look.proposals:
                if proposal.kind == "note" and want.telling and self.note(want):
                    return
                if proposal.kind == "merge" and proposal.ask_id in self.standing and self.join(want, proposal.ask_id):
                    return
                if proposal.kind == "move" and look.clashes and proposal.half[0].year == self.truth.year:
                    day, half = proposal.half
                    want = replace(want, day=day, starts="09:00" if half == "am" else "14:30")
                if proposal.kind == "video" and not want.says["group_discussion"]:
                    want = replace(want, video=True)
        self.stand(self.put(want))

    def stand(self, stands: Stands | None) -> None:
        if stands and stands.want.kind == "meeting":
            self.standing[stands.ask.pk] = stands.want

    def note(self, want: Want) -> bool:
        """The same in writing, if that is still within the year's number of documents."""
        length = of_meetings()["proposals"]["note_characters"]
        says = {"assessed": True, "document_type": "special"}
        written = replace(want, kind="document", amounts={"characters": length}, says=says, speech=0)
        result = self.ask(written)
        if result.outcome != "posted":
            return False
        self.told(written)
        if want.relay:
            self.relays.append((result.ask.pk, written))
        return True

    def join(self, want: Want, ask_id: int) -> bool:
        """One meeting of two, where both fit into half a day."""
        other = self.standing[ask_id]
        longer, shorter = sorted((other.amounts["minutes"], want.amounts["minutes"]), reverse=True)
        minutes = longer + round(figures()["advice"]["merged_more"] * shorter)
        if minutes > of_meetings()["half_day"]["minutes"] or want.says != other.says:
            return False
        both = replace(
            other.with_amounts(minutes=minutes), to=tuple(dict.fromkeys((*other.to, *want.to))),
            relay=other.relay or want.relay,
        )  # fmt: skip
        if not actions.withdraw(self.actor(other), ask_id, self.key(), "与另一个会合并").ok:
            return False
        self.told(self.standing.pop(ask_id), -1)
        self.stand(self.put(both))
        return True

    # ---- forms ----

    def register(self, want: Want) -> None:
        """Registered with its fields; only what nobody knows is asked, and comes back in the form's workbook."""
        unit, actor = self.made.units[want.office], self.actor(want)
        fields = different([words for _meaning, _period, words in want.meanings])
        asking = Asking("form", want.last, self.bearers(want))
        self.knows(want)
        result = actions.register_form(actor, unit, asking, fields, self.key())
        self.truth.spared += result.plan.avoided
        if result.outcome != "posted":
            if result.outcome != "repeated":
                raise RuntimeError(f"{want}: {[one.sentence for one in result.answer.refusals]}")
            return
        for one in result.plan.to_ask:
            left, _known, _saved = result.plan.tally[str(one.pk)]
            self.told(replace(want, to=(one.name,), day=want.last).with_amounts(fields=left))
        actions.take_returns(actor, result.form.pk, returned(result.plan))

    def knows(self, want: Want) -> None:
        """How many of the cells somebody has asked before, by the labels and not by the product."""
        for village in want.to:
            for meaning, period, _words in want.meanings:
                self.truth.repeated += (village, meaning, period) in self.known
                self.known.add((village, meaning, period))

    # ---- inspections ----

    def inspect(self, wants: list[Want]) -> None:
        """A quarter's items: listed, filed, planned as windows, merged, and asked on the days of the merged plan."""
        planner, listed = self.made.actors["督查室"], {}
        for want in wants:
            item = actions.propose_listed(
                self.actor(want), self.made.units[want.office], title=want.item, kinds=["village"],
                year=self.truth.year, visit_type="special", content="现场看，不要材料", teams=len(want.to),
                minutes=want.amounts["minutes"],
            )  # fmt: skip
            actions.file_listed(planner, item.pk, accept=True)
            places = [self.made.units[name].pk for name in want.to]
            actions.plan_visits(self.actor(want), item.pk, places, want.day, want.last)
            listed[item.pk] = replace(want, says={"visit_type": "special"})
        first, last = min(want.day for want in wants), max(want.last for want in wants)
        plan = actions.merge_visits(planner, self.made.county, first, last)
        actions.adopt_plan(planner, self.made.county, plan.pk)
        for pk, want in listed.items():
            there = defaultdict(list)
            with as_tenant(self.made.tenant_id):
                for day, name in Visit.objects.filter(listed_id=pk).values_list("day", "place__name"):
                    there[day].append(name)
            for day, names in sorted(there.items()):
                result = actions.ask_visits(self.actor(want), pk, day, self.key())
                if result.outcome != "posted":
                    raise RuntimeError(f"{want}: {result.outcome}")
                self.told(replace(want, day=day, to=tuple(names)))

    # ---- relays ----

    def pass_on(self, ask_id: int, want: Want) -> None:
        """The townships pass it on as it came: one thing with all its hours."""
        for town in want.to:
            again = replace(self.again(want, town), amounts=want.amounts, says=want.says)
            bearers = self.bearers(again)
            result = actions.pass_on(
                self.made.actors[town], self.made.units[town], ask_id, bearers, self.key(), day=again.day,
                starts=again.starts,
            )  # fmt: skip
            if result.outcome == "posted":
                self.told(again)
            else:
                self.instead(again)


@dataclass(frozen=True)
class Broken:
    """A breach of a planned meeting, read as a refusal is."""

    breach: object

    @property
    def in_force(self):
        return self.breach.in_force

    @property
    def limit_id(self) -> str:
        return self.breach.in_force.limit.id

    @property
    def measure(self) -> str:
        return self.breach.in_force.limit.measure

    @property
    def sentence(self) -> str:
        return self.breach.reason_zh


def merged(kept: Want, others: list[Want]) -> Want:
    """One document of several: the longest, and a part of each further one."""
    longest, *shorter = sorted((one.amounts["characters"] for one in (kept, *others)), reverse=True)
    more = figures()["advice"]["merged_more"]
    to = tuple(dict.fromkeys(name for one in (kept, *others) for name in one.to))
    relay = any(one.relay for one in (kept, *others))
    return replace(kept.with_amounts(characters=longest + round(more * sum(shorter))), to=to, relay=relay)


def draft(want: Want) -> str:
    """A draft of exactly so many characters, as they are counted: without title and addressee."""
    topic = "有关" if want.topic == "其他" else want.topic
    demand = "各单位要及时报送落实情况。\n" if want.says.get("demands_report") else ""
    sentence = "请结合本地实际抓好各项工作任务落实。"
    left = want.amounts["characters"] - len(demand.strip())
    body = (sentence * (left // len(sentence) + 1))[:left]
    return f"关于做好{topic}重点工作的通知\n各有关单位：\n{demand}{body}"


def different(fields: list) -> list:
    """Without those that the product reads as the same field twice: a form could not be registered with them."""
    kept = []
    for words in fields:
        one = read(*words, "村")
        if all(compare(one, read(*other, "村")).relation != SAME for other in kept):
            kept.append(words)
    return kept


def returned(plan) -> bytes:
    """The form's workbook as it comes back: a figure in each open cell."""
    target, draw = io.BytesIO(), Random(len(plan.lines))
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet("数据")
        page.write_row(0, 0, ["代码", "单位", *[head(line.words) for line in plan.lines]])
        for row, unit in enumerate(plan.bearers, 1):
            open_ones = [line.cells[unit.pk].state == queries.forms.ASK for line in plan.lines]
            cells = [draw.randint(1, 900) if is_open else "" for is_open in open_ones]
            page.write_row(row, 0, [unit.code, unit.name, *cells])
    return target.getvalue()
