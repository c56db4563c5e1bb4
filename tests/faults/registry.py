"""The faults: what each does, at which sizes, and on what kind of site. Tests and `bin/bench storm` read it."""

import pkgutil
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tests.faults.ledger import Verdict
from tests.faults.site import Site, Spec

ANY = Spec()


@dataclass(frozen=True)
class Size:
    """How much of everything, of which a scenario uses what it needs; all pages must show all `within` seconds.

    `served_within` is for the good beside the bad. Both are generous where tests run beside each other, strict in full
    size.
    """

    messages: int = 0
    readers: int = 0
    rate: float = 0
    times: int = 1
    seconds: float = 0
    within: float = 5
    served_within: float = 3


Scenario = Callable[[Site, Any, int], Coroutine[Any, Any, Verdict]]
"""Breaks a site while a crowd uses it: `await scenario(site, size, seed)`."""


@dataclass(frozen=True)
class Fault:
    """A fault to survive, or a part of one; `on_daphne` if it depends on the web server, `spec` for a special site."""

    name: str
    scenario: Scenario
    ordinary: Any
    full: Any
    on_daphne: bool = False
    spec: Spec = ANY

    @property
    def title(self) -> str:
        """What happens, in the scenario's own words."""
        return (self.scenario.__doc__ or "").partition("\n")[0]


FAULTS: dict[str, list[Fault]] = {}


def fault(
    name: str, *, ordinary: Any, full: Any, on_daphne: bool = False, spec: Spec = ANY
) -> Callable[[Scenario], Scenario]:
    """Register the decorated scenario as the fault of this name (`F6`), or as a part of it."""

    def register(scenario: Scenario) -> Scenario:
        FAULTS.setdefault(name, []).append(Fault(name, scenario, ordinary, full, on_daphne, spec))
        return scenario

    return register


def load() -> dict[str, list[Fault]]:
    """Return all faults by name, in their order."""
    from tests.faults import scenarios

    for module in pkgutil.iter_modules(scenarios.__path__):
        import_module(f"tests.faults.scenarios.{module.name}")
    return {name: FAULTS[name] for name in sorted(FAULTS, key=lambda name: int(name[1:]))}
