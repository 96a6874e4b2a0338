"""A demand that stands, with what it takes from each budget: where every correction starts from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Sum
from django.utils.translation import gettext

from qingfu.ledger.drafts import amounts_of, apportion, charged, days_of, in_account
from qingfu.ledger.models import Budget, Demand, Entry
from qingfu.ledger.reckoning import Reckoning
from qingfu.ledger.requests import Request
from qingfu.rulebook import Bearer
from qingfu.rulebook import Demand as Asked


@dataclass(frozen=True)
class Share:
    """What one demand takes from one budget now: the sum of its entries there."""

    budget: Budget
    amount: int
    apart: bool


@dataclass
class Standing:
    demand: Demand
    shares: list[Share] = field(default_factory=list)

    def take_all_back(self, request: Request, school_id: int) -> None:
        """Add the reversal of all that the demand takes."""
        for share in self.shares:
            self._give_back(request, share, share.amount, school_id)

    def trim(self, request: Request, minutes: int, reckoning: Reckoning) -> None:
        """Add what lowers the demand to ``minutes`` stated ones. Its factor and its limits stay as they were.

        Raises ValueError unless that is less than it takes now.
        """
        demand = self.demand
        if demand.stated_minutes is None or not 0 <= minutes < demand.stated_minutes:
            raise ValueError(gettext("让出之后的分钟数必须少于现在的分钟数"))
        new = charged(minutes, demand.factor)
        by_limit: dict[tuple[str, bool], list[Share]] = {}
        for share in self.shares:
            if share.budget.measure == "minutes":
                by_limit.setdefault((share.budget.limit_id, share.apart), []).append(share)
        for shares in by_limit.values():
            shares.sort(key=lambda share: share.budget.starts)  # as the days of a split: the same one gets what is left
            weights = {n: share.amount for n, share in enumerate(shares)}
            total = charged_part(sum(weights.values()), new, demand.charged_minutes)
            for n, amount in apportion(total, weights).items():
                self._give_back(request, shares[n], shares[n].amount - amount, reckoning.institution.pk)
        request.asked_from(demand.day)
        request.corrections.append({
            "demand_id": demand.id, "revision": demand.revision, "stated_minutes": minutes, "charged_minutes": new,
            "split": demand.split and apportion(new, demand.split),
        })  # fmt: skip

    def asked(self, bearer: Bearer) -> Asked:
        """The demand as the rulebook judged it: with its charged minutes."""
        demand = self.demand
        amounts = amounts_of(demand.amounts, demand.charged_minutes)
        attributes = {"subject": demand.subject, **demand.attributes} if demand.subject else demand.attributes
        return Asked(
            kind=demand.kind, bearer=in_account(bearer, demand.attributes), day=demand.day, amounts=amounts,
            attributes=attributes, start=demand.starts or None, end=demand.ends or None,
            split=days_of(demand.split), due=demand.due_day,
        )  # fmt: skip

    def _give_back(self, request: Request, share: Share, amount: int, school_id: int) -> None:
        if amount:
            request.take_back(self.demand, share.budget, amount, share.apart, school_id)


def charged_part(total: int, new: int, old: int) -> int:
    """What is left of ``total`` when the charged minutes of its demand go from ``old`` to ``new``."""
    return new if total == old else total * new // old


def load_standing(demand_ids: Iterable[int]) -> dict[int, Standing]:
    """Demands of the open tenant with their shares, in three queries."""
    found = {demand.id: Standing(demand) for demand in Demand.objects.filter(id__in=list(demand_ids))}
    entries = Entry.objects.filter(demand_id__in=list(found))
    sums = list(entries.values_list("demand_id", "budget_id", "apart").annotate(amount=Sum("amount")))
    budgets = {budget.id: budget for budget in Budget.objects.filter(id__in={row[1] for row in sums})}
    for demand_id, budget_id, apart, amount in sums:
        if amount:
            found[demand_id].shares.append(Share(budgets[budget_id], amount, apart))
    return found
