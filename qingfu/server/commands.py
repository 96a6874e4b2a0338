"""The operator's commands. Each is one function from parsed arguments to an exit status."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from qingfu.server.messages import ServerError, say


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add serve, backup, restore, doctor, upgrade-database and psql to ``qingfu``."""
    _add_serve(subparsers)
    backup = subparsers.add_parser("backup", help=say("help_backup"))
    backup.add_argument("file", type=Path, help=say("help_backup_file"))
    backup.set_defaults(run=reporting(backup_command))
    restore = subparsers.add_parser("restore", help=say("help_restore"))
    restore.add_argument("file", type=Path, help=say("help_backup_file"))
    restore.add_argument("--replace", action="store_true", help=say("help_replace"))
    restore.set_defaults(run=reporting(restore_command))
    doctor = subparsers.add_parser("doctor", help=say("help_doctor"))
    doctor.add_argument("--json", action="store_true", help=say("help_json"))
    doctor.set_defaults(run=reporting(doctor_command))
    upgrade = subparsers.add_parser("upgrade-database", help=say("help_upgrade"))
    upgrade.set_defaults(run=reporting(upgrade_command))
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
    from qingfu.server import binaries, supervise, tls, upgrade
    from qingfu.server.postgres import local_cluster

    names = arguments.name or ([] if arguments.host in tls.LOOPBACK else tls.names_of_this_machine())
    certificate = None
    if arguments.cert:
        certificate = tls.given_certificate(arguments.cert, arguments.key or arguments.cert)
    elif arguments.tls:
        certificate = tls.own_certificate(names)
        print(say("install_page", page=certificate.certificate.parent / "install.html"))
    if upgrade.outdated():
        print(say("upgrade_offer", version=local_cluster().version, newest=binaries.NEWEST))
    supervise.serve(
        supervise.Options(
            arguments.host, arguments.port, tuple(names), arguments.workers, certificate=certificate
        )
    )


def backup_command(arguments: argparse.Namespace) -> None:
    from qingfu.server.backup import back_up

    manifest = back_up(arguments.file)
    print(say("backup_done", file=arguments.file, **_sizes(manifest)))


def restore_command(arguments: argparse.Namespace) -> None:
    from qingfu.server.backup import restore

    restored = restore(arguments.file, arguments.replace)
    print(say("restore_done", made=restored.manifest["made"], **_sizes(restored.manifest)))
    if restored.kept:
        print(say("restore_kept", name=restored.kept))


def upgrade_command(arguments: argparse.Namespace) -> None:
    from qingfu.server.upgrade import upgrade_database

    done = upgrade_database()
    print(
        say("upgrade_done", version=done.cluster.version, tables=done.tables, rows=done.rows, kept=done.kept)
    )


def doctor_command(arguments: argparse.Namespace) -> int:
    """Exit status 1 if anything failed; warnings do not count."""
    from qingfu.server.doctor import examine

    failed = False
    for finding in examine():
        failed |= finding.level == "fail"
        if arguments.json:
            print(json.dumps(finding.as_json(), ensure_ascii=False))
        else:
            print(f"{say(f'doctor_mark_{finding.level}')}  {finding.text}")
            if finding.advice:
                print(f"      → {finding.advice}")
    return int(failed)


def _sizes(manifest: dict) -> dict[str, int]:
    tables = manifest["tables"]
    return {"tables": len(tables), "rows": sum(facts["rows"] for facts in tables.values())}


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
