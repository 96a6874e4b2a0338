"""Taking a county's workbook: 120 schools, 1,440 classes, 3,600 people, 7,200 assignments, on an empty county.

Read is from bytes to records with every fault's place; plan compares them with what is stored; store writes all of it
in one transaction under row security. The second time nothing changes. On a temporary server of its own.
"""

import os
import sys
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "qingfu.site.settings"
SCHOOLS, PEOPLE_A_SCHOOL = 120, 30


def sheets() -> dict[str, list[tuple]]:
    codes = [f"S{number:03d}" for number in range(SCHOOLS)]
    people = range(PEOPLE_A_SCHOOL)
    return {
        "学校": [(code, f"第{number}小学", "1-6", "", "", "") for number, code in enumerate(codes)],
        "年级班级": [(code, grade, number, "", 45) for code in codes for grade in range(1, 7) for number in (1, 2)],
        "人员": [(code, f"t{n}", f"教师{n}", "") for code in codes for n in people],
        "任课": [(code, f"t{n}", "任课教师", n % 6 + 1, "1、2", "数学") for code in codes for n in people],
    }


def main() -> None:
    from qingfu.server.testing import environment, temporary_cluster

    with temporary_cluster() as cluster:
        os.environ.update(environment(cluster), QINGFU_POOL="0")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", database="owner", verbosity=0)
        measure()


def measure() -> None:
    from qingfu.units.actions import found_tenant, import_workbook
    from qingfu.units.queries import operator_actor
    from qingfu.units.tenancy import as_tenant
    from qingfu.units.workbook.plan import make_plan
    from qingfu.units.workbook.reading import read_workbook
    from tests.units.books import book

    county, data, day = found_tenant("county", "青禾县", code="QH"), book(sheets()), date(2026, 9, 1)
    print(f"{len(data) / 1024:,.0f} KB, {sum(len(rows) for rows in sheets().values()):,} rows")
    with as_tenant(county.pk):
        contents = timed("read", lambda: read_workbook(data))
        timed("plan", lambda: make_plan(contents, county, day))
    for label in ("read, plan, store", "the same again"):
        with as_tenant(county.pk):
            plan = timed(label, lambda: import_workbook(operator_actor(county), county, data, day))
    assert plan.is_empty


def timed(label: str, work):
    begun = time.perf_counter()
    result = work()
    print(f"{label:20} {time.perf_counter() - begun:6.2f} s")
    return result


if __name__ == "__main__":
    main()
