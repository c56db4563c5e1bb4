"""A run of the web server without worker and beat: they take as long to start, and some sites have no work for them."""

from project.run import __main__ as run
from project.run.supervisor import Service


def idle() -> Service:
    """Return a service that does nothing."""
    return Service("nothing", ["sleep", "infinity"], grace=1)


if __name__ == "__main__":
    run._worker = run._beat = idle
    run.main()
