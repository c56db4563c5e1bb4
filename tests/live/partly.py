"""A run that leaves out what a test has no use for: `python -m tests.live.partly prepared alone`.

`prepared`: its state directory is prepared already, which takes as long again as the web server's start. `alone`: there
is no work for a worker and for beat.
"""

import sys

from project.run import __main__ as run
from project.run.supervisor import Service


def nothing_to_do(host: str) -> Service:
    """Return a service that ends at once."""
    return Service("preparation", ["true"], grace=1)


def idle() -> Service:
    """Return a service that does nothing."""
    return Service("nothing", ["sleep", "infinity"], grace=1)


if __name__ == "__main__":
    if "prepared" in sys.argv:
        run._preparation = nothing_to_do
    if "alone" in sys.argv:
        run._worker = run._beat = idle
    run.main()
