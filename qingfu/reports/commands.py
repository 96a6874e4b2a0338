"""``qingfu report …``: a work report put together without the page, for whoever runs the server."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from qingfu.units.commands import open_installation


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Join ``qingfu report compose`` to the command line."""
    parser = subparsers.add_parser("report", help="工作报告：从记录取数成稿")
    verbs = parser.add_subparsers(required=True, metavar="命令")
    made = verbs.add_parser(
        "compose",
        help="成稿，存成 Word；不入库，不走审核和签发",
        epilog="数字只由指标给出；思想认识、原因分析留着由人写。先要导出记录：qingfu lake export。",
    )
    made.add_argument("unit", metavar="代码", help="县、学校或乡镇的代码")
    made.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="日期")
    made.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="日期")
    made.add_argument("--out", type=Path, required=True, metavar="文件.docx")
    made.set_defaults(run=compose)


def compose(arguments: argparse.Namespace) -> int:
    """Write the report. Returns 1 where there are no records or the file cannot be written, 2 for an unknown unit."""
    open_installation()
    from qingfu.reports.composing import template_for
    from qingfu.reports.queries import work
    from qingfu.units.models import Unit
    from qingfu.units.queries import tenant_by_code
    from qingfu.units.tenancy import as_tenant

    tenant_id = tenant_by_code(arguments.unit)
    if tenant_id is None:
        print(f"没有代码是 {arguments.unit} 的单位。", file=sys.stderr)
        return 2
    with as_tenant(tenant_id):
        unit = Unit.objects.get(code=arguments.unit, tenant_id=tenant_id)
        if template_for(unit.kind) is None:
            print(f"{unit.name}没有报告的模板。", file=sys.stderr)
            return 2
        try:
            arguments.out.write_bytes(work.draft_of(unit, arguments.first, arguments.last))
        except (work.NoRecords, OSError) as error:
            print(str(error), file=sys.stderr)
            return 1
    print(f"{unit.name}的报告在 {arguments.out}。")
    return 0
