"""Settings by environment, and health."""

import os
import secrets
import stat
import subprocess
import sys
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client, override_settings

from project import health, paths

ROOT = Path(__file__).parent.parent.parent
PUBLIC = {"ALLOWED_HOSTS": "chat.example.org", "SECRET_KEY": secrets.token_urlsafe(64)}


def settings_with(expression: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = f"from project import settings as s; print({expression})"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_this_machine_alone_needs_no_secret_and_no_https() -> None:
    assert settings_with("(s.LOCAL, s.DEBUG, s.HTTPS)").stdout.strip() == "(True, False, False)"
    secret = paths.state_dir() / "secret_key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_a_real_host_name_makes_a_production_site_that_wants_a_secret() -> None:
    refused = settings_with("0", ALLOWED_HOSTS="chat.example.org")
    assert refused.returncode != 0
    assert "Set SECRET_KEY" in refused.stderr
    strict = "(s.HTTPS, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0)"
    accepted = settings_with(strict, **PUBLIC)
    assert accepted.stdout.strip() == "(True, True, True, True)"


@pytest.mark.parametrize(
    ("unsafe", "says"),
    [
        ({"SECRET_KEY": "a"}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "a" * 60}, "Set SECRET_KEY"),
        ({"SECRET_KEY": secrets.token_urlsafe(64)[:31]}, "Set SECRET_KEY"),
        ({"DEBUG": "on"}, "Leave DEBUG off"),
        ({"ALLOWED_HOSTS": "localhost", "BEHIND_PROXY": "on", "SECRET_KEY": ""}, "Set SECRET_KEY"),
    ],
)
def test_a_site_that_others_reach_refuses_unsafe_settings(unsafe: dict[str, str], says: str) -> None:
    refused = settings_with("0", **{**PUBLIC, **unsafe})
    assert refused.returncode != 0
    assert says in refused.stderr


def test_https_for_all_other_sites_of_the_domain_is_a_choice() -> None:
    expression = "(s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD)"
    assert settings_with(expression, **PUBLIC).stdout.strip() == "(False, False)"
    assert settings_with(expression, **PUBLIC, HSTS_SUBDOMAINS="on").stdout.strip() == "(True, True)"


@pytest.mark.parametrize("prefix", ["/a b", "/ä", "/../x", "/bell?x", "/bell#x", "/a//b", "/%41", '/"', "/<b>"])
def test_a_prefix_that_no_address_can_have_is_refused(prefix: str) -> None:
    refused = settings_with("s.PATH_PREFIX", PATH_PREFIX=prefix)
    assert refused.returncode != 0
    assert "PATH_PREFIX is like /bell" in refused.stderr


@pytest.mark.parametrize("site", ["https://example.org", "https://example.org/", "https://example.org/bell/"])
def test_links_in_mails_have_the_prefix_once(site: str) -> None:
    code = """
import django
django.setup()
from messaging.models import Invitation
print(Invitation(token="x").link)
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "project.settings", "PATH_PREFIX": "/bell", "SITE_URL": site}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "https://example.org/bell/accounts/signup/x/"


def test_whatever_command_makes_the_database_only_its_owner_can_read_it(tmp_path: Path) -> None:
    environment = {**os.environ, "STATE_DIR": str(tmp_path / "state")}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=environment, umask=0o022, check=True)
    made = [tmp_path / "state", *(tmp_path / "state").iterdir()]
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in made} == {path.name: "0o0" for path in made}
    assert (tmp_path / "state" / "bellwire.sqlite3").exists()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, (True, "http://127.0.0.1:8000")),
        ({"PORT": "9000"}, (True, "http://127.0.0.1:9000")),
        (PUBLIC, (False, "https://chat.example.org")),
        ({**PUBLIC, "ALLOWED_HOSTS": ".example.org,b.example"}, (False, "https://example.org")),
        ({**PUBLIC, "ALLOWED_HOSTS": "*"}, (False, "https://localhost")),
        ({"ALLOWED_HOSTS": ""}, (True, "http://localhost:8000")),
        ({**PUBLIC, "HTTPS": "off", "EMAIL_URL": "smtp://mail.example.org"}, (True, "http://chat.example.org")),
        ({**PUBLIC, "SITE_URL": "https://chat.example.org:8443/"}, (False, "https://chat.example.org:8443")),
    ],
)
def test_whether_the_site_mails_and_where_links_lead_is_for_the_operator_to_say(
    environment: dict[str, str], expected: tuple[bool, str]
) -> None:
    found = settings_with("(s.SENDS_MAIL, s.SITE_URL)", **{"PORT": "", "SITE_URL": "", **environment})
    assert found.stdout.strip() == str(expected)


@pytest.mark.parametrize(
    ("url", "layer", "broker"),
    [
        ("redis://cache.example:6379", "redis://cache.example:6379", "redis://cache.example:6379/1"),
        ("redis://cache.example:6379/5", "redis://cache.example:6379/5", "redis://cache.example:6379/5"),
        ("rediss://:pw@cache.example", "rediss://:pw@cache.example", "rediss://:pw@cache.example/1"),
        ("unix:///run/r.sock", "unix:///run/r.sock?db=0", "redis+socket:///run/r.sock?virtual_host=1"),
    ],
)
def test_one_redis_url_serves_pushes_and_queue(url: str, layer: str, broker: str) -> None:
    found = settings_with("(s.LAYER_URLS, s.CELERY_BROKER_URL)", REDIS_URL=url)
    assert found.stdout.strip() == f"(['{layer}'], '{broker}')"


def test_runserver_speaks_asgi() -> None:
    command = [sys.executable, "manage.py", "runserver", "--help"]
    assert "--noasgi" in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_postgresql_by_one_variable() -> None:
    found = settings_with("s.DATABASES['default']['ENGINE']", DATABASE_URL="postgres://u:p@db.example/bellwire")
    assert found.stdout.strip() == "django.db.backends.postgresql"


def test_alive_says_nothing_of_others(client: Client) -> None:
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_ready_means_database_and_redis_answer(client: Client) -> None:
    assert client.get("/readyz").status_code == 200
    with override_settings(LAYER_URLS=[*settings.LAYER_URLS, "unix:///nowhere/redis.sock"]):
        response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"not ready: redis\n")


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def cursor(self) -> None:
            raise DatabaseError("away")

    monkeypatch.setattr(health, "connection", Broken())
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"not ready: database\n")


@override_settings(METRICS_TOKEN="secret")
def test_metrics_are_for_those_who_have_the_token(client: Client) -> None:
    assert "bellwire_heals_total" in client.get("/metrics", headers={"Authorization": "Bearer secret"}).content.decode()
    for given in ("Bearer wrong", "secret", ""):
        assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


@override_settings(METRICS_TOKEN="")
def test_without_a_token_there_are_no_metrics(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@override_settings(SECURE_SSL_REDIRECT=True)
def test_a_load_balancer_asks_over_plain_http_and_by_address(client: Client) -> None:
    assert client.get("/healthz", headers={"host": "10.0.0.7"}).status_code == 200
    assert client.get("/").status_code == 301


def clock_of(zone: str, moment: str) -> str:
    """Return what a process of a site in this zone tells of a moment: Python's clock, and the one of its logs."""
    code = (
        "import django, time; from datetime import datetime; django.setup(); from django.utils import timezone;"
        f"at = datetime.fromisoformat('{moment}+00:00');"
        "print(f'{timezone.localtime(at):%H:%M}', time.strftime('%H:%M', time.localtime(at.timestamp())))"
    )
    environment = {**os.environ, "TIME_ZONE": zone, "DJANGO_SETTINGS_MODULE": "project.settings"}
    environment.pop("TZ", None)
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize(("zone", "time"), [("", "12:00"), ("Europe/Berlin", "13:00"), ("Asia/Calcutta", "17:30")])
def test_a_site_has_a_clock_of_its_own(zone: str, time: str) -> None:
    assert clock_of(zone, "2026-11-29 12:00") == f"{time} {time}"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "berlin", "../UTC", "+05:30", "Europe"])
def test_a_zone_that_there_is_not_keeps_a_site_from_starting_with_one_line(zone: str) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "project.prepare"],
        cwd=ROOT,
        env={**os.environ, "TIME_ZONE": zone},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    [line] = refused.stderr.splitlines()
    assert "TIME_ZONE is the name of a time zone, like Europe/Berlin" in line
    assert repr(zone) in line


@pytest.mark.parametrize(
    ("zone", "time"),
    [
        ("America/Vancouver", "05:00"),
        ("America/Edmonton", "06:00"),
        ("America/Winnipeg", "07:00"),
        ("America/Havana", "08:00"),
        ("Africa/Casablanca", "12:00"),
        ("America/Inuvik", "06:00"),
    ],
)
def test_the_rules_of_zones_are_those_of_the_package_and_not_the_systems(zone: str, time: str) -> None:
    """The system's are of the year before on Debian 12, and an hour off in these places."""
    with (resources.files("tzdata") / "zoneinfo" / zone).open("rb") as file:
        there = datetime(2026, 12, 29, 12, tzinfo=UTC).astimezone(ZoneInfo.from_file(file))
    assert clock_of(zone, "2026-12-29 12:00") == f"{there:%H:%M} {there:%H:%M}" == f"{time} {time}"
