"""发文: plan, approve, merge, keep what the check said, issue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext

from qingfu.offices.actions.posting import NotInPlace, Result, ask
from qingfu.offices.actions.tapping import once
from qingfu.offices.asking import Asking, Bearer
from qingfu.offices.models import Ask, DraftCheck, Project
from qingfu.offices.models.documents import SUBJECT_LENGTH
from qingfu.offices.queries import bearers_for
from qingfu.offices.queries.documents import needs_approval, topics
from qingfu.text.official import Check
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, require
from qingfu.units.tenancy import as_tenant

State = Project.State
VERB = "post_document"


@dataclass(frozen=True)
class Issuing:
    """How a document is issued: the day, by when those below are done, the consistency check, the reasons."""

    day: date
    due_day: date | None = None
    assessed: bool = False
    reason: str = ""
    review: bool = False
    emergency: str = ""


def propose_document(
    actor: Actor, unit: Unit, *, month: date, topic: str, subject: str, bearer_ids: Iterable[int], required: bool,
    key: str = "",
) -> Project:  # fmt: skip
    """发文立项: put one document into the year's plan. Where the office has a head, she approves it; what the head
    proposes herself is approved. ``key`` makes a repetition harmless.

    Raises Forbidden, NotInPlace for a field of work or a unit that is none.
    """
    bearer_ids = sorted(bearer_ids)

    def make() -> list[int]:
        made = Project.objects.create(
            unit=unit, author_id=actor.person_id, month=month.replace(day=1), topic=topic,
            subject=subject.strip()[:SUBJECT_LENGTH] if unit.attributes.get("keep_titles") else "",
            bearers=_reachable(actor, unit, bearer_ids), required=required,
            state=State.PROPOSED if needs_approval(actor, unit) else State.APPROVED,
        )  # fmt: skip
        audit(actor, "propose_document", kind="project", object_id=made.pk, unit_id=unit.pk)
        return [made.pk]

    with as_tenant(actor.tenant_id):
        require(actor, VERB, unit)
        if topic not in topics():
            raise NotInPlace(gettext("没有这个工作领域"))
        typed = [unit.pk, month, topic, subject, required, *bearer_ids]
        [made] = once(actor, key, "propose_document", typed, make)
        return Project.objects.select_related("ask", "unit").get(pk=made)


def approve_document(actor: Actor, project_id: int) -> None:
    """The head of the office agrees. Raises Forbidden, NotInPlace where it no longer waits."""
    _decide(actor, project_id, State.APPROVED, "", "approve_document")


def turn_down_document(actor: Actor, project_id: int, note: str) -> None:
    """The head does not agree, and says why. Raises Forbidden, NotInPlace."""
    _decide(actor, project_id, State.RETURNED, note, "return_document")


def drop_document(actor: Actor, project_id: int) -> None:
    """Take it out of the plan: it is not issued at all. Raises Forbidden, NotInPlace."""
    with as_tenant(actor.tenant_id):
        project = one_project(actor, project_id, lock=True)
        if not (project.is_open or project.state == State.PROPOSED):
            raise NotInPlace(gettext("这一件已经定了，不能再改"))
        _become(actor, project, State.DROPPED, "drop_document")


def merge_documents(actor: Actor, kept_id: int, other_ids: Iterable[int]) -> Project:
    """Make one document of several of the same office: the kept one goes to the recipients of all.

    Raises Forbidden, NotInPlace where one of them is not open or belongs to another office.
    """
    with as_tenant(actor.tenant_id):
        kept, *others = (one_project(actor, pk, lock=True) for pk in (kept_id, *other_ids))
        if not kept.is_open or any(not one.is_open or one.unit_id != kept.unit_id or one == kept for one in others):
            raise NotInPlace(gettext("只有本单位已立项、还没有发的文件可以合并"))
        kept.bearers = list(dict.fromkeys([*kept.bearers, *(pk for one in others for pk in one.bearers)]))
        kept.required = kept.required and all(one.required for one in others)
        kept.save(update_fields=["bearers", "required"])
        for one in others:
            one.merged_into = kept
            one.save(update_fields=["merged_into"])
            _become(actor, one, State.MERGED, "merge_document")
        return kept


def keep_check(actor: Actor, project_id: int, check: Check) -> DraftCheck:
    """Keep what the check of a draft said: counts, kind and hash; title and text only if the office keeps them.

    Raises Forbidden, NotInPlace.
    """
    with as_tenant(actor.tenant_id):
        project = one_project(actor, project_id, lock=True)
        if not project.is_open:
            raise NotInPlace(gettext("没有立项或已经发出的文件，不再查"))
        switched = project.unit.attributes
        found = (*check.signs, *check.disguises, *check.wrong_kinds)
        made = DraftCheck.objects.create(
            project=project, checker_id=actor.person_id, sha256=check.sha256, form=check.kind.form,
            carrier=check.kind.carrier, kind=posted_kind(check), attributes=check.attributes,
            characters=check.size.characters, attachments=check.size.attachments, pages=check.size.pages,
            pages_from=check.size.pages_from, verdict=check.verdict.code,
            signs=list(dict.fromkeys(one.code for one in found)), flaws=len(check.layout),
            new_share=round(check.comparison.new_share, 3) if check.comparison else None,
            title=check.draft.title[:SUBJECT_LENGTH] if switched.get("keep_titles") else "",
            text=check.draft.source.text if switched.get("keep_texts") else "",
        )  # fmt: skip
        audit(actor, "check_draft", kind="project", object_id=project.pk, unit_id=project.unit_id)
        return made


def keep_of_drafts(actor: Actor, unit: Unit, *, titles: bool, texts: bool) -> None:
    """Switch on or off that the office keeps the titles of what it asks, and the texts of drafts that it checks. What
    was kept before stays. For the head; where the office has none, for whoever issues its documents. Raises Forbidden.
    """
    with as_tenant(actor.tenant_id):
        require(actor, VERB, unit)
        if needs_approval(actor, unit):
            raise Forbidden("approve_document", unit)
        found = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        found.attributes |= {"keep_titles": titles, "keep_texts": texts}
        found.save(update_fields=["attributes"])
        audit(actor, "keep_of_drafts", kind="unit", object_id=unit.pk, unit_id=unit.pk, titles=titles, texts=texts)


def posted_kind(check: Check) -> str:
    """What the draft is posted as: a letter that deploys work is a document; a report goes upwards."""
    if check.kind.form in ("letter", "reply") and not check.kind.deploys:
        return "letter"
    return check.demand_kind


def issue_document(actor: Actor, project_id: int, issuing: Issuing, key: str) -> Result:
    """Issue the draft that was checked last: post it to its recipients, by the rulebook's verdict (see posting.ask).

    Raises Forbidden, NotInPlace without an open project or a check, and what ``ask`` raises.
    """
    with as_tenant(actor.tenant_id):
        project = one_project(actor, project_id, lock=True)
        earlier = Ask.objects.filter(asker_id=actor.person_id, key=key).first()
        if not project.is_open and not (earlier and project.ask_id == earlier.pk):
            raise NotInPlace(gettext("这一件还没有立项，或已经发出"))
        asking = _asking(project, issuing)
        result = ask(actor, project.unit, asking, key, review=issuing.review, emergency=issuing.emergency.strip())
        if result.ask is not None and project.ask_id != result.ask.pk:
            project.ask = result.ask
            project.save(update_fields=["ask"])
            _become(actor, project, State.ISSUED, "issue_document")
        return result


def _asking(project: Project, issuing: Issuing) -> Asking:
    check = project.checks.order_by("-pk").first()
    if check is None:
        raise NotInPlace(gettext("请先查一遍草稿，再发出"))
    attributes = {**check.attributes, **({"assessed": True} if issuing.assessed else {})}
    units = Unit.objects.filter(pk__in=project.bearers).order_by("path")
    return Asking(
        check.kind, issuing.day, tuple(map(Bearer, units)), {"characters": check.characters, "pages": check.pages},
        attributes, issuing.due_day, title=check.title or project.subject, reason=issuing.reason,
    )  # fmt: skip


def one_project(actor: Actor, project_id: int, *, lock: bool = False) -> Project:
    """A project of an office in whose name the actor writes. Raises Forbidden, never saying whether it exists."""
    rows = Project.objects.select_for_update(of=("self",)) if lock else Project.objects
    found = rows.filter(pk=project_id).select_related("unit", "ask").first()
    if found is None:
        raise Forbidden(VERB)
    require(actor, VERB, found.unit)
    return found


def _reachable(actor: Actor, unit: Unit, bearer_ids: Iterable[int]) -> list[int]:
    wanted = set(bearer_ids)
    there = [one.pk for one in bearers_for(actor, unit, VERB, timezone.localdate()) if one.pk in wanted]
    if not there or len(there) < len(wanted):
        raise NotInPlace(gettext("请选发给谁：只能是本单位可以要求的单位"))
    return there


def _decide(actor: Actor, project_id: int, state: str, note: str, deed: str) -> None:
    with as_tenant(actor.tenant_id):
        project = one_project(actor, project_id, lock=True)
        require(actor, "approve_document", project.unit)
        if project.state != State.PROPOSED:
            raise NotInPlace(gettext("这一件已经不在等立项"))
        if state == State.RETURNED and not note.strip():
            raise NotInPlace(gettext("不同意要写明理由"))
        project.note, project.decider_id = note.strip()[:300], actor.person_id
        project.save(update_fields=["note", "decider"])
        _become(actor, project, state, deed)


def _become(actor: Actor, project: Project, state: str, deed: str) -> None:
    project.state = state
    project.save(update_fields=["state"])
    audit(actor, deed, kind="project", object_id=project.pk, unit_id=project.unit_id)
