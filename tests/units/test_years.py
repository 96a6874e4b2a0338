"""One class, one grade on one day: in plain Python, in a table's columns, and as spans of days."""

from datetime import date, timedelta

import ibis
import pytest

from qingfu.units.years import grade_on, grade_on_rows, grades_between

CLASSES = [(4, 1, 2022), (9, 7, 2024), (6, 6, 2025), (1, 1, 2025), (3, 1, 2025), (5, None, None), (None, None, None),
           (8, 6, None)]  # fmt: skip
DAYS = [date(2021, 9, 1) + timedelta(days=31 * n) for n in range(70)]
DAYS += [date(year, *day) for year in range(2021, 2027) for day in ((7, 31), (8, 1), (12, 31), (1, 1))]


@pytest.mark.parametrize("day, grade", [
    (date(2022, 9, 1), 1), (date(2023, 7, 31), 1), (date(2023, 8, 1), 2), (date(2025, 7, 31), 3),
    (date(2025, 8, 1), 4), (date(2030, 1, 1), 4), (date(2021, 9, 1), 4),
])  # fmt: skip
def test_what_a_class_was_asked_stays_with_the_grade_that_it_had(day, grade):
    """Entered grade 1 in 2022 and is in grade 4 now; before it was there it has the grade of now."""
    assert grade_on(4, 1, 2022, day) == grade


def test_the_columns_say_what_the_function_says():
    rows = [{"grade": g, "first": f, "entered": e, "day": day} for g, f, e in CLASSES for day in DAYS]
    schema = dict.fromkeys(("grade", "first", "entered"), "int64") | {"day": "date"}
    table = ibis.memtable([{**row, "n": n} for n, row in enumerate(rows)], schema=schema | {"n": "int64"})
    then = grade_on_rows(table.grade, table["first"], table.entered, table.day)
    found = table.select("n", then=then).order_by("n").to_pyarrow()["then"].to_pylist()
    assert found == [grade_on(row["grade"], row["first"], row["entered"], row["day"]) for row in rows]


def test_the_spans_say_what_the_function_says():
    for class_ in CLASSES:
        spans = list(grades_between(*class_))
        for day in DAYS:
            (grade,) = [g for g, start, end in spans if (start or day) <= day <= (end or day)]
            assert grade == grade_on(*class_, day), (class_, day)
