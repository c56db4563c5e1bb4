"""Files of tests lie in directories of their own."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, settings: Any) -> Path:
    """Where the files of this test are."""
    kept = {**settings.STORAGES["attachments"]}
    kept["OPTIONS"] = {**kept["OPTIONS"], "location": tmp_path / "attachments"}
    settings.STORAGES = {**settings.STORAGES, "attachments": kept}
    return tmp_path / "attachments"
