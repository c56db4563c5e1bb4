"""One benchmark and no more: `python -m benchmarks.alone NAME …` prints its rows as JSON, the table aside."""

import argparse
import json
import sys
from importlib import import_module

from benchmarks.tables import Table


def main() -> None:
    """Run the benchmark of this name."""
    benchmark = import_module(f"benchmarks.{sys.argv[1]}")
    parser = argparse.ArgumentParser(prog=sys.argv[1])
    benchmark.add_arguments(parser)
    table, rows = Table(benchmark.COLUMNS, sys.stderr), []
    for row in benchmark.run(parser.parse_args(sys.argv[2:])):
        table.show(row)
        rows.append(row)
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
