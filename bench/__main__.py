"""Every figure of the README: ``make bench``. Each bench prints its own table and names its data."""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHES = {
    "rulebook": "single checks with citation, beside openfisca-core",
    "lint": "precision and recall on the labelled messages, messages a second",
    "review": "the report reader; copied passages in 50 MB, beside rensa, datasketch, simhash and a suffix array",
    "ledger": "posts a second, beside hand-written pgbench on the same server",
    "pages": "parent and teacher pages under load, beside a static file",
    "review_figures": "precision and recall of the report reader by kind: annotated, planted, clean, prose",
    "draw": "verifiable draws of 100,000 units and of inspectors, beside random.sample",
    "fields": "2,000 new fields of forms against 20,000 known ones; precision and recall on the tuned half",
    "merge": "merged visits and routes, beside no merging, first fit, CP-SAT, PyVRP and OR-Tools",
    "county": "a county over two years: what the villages are asked, by the pages and in truth",
    "lake": "the audit of a province and of a county's year, beside SQL by hand, openfisca-core, rule-engine; Spark",
    "imports": "100,000 rows of past years, from an .xlsx into the ledger",
    "compose": "a county's report of a term by one click",
    "demo": "filling 青禾县",
    "workbook": "taking a county's workbook of 120 schools",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="bench", help=", ".join(BENCHES))
    wanted = parser.parse_args().names or list(BENCHES)
    failed = []
    for name in wanted:
        print(f"\n== {name}: {BENCHES[name]}", flush=True)
        if subprocess.call([sys.executable, str(HERE / f"{name}.py")]):
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
