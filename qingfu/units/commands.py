"""``qingfu units``: what the operator of an installation does for a county at the command line."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Join ``qingfu units …`` to the command line."""
    parser = subparsers.add_parser("units", help="单位、人员和账号")
    verbs = parser.add_subparsers(required=True, metavar="命令")
    _county(verbs)
    _template(verbs)
    _import(verbs)
    _password(verbs)
    _audit(verbs)


# ---- what there is to say ----


def _county(verbs: argparse._SubParsersAction) -> None:
    parser = verbs.add_parser("county", help="建一个县和它的第一位县级管理员，打印初始密码")
    parser.add_argument("code", help="县的代码，登录时作学校代码用，如 QH")
    parser.add_argument("name", help="县名，如 青禾县")
    parser.add_argument("--above", nargs="*", default=[], metavar="名称", help="上级，从上到下，如 全国 江南省 临江市")
    parser.add_argument("--admin", default="admin", help="管理员的账号")
    parser.add_argument("--admin-name", default="县级管理员", help="管理员的姓名")
    parser.set_defaults(run=found_county)


def _template(verbs: argparse._SubParsersAction) -> None:
    parser = verbs.add_parser("template", help="写出导入模板")
    parser.add_argument("file", type=Path)
    parser.set_defaults(run=template)


def _import(verbs: argparse._SubParsersAction) -> None:
    parser = verbs.add_parser("import", help="检查一个工作簿；加 --go-on 才保存")
    parser.add_argument("file", type=Path)
    parser.add_argument("--county", required=True, metavar="代码")
    parser.add_argument("--on", type=date.fromisoformat, default=None, metavar="日期", help="从哪天起算，不写就是今天")
    parser.add_argument("--go-on", action="store_true", help="没有错误就保存")
    parser.add_argument("--skip-bad", action="store_true", help="有错的行先不要，其余的保存")
    parser.add_argument("--end-missing", action="store_true", help="“任课”表里没有的任课到前一天为止")
    parser.add_argument("--json", action="store_true", help="一行一个 JSON")
    parser.set_defaults(run=import_file)


def _password(verbs: argparse._SubParsersAction) -> None:
    parser = verbs.add_parser("password", help="给一个人发新的初始密码，并重置验证器")
    parser.add_argument("--unit", required=True, metavar="代码", help="学校或县的代码")
    parser.add_argument("account", help="账号")
    parser.set_defaults(run=password)


def _audit(verbs: argparse._SubParsersAction) -> None:
    parser = verbs.add_parser("audit", help="操作记录")
    inner = parser.add_subparsers(required=True, metavar="命令")
    verify = inner.add_parser("verify", help="核对每个县的操作记录有没有被改动")
    verify.add_argument("--json", action="store_true", help="一行一个 JSON")
    verify.set_defaults(run=audit_verify)


# ---- what is done ----


def found_county(arguments: argparse.Namespace) -> int:
    """Found a county, and what is above it where that is missing; print the first sign-in."""
    open_installation()
    from qingfu.units import actions

    county, plain = actions.found_county(
        arguments.code, arguments.name, arguments.above, arguments.admin, arguments.admin_name
    )
    print(f"{county.name} 建好了。登录：学校代码 {county.code}，账号 {arguments.admin}，初始密码 {plain}")
    return 0


def template(arguments: argparse.Namespace) -> int:
    """Write the empty workbook."""
    open_installation(database=False)
    from qingfu.units.workbook.template import write_template

    arguments.file.write_bytes(write_template())
    print(f"模板写好了：{arguments.file}")
    return 0


def import_file(arguments: argparse.Namespace) -> int:
    """Check a workbook, store it with ``--go-on``. Returns 1 when there are problems that were not passed over."""
    open_installation()
    from django.utils import timezone

    from qingfu.units import actions
    from qingfu.units.models import Unit
    from qingfu.units.queries import operator_actor, tenant_by_code
    from qingfu.units.tenancy import as_tenant
    from qingfu.units.workbook.plan import make_plan
    from qingfu.units.workbook.reading import read_workbook
    from qingfu.units.workbook.safety import WorkbookError

    say = _json_lines if arguments.json else _lines
    on = arguments.on or timezone.localdate()
    tenant_id = tenant_by_code(arguments.county)
    if tenant_id is None:
        print(f"没有代码是 {arguments.county} 的县。", file=sys.stderr)
        return 2
    stored = False
    with as_tenant(tenant_id):
        county = Unit.objects.get(pk=tenant_id)
        try:
            data = arguments.file.read_bytes()
            plan = make_plan(read_workbook(data), county, on, arguments.end_missing)
            if arguments.go_on and (arguments.skip_bad or not plan.problems):
                options = {"skip_bad": arguments.skip_bad, "end_missing": arguments.end_missing}
                plan = actions.import_workbook(operator_actor(county), county, data, on, **options)
                stored = True
        except (WorkbookError, OSError) as problem:
            say([{"kind": "problem", "sheet": "", "place": "", "text": str(problem)}])
            return 1
        say(_facts_of(plan, stored))
    return 0 if stored or not plan.problems else 1


def _facts_of(plan, stored: bool) -> Iterable[dict]:
    for problem in plan.problems:
        yield {"kind": "problem", "sheet": problem.sheet, "place": problem.place, "text": problem.text}
    for sheet, counts in plan.counts().items():
        yield {"kind": "count", "sheet": sheet, **counts}
    yield {"kind": "result", "stored": stored, "problems": len(plan.problems)}


def _json_lines(facts: Iterable[dict]) -> None:
    for fact in facts:
        print(json.dumps(fact, ensure_ascii=False))


def _lines(facts: Iterable[dict]) -> None:
    words = {"new": "新增", "changed": "修改", "ended": "结束", "same": "不变"}
    for fact in facts:
        if fact["kind"] == "problem":
            print(f"{fact['sheet']} {fact['place']} {fact['text']}".strip())
        elif fact["kind"] == "count":
            counts = "，".join(f"{word} {fact[kind]}" for kind, word in words.items() if kind in fact)
            print(f"{fact['sheet']}：{counts or '没有内容'}")
        else:
            print("已保存。" if fact["stored"] else "什么也没有保存。检查无误后加 --go-on。")


def password(arguments: argparse.Namespace) -> int:
    """A new initial password, for whoever nobody else can help: the only administrator of a county."""
    open_installation()
    from qingfu.units import actions
    from qingfu.units.models import Person, Unit
    from qingfu.units.queries import operator_actor, tenant_by_code
    from qingfu.units.tenancy import as_tenant

    tenant_id = tenant_by_code(arguments.unit)
    if tenant_id is not None:
        with as_tenant(tenant_id):
            operator = operator_actor(Unit.objects.get(pk=tenant_id))
            found = Person.objects.filter(unit__code=arguments.unit, account=arguments.account).first()
            if found:
                actions.reset_code(operator, found)
                [(_person, plain)] = actions.issue_initial_passwords(operator, [found])
                print(f"{found.name} 的初始密码：{plain}")
                return 0
    print("没有这个账号。", file=sys.stderr)
    return 2


def audit_verify(arguments: argparse.Namespace) -> int:
    """Recompute the hash chain of every tenant. Returns 1 when one does not hold, or does not hold all."""
    open_installation()
    from qingfu.units.models import Tenant
    from qingfu.units.queries import audit_head, heads_not_held, unsealed_audit, verify_audit
    from qingfu.units.tenancy import as_tenant

    broken = 0
    for tenant in Tenant.objects.order_by("id"):
        with as_tenant(tenant.pk):
            seal, unsealed, head = verify_audit(), unsealed_audit(), audit_head().hex()
            lost = [day.isoformat() for day in heads_not_held()]
        broken += bool(seal or unsealed or lost)
        if arguments.json:
            found = None if seal is None else {"seal": seal.pk, "at": seal.at.isoformat(), "last_record": seal.last_id}
            facts = {"tenant": tenant.pk, "name": tenant.name, "head": head, "broken": found, "unsealed": unsealed}
            facts["published_but_gone"] = lost
            print(json.dumps(facts, ensure_ascii=False))
            continue
        if seal:
            print(f"{tenant.name}：{seal.at:%Y-%m-%d %H:%M} 封存的记录后来被改动过（到第 {seal.last_id} 条）")
        if unsealed:
            print(f"{tenant.name}：有 {len(unsealed)} 条记录早该封存却没有封存（第 {unsealed[0]} 条起）")
        if lost:
            print(f"{tenant.name}：{lost[0]} 公布过的链头不在链上了（共 {len(lost)} 天）")
        if not (seal or unsealed or lost):
            print(f"{tenant.name}：完好，链头 {head[:16]}")
    return 1 if broken else 0


def open_installation(database: bool = True) -> None:
    """Set Django up; with ``database`` the embedded server runs, if this installation has one."""
    import django

    from qingfu.server.databases import external
    from qingfu.server.postgres import local_cluster

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingfu.site.settings")
    if database and not external():
        local_cluster().start(die_with_parent=True)
    django.setup()
