"""Whoever reads the audit trail finds words in it, whichever room wrote the record."""

import ast
from pathlib import Path

import qingfu
from qingfu.findings.models import FindingStep
from qingfu.homework.models import YieldRequest
from qingfu.units.permissions import DEEDS

WRITERS = {"audit", "audit_anonymous", "ask"}  # what an action is named to: the audit record carries it


def recorded() -> set[str]:
    """Every action that code names where it writes a record, or asks the ledger to."""
    found = set()
    for path in Path(qingfu.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in WRITERS:
                found |= {one.value for one in node.args[:2] if isinstance(one, ast.Constant)}
    return found


def test_every_deed_has_a_name_for_people():
    steps = {f"{what}_finding" for what in FindingStep.What.values} - {"opened_finding"}  # that one is open_finding
    answers = {f"yield_{state}" for state in YieldRequest.State.values} - {"yield_asked"}  # that one is ask_colleague
    assert {"file_plan", "post", "open_finding"} <= recorded()
    assert (recorded() | steps | answers) - set(DEEDS) == set()
