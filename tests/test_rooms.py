"""The rooms of the house: what stands in them, and that every import goes down. docs/architecture.md draws them."""

from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

from benchmarks.rooms import imported, modules

ROOT = Path(__file__).parent.parent
GROUND = {"notifications": "http queue breaker metrics", "messaging": "signals kept"}
"""The modules at an app's root that know no room."""
ROOMS = {
    "notifications": ("prose", "limits live", "api", "relay inbox doctor", "jobs webhooks", "announcements"),
    "messaging": (
        "accounts",
        "chats",
        "messages",
        "attachments",
        "bots exports forwards governing hooks links pins presence reactions"
        " receipts replies saved threads unread writing",
        "later people search webhooks",
        "commands",
    ),
}
"""The lowest first. On top stands what else is at the root: Django's doors, the face, and its twin for tests."""
DOORS = {"management", "migrations", "static", "templatetags", "__pycache__"}
MOST_FILES = 17
"""So many an app's root may have."""


def floor(module: str, app: str) -> int:
    """Return how high a module stands."""
    floors = [GROUND[app], *ROOMS[app]]
    return next((number for number, names in enumerate(floors) if room_of(module) in names.split()), len(floors))


def room_of(module: str) -> str:
    """Return what a module is below its app."""
    return f"{module}.".split(".")[1]


@pytest.mark.parametrize("app", ROOMS)
def test_every_import_goes_down_and_none_in_a_circle(app: str) -> None:
    known = modules(app, ROOT)
    arrows = {module: set(imported(path, known)) - {app} for module, path in known.items()}
    list(TopologicalSorter(arrows).static_order())  # raises CycleError
    between = [(a, b) for a, others in arrows.items() for b in others if room_of(a) != room_of(b)]
    inside = range(1, len(ROOMS[app]) + 1)
    assert [
        (a, b)
        for a, b in between
        if floor(b, app) > floor(a, app) or (floor(b, app) == floor(a, app) and floor(a, app) in inside)
    ] == []


@pytest.mark.parametrize("app", ROOMS)
def test_a_room_says_in_one_line_what_it_is(app: str) -> None:
    rooms = " ".join(ROOMS[app]).split()
    assert {path.name for path in (ROOT / app).iterdir() if path.is_dir()} - DOORS == set(rooms), "each has its floor"
    for room in rooms:
        (only,) = (ROOT / app / room / "__init__.py").read_text().splitlines()
        assert only.startswith('"""')
    assert len(list((ROOT / app).glob("*.py"))) <= MOST_FILES


@pytest.mark.parametrize("app", ROOMS)
def test_the_apps_models_name_those_of_all_rooms(app: str) -> None:
    for module in modules(app, ROOT):
        if ".models" in module:
            import_module(module)
    assert {model.__name__ for model in apps.get_app_config(app).get_models()} == set(
        import_module(f"{app}.models").__all__
    )


def test_the_messenger_knows_only_the_face_of_the_push_service() -> None:
    known = modules("notifications", ROOT)
    used = {found for path in modules("messaging", ROOT).values() for found in imported(path, known)}
    assert used == {"notifications.push"}
