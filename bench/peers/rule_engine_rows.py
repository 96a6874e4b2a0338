"""Three limits with rule-engine, a row at a time: python rule_engine_rows.py ROWS prints its rate as JSON.

The rows are dictionaries of one class's homework on one day, its minutes added up already.
"""

import json
import random
import sys
import time

import rule_engine

RULES = (
    "form == 'written' and required and is_school_day and grade >= 3 and grade <= 6 and minutes > 60",
    "form == 'written' and required and is_school_day and grade >= 7 and grade <= 9 and minutes > 90",
    "form == 'written' and place == '家庭' and grade < 3",
)


def main() -> None:
    number, draw = int(sys.argv[1]), random.Random(20251112)
    rows = [
        {
            "form": draw.choice(("written", "oral")), "required": True, "is_school_day": True, "place": "课后服务",
            "grade": draw.randint(1, 9), "minutes": draw.randint(5, 95),
        }
        for _ in range(number)
    ]  # fmt: skip
    rules = [rule_engine.Rule(text) for text in RULES]
    begun, cpu = time.perf_counter(), time.process_time()
    over = sum(rule.matches(row) for row in rows for rule in rules)
    seconds = time.perf_counter() - begun
    rate = number / seconds
    cpu = time.process_time() - cpu
    json.dump({"seconds": seconds, "cpu": cpu, "rate": rate, "checks": rate * len(rules), "over": over}, sys.stdout)


main()
