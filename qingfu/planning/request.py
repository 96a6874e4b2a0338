"""What the requests of all planners have in common: the error, the canonical bytes, the checks of a list."""

import hashlib
import json
from collections import Counter


class PlanError(ValueError):
    """A plan that cannot be made; its text says in Chinese which field and what to do."""


def canonical(value: object) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; integers only. Raises PlanError for anything else."""
    _only_integers(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(value: object) -> str:
    """The SHA-256 of the canonical bytes, in hex. Raises PlanError as ``canonical`` does."""
    return hashlib.sha256(canonical(value)).hexdigest()


def check_known(request: object, known: set[str]) -> None:
    """Raises PlanError where the request is no object or has a field that the planner doesn't know."""
    if not isinstance(request, dict):
        raise PlanError("request：应为一个对象")
    if unknown := sorted(set(request) - known):
        raise PlanError(f"{unknown[0]}：不认识这一项，可用的有 {'、'.join(sorted(known))}")


def check_list(field: str, rows: object) -> None:
    """Raises PlanError unless ``rows`` are objects with an id each, none twice."""
    if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) and is_name(r.get("id")) for r in rows):
        raise PlanError(f"{field}：应为一列对象，每个有 id（文字，不含竖线 |）")
    twice = [name for name, times in Counter(row["id"] for row in rows).items() if times > 1]
    if twice:
        raise PlanError(f"{field}：{twice[0]} 出现了两次，请删去一个")


def is_name(value: object) -> bool:
    return isinstance(value, str) and value != "" and "|" not in value


def is_whole(value: object, least: int) -> bool:
    return type(value) is int and value >= least


def _only_integers(value: object) -> None:
    if isinstance(value, dict):
        if not all(type(name) is str for name in value):
            raise PlanError("JSON 的名称只能是文字")
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            if type(part) is not str and type(part) is not int:  # most are, and a list may have 100,000 units
                _only_integers(part)
    elif type(value) is not str and type(value) is not int:
        raise PlanError(f"{value}：只能用文字和整数，不能用小数、真假或空值")
