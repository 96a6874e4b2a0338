"""``qingfu lake import``: records of past years, from a table that somebody kept."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from qingfu.units.commands import open_installation

TOLD = 50  # bad cells that the screen shows
SKIPPED = {"total": "合计", "remark": "说明", "heads": "重复的表头", "sheet": "表头不同的工作表"}


def add_import(verbs: argparse._SubParsersAction) -> None:
    """Join ``qingfu lake import …``."""
    parser = verbs.add_parser("import", help="导入往年的台账：先提出每列是什么，再检查，加 --go 才导入")
    parser.add_argument("file", type=Path, metavar="文件.xlsx|csv")
    parser.add_argument("--unit", required=True, metavar="代码", help="这本台账是哪个学校、单位或县的")
    parser.add_argument("--kind", choices=("homework", "documents", "meetings"), help="不写就按表头判断")
    parser.add_argument("--mapping", type=Path, metavar="文件.toml", help="改好的对应表；不写就用提出的")
    parser.add_argument("--check", action="store_true", help="只检查，不写对应表")
    parser.add_argument("--go", action="store_true", help="没有问题就导入")
    parser.add_argument("--skip-bad", action="store_true", help="有问题的行先不要，其余的导入")
    parser.add_argument("--json", action="store_true", help="一行一个 JSON")
    parser.set_defaults(run=import_file)


def import_file(arguments: argparse.Namespace) -> int:
    """Propose, check, and with ``--go`` take. Returns 1 where rows are bad or the file cannot be used, 2 for an
    unknown unit."""
    open_installation()
    from qingfu.lake.importing import actions
    from qingfu.lake.importing.mapping import MappingError
    from qingfu.units.models import Unit
    from qingfu.units.queries import operator_actor, tenant_by_code
    from qingfu.units.tenancy import as_tenant
    from qingfu.units.workbook.safety import WorkbookError

    tenant_id = tenant_by_code(arguments.unit)
    if tenant_id is None:
        print(f"没有代码是 {arguments.unit} 的单位。", file=sys.stderr)
        return 2
    with as_tenant(tenant_id):
        unit = Unit.objects.get(code=arguments.unit, tenant_id=tenant_id)
        actor = operator_actor(Unit.objects.get(pk=tenant_id))
    try:
        mapping = arguments.mapping.read_text("utf-8") if arguments.mapping else ""
        data = arguments.file.read_bytes()
        if not arguments.go:
            return _checked(tenant_id, unit, data, mapping, arguments)
        one = actions.upload_register(actor, unit, arguments.file.name, data, mapping, arguments.kind or "")
        if one.state == one.State.WAITING:
            actions.go_on(actor, one.pk, skip_bad=arguments.skip_bad)
        one = actions.take(tenant_id, one.pk, lambda one: _progress(one, arguments.json))
    except (WorkbookError, MappingError, actions.NotReady, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    if arguments.json:
        told = {"import": one.pk, "rows": one.rows, "added": one.added, "known": one.known, "left_out": one.left_out}
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(f"导入好了：{one.rows} 行，记入 {one.added} 项；以前导入过 {one.known} 行，没要 {one.left_out} 行。")
    return 0


def _progress(one, as_json: bool) -> None:
    if not as_json:
        print(f"  {one.taken} / {one.rows}", flush=True)


def _checked(tenant_id: int, unit, data: bytes, mapping: str, arguments: argparse.Namespace) -> int:
    """Print what a file would bring and what is wrong with it; write the proposal beside it unless told not to."""
    from qingfu.lake.importing.actions import header_of
    from qingfu.lake.importing.checking import check
    from qingfu.lake.importing.mapping import MappingError, read_mapping
    from qingfu.lake.importing.places import places_for
    from qingfu.lake.importing.proposing import propose
    from qingfu.lake.importing.table import read_table
    from qingfu.units.tenancy import as_tenant

    table = read_table(data, arguments.file.name, header_of(mapping))
    if mapping:
        used = read_mapping(mapping, table)
    else:
        used = propose(table, arguments.kind or "")
        if not arguments.check:
            path = arguments.file.with_suffix(".mapping.toml")
            path.write_text(used.explained(), "utf-8")
            print(f"对应表写在 {path}，请核对；改好以后用 --mapping 带上。", file=sys.stderr)
        if used.missing:
            raise MappingError(f"还没有指定哪一列是{'、'.join(one.title for one in used.missing)}。")
    with as_tenant(tenant_id):
        found = check(table, used, places_for(unit))
    say = _as_json if arguments.json else _as_text
    say(used, found)
    return 1 if found.bad else 0


def _as_json(mapping, found) -> None:
    for one in found.problems:
        row = {"sheet": one.sheet, "row": one.row, "column": one.column, "problem": one.text}
        print(json.dumps(row, ensure_ascii=False))
    told = {
        "kind": mapping.kind.name, "columns": {name: column.letter for name, column in mapping.columns.items()},
        "rows": found.rows, "good": found.good, "bad": found.bad, "demands": found.demands,
        "first": str(found.first or ""), "last": str(found.last or ""), "skipped": found.skipped,
    }  # fmt: skip
    print(json.dumps(told, ensure_ascii=False))


def _as_text(mapping, found) -> None:
    print(f"{mapping.kind.title}，表头在第 {mapping.header} 行：")
    for name, column in mapping.columns.items():
        told = "；".join(filter(None, [column.why, "、".join(column.samples)]))
        print(f"  {column.letter:<3}{mapping.kind.field(name).title}  {told}")
    for one in found.problems[:TOLD]:
        print(f"{one.sheet} {one.place}：{one.text}")
    if len(found.problems) > TOLD:
        print(f"……还有 {len(found.problems) - TOLD} 处。")
    print(f"共 {found.rows} 行，{found.first or ''} 到 {found.last or ''}：", end="")
    print(f"可以导入 {found.good} 行（{found.demands} 项），有问题 {found.bad} 行。")
    if found.skipped:
        print("没有当记录：" + "，".join(f"{SKIPPED[why]} {count} 行" for why, count in found.skipped.items()))
    for name, count in found.unknown.most_common(5):
        print(f"“{name}”没有对应的单位（{count} 行），只记在本单位账上。")
