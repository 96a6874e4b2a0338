"""The parent's and the teacher's page under load, beside a static file from the same server in the same run.

    python bench/pages.py [--seconds 10]

Data: 青禾县 (bench/demo_county.py). The site is served by ``qingfu serve`` as in an installation. Load comes from
wrk on the same two cores, so the server has less than the machine: the static file carries the same handicap.

- parent page: 200 connections over the pages of 100 classes
- teacher page: 20 teachers of different schools, one connection each, signed in beforehand (outside the clock), with
  the cookies that a browser sends by then. Their
  classes have two subjects posted for the page's day and each has a plan item to confirm, as in mid-morning. Once
  without any pause (the next page is asked for when the last has come, which no 20 people do); the same where each page
  is rendered anew, since nobody has asked for the same one of late; once with a pause of half a second to a second and
  a half between two pages, a second in the mean.

It takes some two and a half minutes; the first run fills the county before. It fails (exit status 1) where any request
failed: pages that are refused fast are no figure.
"""

import argparse
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import date
from functools import partial
from pathlib import Path

from demo_county import filled, use_home

PORT = 8137
BASE = f"http://127.0.0.1:{PORT}"
PARENTS, CLASSES, TEACHERS = 200, 100, 20
MANY = 6000  # more addresses than a process keeps pages of
WARM_UP = 3  # seconds
SCRIPT = """
local paths, cookies, n, paused = {{{paths}}}, {{{cookies}}}, 0, {pause}
request = function()
  n = n + 1
  local headers = {{}}
  if #cookies > 0 then headers["Cookie"] = cookies[n % #cookies + 1] end
  return wrk.format("GET", paths[n % #paths + 1], headers)
end
if paused then
  delay = function() return math.random(500, 1500) end
end
done = function(summary, latency)
  io.write(string.format("P50 %.2f P95 %.2f P99 %.2f RPS %.1f ERRORS %d\\n", latency:percentile(50) / 1000,
    latency:percentile(95) / 1000, latency:percentile(99) / 1000, summary.requests / summary.duration * 1e6,
    summary.errors.status + summary.errors.timeout + summary.errors.connect + summary.errors.read +
    summary.errors.write))
end
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=10)
    seconds = parser.parse_args().seconds
    need_wrk()
    use_home()
    tenant_id, _ = filled()
    parents, sessions, people = visitors(tenant_id)
    morning(tenant_id, people)
    from qingfu.server.postgres import local_cluster

    local_cluster().stop()
    as_installed = {name: value for name, value in os.environ.items() if name != "QINGFU_POOL"}
    command = [sys.executable, "-m", "qingfu.cli", "serve", "--port", str(PORT)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=as_installed)
    try:
        wait_for(BASE + parents[0])
        cookies = opened(parents, sessions)
        anew = [f"/today/?to=c{n}" for n in range(MANY)]
        static, today, run = ["/static/site/base.css"], ["/today/"], partial(measured, server.pid, seconds)
        rows = [
            ("static file", PARENTS, run(static, [], PARENTS)),
            ("parent page", PARENTS, run(parents, [], PARENTS)),
            ("static file", TEACHERS, run(static, [], TEACHERS)),
            ("teacher page", TEACHERS, run(today, cookies, TEACHERS)),
            ("  each anew", TEACHERS, run(anew, cookies, TEACHERS)),
            ("  with pauses", TEACHERS, run(today, cookies, TEACHERS, pause=True)),
        ]
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    table(rows)
    return failures(rows)


def need_wrk() -> None:
    """Stop with the line to run where wrk is missing; install it where we may."""
    if shutil.which("wrk"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.check_call(["apt-get", "install", "-y", "-q", "wrk"], stdout=subprocess.DEVNULL)
        return
    sys.exit("bench/pages needs wrk; please run: sudo apt-get install wrk")


def visitors(tenant_id: int) -> tuple[list[str], list[str], list]:
    """Addresses of parent pages, and sessions of teachers of different schools, with the teachers."""
    from datetime import timedelta

    from qingfu.units.actions import issue_link, open_session
    from qingfu.units.models import Membership, Unit
    from qingfu.units.tenancy import as_tenant

    with as_tenant(tenant_id):
        classes = Unit.objects.filter(tenant_id=tenant_id, kind="class").order_by("path")[::9][:CLASSES]
        parents = [f"/c/{issue_link('class', tenant_id, unit.pk)}" for unit in classes]
        roles = Membership.objects.filter(role="teacher", subject="数学").select_related("person").order_by("id")
        people = {role.person.unit_id: role.person for role in roles}
        chosen = list(people.values())[:TEACHERS]
        sessions = [open_session(person, "bench", timedelta(hours=1), code_given=True) for person in chosen]
    return parents, sessions, chosen


def morning(tenant_id: int, people: list) -> None:
    """What stands on the page's day: two subjects posted for the classes of these teachers, one item in their plans."""
    from qingfu.homework.actions import PlanLine, file_plan, post_homework
    from qingfu.homework.items import Item, Posting
    from qingfu.homework.queries import Board, classes_of, monday_of, targets, working_days
    from qingfu.ledger.actions import post
    from qingfu.ledger.drafts import Draft
    from qingfu.units.models import Membership
    from qingfu.units.queries import actor_of
    from qingfu.units.tenancy import as_tenant

    for person in people:
        with as_tenant(tenant_id):
            mine = actor_of(person.pk)
            classes = [unit.pk for unit in classes_of(targets(mine))]
            day, _ = working_days(Board(classes_of(targets(mine))).calendar, date.today())
            colleague = actor_of(
                Membership.objects.filter(unit_id=classes[0], role="teacher", subject="语文").first().person_id
            )
            item = Item("数学", "练习册第12页第1至3题", "written", True, 10, "课后服务", None, tuple(targets(mine)))
            post_homework(mine, Posting(day, (item,)), f"bench-{person.pk}-{day}")
            asked = {"form": "written", "required": True, "place": "家庭"}
            draft = Draft(classes[0], day, subject="语文", text="抄写第5课生字", minutes=15, attributes=asked)
            post(colleague, draft.for_bearers(classes[:1]), f"bench-{colleague.person_id}-{day}")
            line = PlanLine(day, tuple(classes), "口算第8页", "oral", True, 5, "课内")
            file_plan(mine, "数学", monday_of(day), [line])


def wait_for(address: str, patience: float = 60) -> None:
    begun = time.monotonic()
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).read()
            return
        except OSError:
            if time.monotonic() - begun > patience:
                raise
            time.sleep(0.5)


def opened(parents: list[str], sessions: list[str]) -> list[str]:
    """Ask once for every page that is measured: wrk counts a redirection, to sign-in say, as a page. Or stop.

    What is given is what each teacher's browser sends from then on as ``Cookie``.
    """
    for path in parents:
        answer(path)
    return [cookies_of(answer("/today/", cookie), cookie) for cookie in (f"qingfu_session={one}" for one in sessions)]


def answer(path: str, cookie: str = "") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie})
    response = connection.getresponse()
    connection.close()
    if response.status != 200:
        sys.exit(f"bench/pages: {path} answers {response.status}")
    return response


def cookies_of(response: http.client.HTTPResponse, sent: str) -> str:
    given = [line.partition(";")[0] for line in response.headers.get_all("Set-Cookie", [])]
    return "; ".join([sent, *given])


def measured(server: int, seconds: int, paths: list[str], cookies: list[str], clients: int, pause: bool = False):
    """``load`` with CPU: milliseconds of processor that web and database took for a page, whoever else uses them."""
    load(paths, cookies, clients, WARM_UP, pause)
    before = processor_seconds(server)
    found = load(paths, cookies, clients, seconds, pause)
    taken = processor_seconds(server) - before
    return {**found, "CPU": 1000 * taken / max(1, found["RPS"] * seconds)}


def processor_seconds(root: int) -> float:
    """What a process and all below it have used of processors, as Linux counts it."""
    parent, used = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, rest = path.read_text().rpartition(") ")
        except OSError:  # it has ended
            continue
        pid, fields = int(path.parent.name), rest.split()
        parent[pid], used[pid] = int(fields[1]), sum(int(ticks) for ticks in fields[11:15])
    inside = {root}
    while more := {pid for pid, above in parent.items() if above in inside} - inside:
        inside |= more
    return sum(used.get(pid, 0) for pid in inside) / os.sysconf("SC_CLK_TCK")


def load(paths: list[str], cookies: list[str], connections: int, seconds: int, pause: bool = False) -> dict[str, float]:
    """What wrk measured: p50, p95, p99 in ms, requests a second, errors."""
    quoted = {"paths": ", ".join(f'"{p}"' for p in paths), "cookies": ", ".join(f'"{c}"' for c in cookies)}
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        script.write_text(SCRIPT.format(**quoted, pause=str(pause).lower()))
        command = ["wrk", "-t2", f"-c{connections}", "-s", str(script), "--timeout", "10s", BASE]
        said = subprocess.run([*command, f"-d{seconds}s"], check=True, capture_output=True, text=True).stdout
    return {name: float(value) for name, value in re.findall(r"(P50|P95|P99|RPS|ERRORS) ([\d.]+)", said)}


def table(rows: list[tuple[str, int, dict[str, float]]]) -> None:
    heads = ("p50 ms", "p95 ms", "p99 ms")
    figures = "".join(f"{head:>9}" for head in heads)
    print(f"{'':14}{'clients':>8}{figures}{'requests/s':>12}{'CPU ms':>8}{'errors':>8}{'of static':>11}")
    static: dict[str, float] = {}
    for name, clients, found in rows:
        static = found if name == "static file" else static
        share = found["RPS"] / static["RPS"]
        print(
            f"{name:14}{clients:>8}{found['P50']:>9.1f}{found['P95']:>9.1f}{found['P99']:>9.1f}"
            f"{found['RPS']:>12,.0f}{found['CPU']:>8.2f}{found['ERRORS']:>8.0f}{share:>11.2f}"
        )


def failures(rows: list[tuple[str, int, dict[str, float]]]) -> int:
    """1 where a request of any row failed or none was answered, and says which; else 0."""
    failed = [name.strip() for name, _clients, found in rows if found["ERRORS"] or not found["RPS"]]
    if failed:
        print(f"requests failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
