"""``qingfu audit DIR``: the whole rulebook over everything in a lake."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from qingfu.lake.manifest import LakeError

NEEDS_EXTRA = "审查需要扩展 lake，请运行：pip install 'qingfu[lake]'"
ENDINGS = (".csv", ".parquet")


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Join ``qingfu audit …`` to the command line."""
    parser = subparsers.add_parser("audit", help="用全部规定审查导出的记录")
    parser.add_argument("lake", type=Path, metavar="文件夹", help="qingfu lake export 写出的文件夹")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="日期")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="日期")
    parser.add_argument("--county", action="append", default=[], metavar="代码", help="只看这个县；可以写几次")
    parser.add_argument("--engine", default="duckdb", help="duckdb（默认），或 spark://主机:端口、local[2]")
    parser.add_argument("--rules", type=Path, action="append", default=[], metavar="文件", help="换上这份规定再审查")
    parser.add_argument("--out", type=Path, metavar="文件", help="逐条写到 .csv 或 .parquet")
    parser.add_argument("--json", action="store_true", help="一行一个 JSON，逐条")
    parser.set_defaults(run=audit_command)
    _whatif(subparsers)


def _whatif(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("whatif", help="如果换上这份规定，过去的事项哪些放不下")
    parser.add_argument("lake", type=Path, metavar="文件夹", help="qingfu lake export 写出的文件夹")
    parser.add_argument("--rules", type=Path, action="append", required=True, metavar="文件", help="拟定的规定")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="日期")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="日期")
    parser.add_argument("--county", action="append", default=[], metavar="代码", help="只看这个县；可以写几次")
    parser.add_argument("--engine", default="duckdb", help="duckdb（默认），或 spark://主机:端口、local[2]")
    parser.add_argument("--out", type=Path, metavar="文件", help="放不下的逐条写到 .csv 或 .parquet")
    parser.add_argument("--json", action="store_true", help="一个 JSON")
    parser.set_defaults(run=whatif_command)


def whatif_command(arguments: argparse.Namespace) -> int:
    """Run proposed packs over the past. Returns 2 where it could not be done."""

    def work(lake, proposed):
        from qingfu.lake.whatif import what_if

        _check_ending(arguments.out)
        return what_if(lake, proposed, arguments.first, arguments.last)

    found = _over_lake(arguments, work)
    if found is None:
        return 2
    _write(found.stopped, arguments.out)
    loads = {name: load and vars(load) for name, load in (("before", found.before), ("after", found.after))}
    if arguments.json:
        rows = {"stopped": found.stopped.num_rows, "short": found.short.num_rows}
        whom = {"institutions": found.institutions, "issuers": found.issuers}
        print(json.dumps({**rows, **whom, **loads}, ensure_ascii=False))
        return 0
    print(f"放不下的有 {found.stopped.num_rows} 项，涉及 {found.institutions} 个单位、{found.issuers} 位发起人。")
    if found.short.num_rows:
        print(f"周期或期限结束时没有做到的有 {found.short.num_rows} 处。")
    if found.before and found.after:
        names = {"median": "中间的一天", "heavy": "较重的一天（九成以内）", "heaviest": "最重的一天"}
        for name, words in names.items():
            print(f"一个班{words}：{loads['before'][name]:.0f} 分钟 → {loads['after'][name]:.0f} 分钟")
    return 0


def audit_command(arguments: argparse.Namespace) -> int:
    """Audit a lake. Returns 0 where nothing is over, 1 where something is, 2 where it could not be done."""

    def work(lake, proposed):
        from qingfu.lake.audit.limits import audit

        _check_ending(arguments.out)
        found = audit(lake, arguments.first, arguments.last, proposed)
        return replace(found, rows=_told(found, lake))

    begun = time.perf_counter()
    found = _over_lake(arguments, work)
    if found is None:
        return 2
    _write(found.rows, arguments.out)
    if arguments.json:
        for row in found.rows.to_pylist():
            print(json.dumps({**row, "day": row["day"].isoformat()}, ensure_ascii=False))
    else:
        _summary(found, time.perf_counter() - begun)
    return 1 if found.rows.num_rows else 0


def _over_lake(arguments: argparse.Namespace, work: Callable):
    """What ``work(lake, proposed packs)`` gives; None after saying why it could not be done."""
    from qingfu.rulebook import Pack, RulebookError

    try:
        from qingfu.lake.reading import open_lake

        if arguments.last < arguments.first:
            raise LakeError("--to 的日期比 --from 早，请改正。")
        proposed = [Pack.from_toml(path.read_text("utf-8"), path.name) for path in arguments.rules]
        return work(open_lake(arguments.lake, tuple(arguments.county), arguments.engine), proposed)
    except ImportError:
        print(NEEDS_EXTRA, file=sys.stderr)
    except (LakeError, RulebookError, OSError) as problem:
        print(problem, file=sys.stderr)
    return None


def _told(found, lake):
    """What was found, with what each limit and each bearer is called."""
    import ibis
    import pyarrow as pa

    rows = found.rows
    keys = ibis.memtable(rows.select(["county", "bearer_id"])).distinct()
    names = {(one["county"], one["bearer_id"]): one["whom"]
             for one in lake.whom.semi_join(keys, ["county", "bearer_id"]).to_pyarrow().to_pylist()}  # fmt: skip
    pairs = zip(rows["county"].to_pylist(), rows["bearer_id"].to_pylist(), strict=True)
    titles = [found.limits[one].limit.title for one in rows["limit_id"].to_pylist()]
    rows = rows.append_column("limit", pa.array(titles, pa.string()))
    return rows.append_column("bearer", pa.array([names.get(pair) for pair in pairs], pa.string()))


def _check_ending(out: Path | None) -> None:
    if out and out.suffix not in ENDINGS:
        raise LakeError(f"{out} 应以 {' 或 '.join(ENDINGS)} 结尾。")


def _write(rows, out: Path | None) -> None:
    if out is None:
        return
    from pyarrow import csv, parquet

    if out.suffix == ".csv":
        csv.write_csv(rows, out)
    else:
        parquet.write_table(rows, out)


def _summary(found, seconds: float) -> None:
    for line in found.by_limit():
        rule = found.limits[line["limit_id"]]
        counts = f"{line['demands']} 项，{line['windows']} 个周期，{line['bearers']} 个单位"
        print(f"{rule.limit.title}（{line['limit_id']}）：{counts}超出")
    asked = len(found.limits)
    if not found.rows.num_rows:
        print("没有超出规定的事项。")
    print(f"用 {asked} 条规定审查完毕，用时 {seconds:.1f} 秒。")
