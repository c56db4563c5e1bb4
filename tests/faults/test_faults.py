"""Every fault, on every kind of site that it concerns: nothing is lost, doubled, out of order or leaked."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.faults.registry import Fault, load
from tests.faults.site import Site, Spec


def places(fault: Fault) -> Iterator[Spec]:
    """Yield the kinds of site on which a fault is tried."""
    yield fault.spec
    if fault.on_daphne:
        yield replace(fault.spec, server="daphne")
    if os.environ.get("TEST_DATABASE_URL"):
        yield replace(fault.spec, database="postgresql")


CASES = [
    pytest.param(fault, spec, id=f"{fault.name}-{fault.scenario.__name__}-{spec}")
    for faults in load().values()
    for fault in faults
    for spec in places(fault)
]


@pytest.mark.parametrize(("fault", "site"), CASES, indirect=["site"], scope="session")
async def test_site_survives(fault: Fault, site: Site, seed: int) -> None:
    verdict = await fault.scenario(site, fault.ordinary, seed)
    verdict.check()
