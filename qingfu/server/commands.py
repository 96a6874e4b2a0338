"""The operator's commands. Each is one function from parsed arguments to an exit status."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from qingfu.server.messages import ServerError, say


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add serve, psql and their likes to ``qingfu``."""
    _add_serve(subparsers)
    psql = subparsers.add_parser("psql", help=say("help_psql"))
    psql.add_argument("-c", "--command", help=say("help_psql_command"))
    psql.set_defaults(run=reporting(psql_command))


def reporting(command):
    """``command``, with a ServerError printed for people and turned into exit status 1."""

    def run(arguments: argparse.Namespace) -> int:
        try:
            return command(arguments) or 0
        except ServerError as error:
            print(error, file=sys.stderr)
            return 1

    return run


def serve_command(arguments: argparse.Namespace) -> None:
    from qingfu.server import supervise, tls

    names = arguments.name or ([] if arguments.host in tls.LOOPBACK else tls.names_of_this_machine())
    certificate = None
    if arguments.cert:
        certificate = tls.given_certificate(arguments.cert, arguments.key or arguments.cert)
    elif arguments.tls:
        certificate = tls.own_certificate(names)
        print(say("install_page", page=certificate.certificate.parent / "install.html"))
    supervise.serve(
        supervise.Options(
            arguments.host, arguments.port, tuple(names), arguments.workers, certificate=certificate
        )
    )


def psql_command(arguments: argparse.Namespace) -> int:
    from qingfu.server import binaries
    from qingfu.server.databases import running_database

    with running_database() as database:
        psql = binaries.bin_folder(database.client_version) / "psql"
        given = ["--command", arguments.command] if arguments.command else []
        return subprocess.call([psql, *given], env=database.client_environment("owner"))


def _add_serve(subparsers: argparse._SubParsersAction) -> None:
    serve = subparsers.add_parser("serve", help=say("help_serve"))
    serve.add_argument("--host", default="127.0.0.1", help=say("help_host"))
    serve.add_argument("--port", type=int, default=8000, help=say("help_port"))
    serve.add_argument("--name", action="append", help=say("help_name"))
    serve.add_argument("--workers", type=int, help=say("help_workers"))
    serve.add_argument("--tls", action="store_true", help=say("help_tls"))
    serve.add_argument("--cert", type=Path, help=say("help_cert"))
    serve.add_argument("--key", type=Path, help=say("help_key"))
    serve.set_defaults(run=reporting(serve_command))
