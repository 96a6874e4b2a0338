"""100,000 rows of a county's homework logs of past years, from the bytes of an .xlsx into the ledger.

Data: 40 schools with twelve classes each, one log of two school years, days written in five ways. Check is all that
reads and resolves the rows; take writes demands, entries and keys; the second time every row is known. On a temporary
server of its own, with its usual configuration. The bar is memory: the whole process stays under 1 GB.

    python bench/imports.py                  100,000 rows, about two minutes
    python bench/imports.py --rows 5000      a quick look
"""

import argparse
import io
import os
import random
import resource
import sys
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "qingfu.site.settings"
SCHOOLS, MOST_MB = 40, 1000
SUBJECTS = ("语文", "数学", "英语", "科学", "道法")
HEADS = ("序号", "学校", "布置日期", "班级", "科目", "作业内容", "预计时长(分钟)")
WAYS = ("{0.year}.{0.month}.{0.day}", "{0.year}年{0.month}月{0.day}日", "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y%m%d}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    from qingfu.server.testing import environment, temporary_cluster

    with temporary_cluster() as cluster:
        os.environ.update(environment(cluster), QINGFU_POOL="0")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", database="owner", verbosity=0)
        return measure(rows)


def log(rows: int, seed: int = 1) -> bytes:
    """A log as the county's schools would have kept it."""
    import xlsxwriter

    draw, target = random.Random(seed), io.BytesIO()
    first = date(2024, 9, 2)
    with xlsxwriter.Workbook(target, {"in_memory": True, "constant_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADS)
        for n in range(rows):
            day = first + timedelta(days=draw.randrange(650))
            class_ = f"{'一二三四'[draw.randrange(4)]}({draw.randrange(1, 3)})班"
            page.write_row(n + 1, 0, (
                n + 1, f"第{draw.randrange(SCHOOLS)}小学", draw.choice(WAYS).format(day), class_,
                draw.choice(SUBJECTS), f"练习{n}", draw.randrange(5, 30),
            ))  # fmt: skip
    return target.getvalue()


def measure(rows: int) -> int:
    from qingfu.lake.importing.actions import go_on, look, take, upload_register
    from qingfu.ledger.actions import sync_national
    from qingfu.units.actions import found_tenant, import_workbook
    from qingfu.units.queries import operator_actor
    from qingfu.units.tenancy import as_tenant
    from tests.units.books import book

    nation = found_tenant("nation", "全国")
    sync_national()
    from qingfu.units.models import Tenant

    county = found_tenant("county", "青禾县", code="QH", parent=Tenant.objects.get(pk=nation.pk))
    codes = [f"S{n:03d}" for n in range(SCHOOLS)]
    sheets = {
        "学校": [(code, f"第{n}小学", "1-6", "", "", "") for n, code in enumerate(codes)],
        "年级班级": [(code, grade, number, "", 45) for code in codes for grade in range(1, 7) for number in (1, 2)],
        "人员": [], "任课": [],
    }  # fmt: skip
    actor, data = operator_actor(county), log(rows)
    with as_tenant(county.pk):
        import_workbook(actor, county, book(sheets), date(2026, 9, 1))
    print(f"{len(data) / 2**20:.1f} MB, {rows:,} rows")
    for label in ("take", "the same again"):
        one = upload_register(actor, county, f"{label}.xlsx", data)
        with as_tenant(county.pk):
            found = timed("check", rows, look, one)
        assert not found.bad, found.problems[:3]
        go_on(actor, one.pk)
        one = timed(label, rows, take, county.pk, one.pk)
    assert (one.added, one.known) == (0, rows)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'most memory':<16}{most:>9,.0f} MB  bar {MOST_MB:,} MB  {'ok' if most < MOST_MB else 'over'}")
    return most >= MOST_MB


def timed(label: str, rows: int, work, *given):
    start, spent = time.perf_counter(), time.process_time()
    done = work(*given)
    took, spent = time.perf_counter() - start, time.process_time() - spent
    print(f"{label:<16}{took:>9.1f} s   {rows / took:>9,.0f} rows/s   {spent:>7.1f} s of processor", flush=True)
    return done


if __name__ == "__main__":
    sys.exit(main())
