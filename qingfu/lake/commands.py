"""``qingfu lake …``: the records of a county as Parquet, for whoever reads many of them at once."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from qingfu.lake import manifest
from qingfu.lake.importing.commands import add_import
from qingfu.lake.manifest import LakeError
from qingfu.lake.tables import TYPES, tables
from qingfu.units.commands import open_installation


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Join ``qingfu lake …`` to the command line."""
    parser = subparsers.add_parser("lake", help="把一个县的记录写成 Parquet，供一次读很多条")
    verbs = parser.add_subparsers(required=True, metavar="命令")
    _export(verbs)
    _check(verbs)
    _schema(verbs)
    add_import(verbs)


def _export(verbs: argparse._SubParsersAction) -> None:
    parser = verbs.add_parser("export", help="导出；只重写有变动的月份")
    parser.add_argument("--to", type=Path, required=True, metavar="文件夹")
    parser.add_argument("--county", metavar="代码", help="只导出一个县；不写就是全部")
    parser.add_argument("--json", action="store_true", help="一行一个 JSON")
    parser.set_defaults(run=export)


def _check(verbs: argparse._SubParsersAction) -> None:
    parser = verbs.add_parser("check", help="对照清单，看文件有没有缺、有没有改")
    parser.add_argument("lake", type=Path, metavar="文件夹")
    parser.set_defaults(run=check)


def _schema(verbs: argparse._SubParsersAction) -> None:
    parser = verbs.add_parser("schema", help="每张表有哪些列，是什么意思")
    parser.add_argument("--json", action="store_true", help="一行一个 JSON")
    parser.set_defaults(run=schema)


def export(arguments: argparse.Namespace) -> int:
    """Write the lake of one county or of all. Returns 1 where it could not be written, 2 for an unknown county."""
    open_installation()
    from qingfu.lake.actions import export_lake
    from qingfu.units.models import Tenant, Unit
    from qingfu.units.queries import operator_actor, tenant_by_code
    from qingfu.units.tenancy import as_tenant

    if arguments.county:
        tenant_ids = [tenant_by_code(arguments.county)]
    else:
        tenant_ids = list(Tenant.objects.order_by("id").values_list("id", flat=True))
    if tenant_ids == [None]:
        print(f"没有代码是 {arguments.county} 的县。", file=sys.stderr)
        return 2
    say = (lambda line: None) if arguments.json else lambda line: print(f"  {line}", flush=True)
    for tenant_id in tenant_ids:
        with as_tenant(tenant_id):
            county = Unit.objects.get(pk=tenant_id)
        if county.kind != Unit.Kind.COUNTY:
            continue
        try:
            written = export_lake(operator_actor(county), county, arguments.to, say)
        except (LakeError, OSError, ImportError) as problem:
            print(_needs_extra() if isinstance(problem, ImportError) else problem, file=sys.stderr)
            return 1
        if arguments.json:
            print(json.dumps({"county": written.county, "rows": written.rows}, ensure_ascii=False))
        else:
            counts = "，".join(f"{tables()[name].title} {rows}" for name, rows in written.rows.items())
            print(f"{county.name}：{counts}")
    return 0


def _needs_extra() -> str:
    return "导出需要扩展 lake，请运行：pip install 'qingfu[lake]'"


def check(arguments: argparse.Namespace) -> int:
    """Compare files with manifests. Returns 1 when a file is missing or changed."""
    try:
        wrong = manifest.check(arguments.lake, manifest.counties(arguments.lake))
    except LakeError as problem:
        wrong = [str(problem)]
    for line in wrong:
        print(line)
    if not wrong:
        print("清单上的文件都在，都没有改动。")
    return 1 if wrong else 0


def schema(arguments: argparse.Namespace) -> int:
    """Print the columns of each table."""
    for table in tables().values():
        if not arguments.json:
            print(f"\n{table.name}（{table.title}）：{table.text}")
        for column in table.columns:
            if arguments.json:
                row = {"table": table.name, "column": column.name, "type": column.type, "text": column.text}
                print(json.dumps(row, ensure_ascii=False))
            else:
                print(f"  {column.name:<20}{TYPES[column.type]}  {column.text}")
    return 0
