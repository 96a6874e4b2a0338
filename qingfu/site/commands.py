"""``qingfu demo``: fill 青禾县, and serve it."""

from __future__ import annotations

import argparse
import os
import time


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add ``demo`` to ``qingfu``."""
    demo = subparsers.add_parser("demo", help="填充虚构的青禾县（40 所学校、本学期的作业），可随后打开网站")
    demo.add_argument("--serve", action="store_true", help="填充后打开 http://127.0.0.1:8000")
    demo.add_argument("--port", type=int, default=8000, help="端口（默认 8000）")
    demo.add_argument("--seed", type=int, help="随机种子：相同的种子得到相同的县")
    demo.set_defaults(run=demo_command)


def demo_command(arguments: argparse.Namespace) -> int:
    from qingfu.server.supervise import Options, serve

    started = time.monotonic()
    fill_demo(arguments.seed)
    print(f"青禾县已就绪，用时 {time.monotonic() - started:.0f} 秒")
    if arguments.serve:
        os.environ["QINGFU_DEMO"] = "1"
        address = f"http://127.0.0.1:{arguments.port}/demo/"
        print(f"打开 {address} ，点一下就能以任何身份进去。按 Ctrl-C 停止。", flush=True)
        serve(Options(port=arguments.port))
    return 0


def fill_demo(seed: int | None = None) -> int:
    """Start the embedded database, migrate it and fill the county. Returns the tenant's id."""
    from qingfu.server.databases import external
    from qingfu.server.postgres import local_cluster
    from qingfu.site.demo.processes import side_by_side

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingfu.site.settings")
    embedded = None if external() else local_cluster()
    fresh = embedded is not None and not embedded.initialised  # then there is a county to fill for certain
    with side_by_side(at_once=fresh) as processes:  # they load while the database is made
        if embedded:
            embedded.start()
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", database="owner", verbosity=0)
        from qingfu.site.demo.fill import fill

        return fill(print, processes, seed)
