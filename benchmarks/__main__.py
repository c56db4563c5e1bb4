"""`bin/bench`: measure on this machine, everything in one run; results are ratios more than figures."""

import argparse
import json
import signal
import sys
from pathlib import Path

from benchmarks import (
    against,
    announce,
    browser,
    doors,
    edge,
    fanout,
    history,
    machine,
    many,
    page,
    post,
    reconnect,
    search,
    sidebar,
    storm,
    tray,
    uploads,
    webhooks,
)
from benchmarks.tables import Table

COMMANDS = {
    "announce": announce,
    "browser": browser,
    "doors": doors,
    "edge": edge,
    "fanout": fanout,
    "history": history,
    "many": many,
    "page": page,
    "post": post,
    "reconnect": reconnect,
    "search": search,
    "sidebar": sidebar,
    "storm": storm,
    "tray": tray,
    "uploads": uploads,
    "webhooks": webhooks,
}


def main() -> None:
    """Run one benchmark; print each result as it comes, or all of them as JSON at the end."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument(
        "--against", metavar="DIR", type=Path, help="run it in this checkout and in that one, and print the ratios"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.__doc__)
        module.add_arguments(command)
        command.add_argument("--json", action="store_true", help="print the results as JSON, the table aside")
    arguments = parser.parse_args()
    benchmark = COMMANDS[arguments.command]
    # Whoever ends this early must not leave the servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))

    if arguments.against:
        rest = sys.argv[sys.argv.index(arguments.command, 2) + 1 :]
        against.compare(benchmark.COLUMNS, arguments.against, [arguments.command, *rest])
        return
    stream = sys.stderr if arguments.json else sys.stdout
    versions = machine.versions()
    print(", ".join(f"{name} {version}" for name, version in versions.items()), file=stream)
    for warning in machine.warnings():
        print(warning, file=stream)
    table = Table(benchmark.COLUMNS, stream)
    results = []
    for row in benchmark.run(arguments):
        table.show(row)
        results.append(row)
    for line in benchmark.verdicts(results):
        print(line, file=stream)
    if arguments.json:
        print(json.dumps({"results": results, "versions": versions}))
    sys.exit(any(row.get("problems") for row in results))


if __name__ == "__main__":
    main()
