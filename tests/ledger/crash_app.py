"""The application in the crash test, in processes that are killed: ``python crash_app.py found|setup|app|check``.

An app keeps a diary in a file: "ask KEY …" before it asks, "ack KEY OUTCOME DEMAND" when the answer is there. A new
app of the same name first asks again whatever its predecessor asked without noting an answer, under the same key.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from pathlib import Path

THREADS = 100
CLASSES, CAP, LONGEST = 20, 60, 8  # some 270 posts fill a day of all classes
PAUSE = 0.05


def main() -> None:
    import django

    django.setup()
    verb, *arguments = sys.argv[1:]
    {"found": found, "setup": setup, "app": app, "check": check}[verb](*arguments)


def found() -> None:
    """Found the nation with its rules, in tables that another installation has made."""
    from qingfu.ledger.actions import sync_national
    from qingfu.units.actions import found_tenant, install_signing_key

    install_signing_key()
    found_tenant("nation", "全国")
    sync_national()


def setup(facts: str, days: str) -> None:
    """Found a county with one school of 20 classes of grade 3; homework is for so many days."""
    from django.utils import timezone

    from qingfu.rulebook import load_calendar
    from qingfu.units.actions import add_units, found_tenant
    from qingfu.units.models import Tenant
    from qingfu.units.tenancy import as_tenant

    county = found_tenant("county", "青禾县", parent=Tenant.objects.get(kind="nation"))
    with as_tenant(county.pk):
        (school,) = add_units(county, [{"kind": "school", "name": "青禾县实验小学"}])
        (grade,) = add_units(school, [{"kind": "grade", "name": "三年级", "grade": 3}])
        rows = [{"kind": "class", "name": f"三({n + 1})班", "grade": 3, "seats": 45} for n in range(CLASSES)]
        classes = [unit.pk for unit in add_units(grade, rows)]
    school_days = [load_calendar().next_school_day(timezone.localdate())]
    while len(school_days) < int(days):
        school_days.append(load_calendar().next_school_day(school_days[-1]))
    found = {"tenant": county.pk, "path": county.path, "classes": classes, "days": [str(day) for day in school_days]}
    Path(facts).write_text(json.dumps(found))


def app(facts: str, diary: str, stop: str) -> None:
    """100 connections that post random homework until the file ``stop`` is there, and finish what was begun."""
    found = json.loads(Path(facts).read_text())
    unfinished = unanswered(read(diary))
    log = open(diary, "a", buffering=1)  # noqa: SIM115 - lives as long as the process
    shares = [unfinished[n::THREADS] for n in range(THREADS)]
    threads = [threading.Thread(target=ask_on, args=(found, share, log, stop)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def ask_on(found: dict, unfinished: list[list], log, stop: str) -> None:
    chance = random.Random()
    for key, *what in unfinished:
        ask(found, key, what, log)
    while not os.path.exists(stop):
        key = f"{chance.getrandbits(64):x}"
        what = [chance.choice(found["classes"]), chance.choice(found["days"]), chance.randint(1, LONGEST)]
        log.write(f"ask {key} {what[0]} {what[1]} {what[2]}\n")
        ask(found, key, what, log)


def ask(found: dict, key: str, what: list, log) -> None:
    """Ask until there is an answer: whatever breaks meanwhile, the key stays."""
    from datetime import date

    from django.db import connection
    from django.db.utils import Error

    from qingfu.ledger.actions import post
    from qingfu.ledger.drafts import Draft
    from qingfu.units.queries import Actor, Post

    place = (Post("teacher", found["tenant"], found["path"], "county", "语文"),)
    actor = Actor(found["tenant"], 1, "王丽", found["tenant"], place)
    class_, day, minutes = int(what[0]), date.fromisoformat(what[1]), int(what[2])
    written = {"form": "written", "required": True, "place": "家庭"}
    draft = Draft(class_, day, subject="语文", text="练习", minutes=minutes, attributes=written)
    while True:
        try:
            answer = post(actor, [draft], key)
        except Error:
            connection.close()
            time.sleep(PAUSE)
        else:
            demand = answer.demand_ids[0] if answer.ok else 0
            log.write(f"ack {key} {answer.outcome} {demand}\n")
            return


def read(diary: str) -> list[list[str]]:
    """The lines of a diary, without one that was cut short."""
    path = Path(diary)
    text = path.read_text() if path.exists() else ""
    return [line.split() for line in text.split("\n")[:-1] if line.startswith(("ask ", "ack "))]


def unanswered(lines: list[list[str]]) -> list[list[str]]:
    """[key, class, day, minutes] of what was asked without an answer noted."""
    answered = {line[1] for line in lines if line[0] == "ack"}
    return [line[1:] for line in lines if line[0] == "ask" and line[1] not in answered]


def check(facts: str, *diaries: str) -> None:
    """Print what is wrong as JSON: with the invariants, and with what the diaries were told."""
    from collections import Counter

    from qingfu.ledger.models import Attempt, Demand
    from qingfu.units.tenancy import as_tenant
    from tests.ledger.conftest import G3_6
    from tests.ledger.invariants import broken

    tenant = json.loads(Path(facts).read_text())["tenant"]
    told = {line[1]: line[2:] for diary in diaries for line in read(diary) if line[0] == "ack"}
    posted = {key: int(demand) for key, (outcome, demand) in told.items() if outcome == "posted"}
    with as_tenant(tenant):
        attempts = dict(Attempt.objects.filter(outcome="posted").values_list("key", "id"))
        by_attempt = Counter(Demand.objects.values_list("attempt_id", flat=True))
        of_attempt = dict(Demand.objects.values_list("attempt_id", "id"))
    wrong = broken(tenant, json.dumps({G3_6: CAP}))
    wrong += [f"lost: {key}" for key, demand in posted.items() if of_attempt.get(attempts.get(key)) != demand]
    wrong += [f"doubled: attempt {attempt}" for attempt, number in by_attempt.items() if number > 1]
    wrong += [f"never told: {key}" for key in attempts if key not in posted]
    wrong += [f"unanswered: {line[0]}" for diary in diaries for line in unanswered(read(diary))]
    outcomes = Counter(outcome for outcome, _ in told.values())
    print(json.dumps({"wrong": wrong, "outcomes": outcomes}))


if __name__ == "__main__":
    sys.path.insert(0, os.environ["QINGFU_TESTS"])
    main()
