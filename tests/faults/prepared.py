"""A run on a state directory that is prepared already: that takes as long again as the web server's start.

`python -m tests.faults.prepared alone` leaves out worker and beat too, which some sites have no work for.
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
    run._preparation = nothing_to_do
    if "alone" in sys.argv:
        run._worker = run._beat = idle
    run.main()
