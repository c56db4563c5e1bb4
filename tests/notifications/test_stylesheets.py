"""The push service's own look: it is whole without the files of any app that uses it."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

STATIC = Path(apps.get_app_config("notifications").path) / "static/notifications"
TEMPLATES = settings.BASE_DIR / "templates/notifications"


def test_styles_use_only_variables_that_they_define() -> None:
    css = "".join(path.read_text() for path in STATIC.rglob("*.css"))
    defined = set(re.findall(r"(--[\w-]+):", css))
    assert {"--canvas", "--ink", "--brass"} <= defined
    assert set(re.findall(r"var\((--[\w-]+)", css)) - defined == set()


def test_styles_lie_in_layers_whose_order_is_named() -> None:
    (order,) = re.findall(r"@layer ([\w., ]+);", (STATIC / "css/tokens.css").read_text())
    used = {layer for path in STATIC.rglob("*.css") for layer in re.findall(r"@layer ([\w.]+) \{", path.read_text())}
    assert used == set(order.split(", "))
    assert all(layer.startswith("bellwire.") for layer in used), "a project has layers of its own"


def test_pages_styles_and_scripts_name_no_app_that_uses_the_service() -> None:
    files = [path for folder in (STATIC, TEMPLATES) for path in folder.rglob("*.*")]
    assert {".css", ".js", ".html", ".svg"} == {path.suffix for path in files}
    assert [path for path in files if "messaging" in path.read_text()] == []
