"""Bring the database and the static files up to date: `python -m project.prepare [--demo]`.

With `--demo`, an empty database of a site that only this machine can reach gets people and rooms to try.
"""

import os
import sys

import django
import redis
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError


def main() -> None:
    """Check Redis and do what comes before a start, all in this one interpreter."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    try:
        django.setup()
        _ask_redis()
        call_command("migrate", interactive=False, verbosity=0)
        _collect()
        if "--demo" in sys.argv and settings.LOCAL:
            call_command("demo")
    except ImproperlyConfigured as error:
        sys.exit(f"The settings cannot be used: {error}")
    except redis.RedisError as error:
        sys.exit(f"Redis cannot be used: {error}")
    except OperationalError as error:
        sys.exit(f"The database cannot be used: {error}")


def _ask_redis() -> None:
    for url in settings.LAYER_URLS:
        try:
            with redis.Redis.from_url(url, **settings.REDIS_OPTIONS) as client:
                client.ping()
        except (TypeError, ValueError) as error:  # Of an address that is none, or says what its scheme does not know.
            raise redis.RedisError(error) from None


def _collect() -> None:
    """Collect the static files, unless these very ones have been: to name and compress them is half the work."""
    files = [storage.path(name) for finder in finders.get_finders() for name, storage in finder.list([])]
    found = "".join(f"{path} {(status := os.stat(path)).st_size} {status.st_mtime_ns}\n" for path in sorted(files))
    noted = settings.STATIC_ROOT.with_name("static.txt")
    if not (noted.exists() and noted.read_text() == found and (settings.STATIC_ROOT / "staticfiles.json").exists()):
        call_command("collectstatic", interactive=False, verbosity=0)
        noted.write_text(found)


if __name__ == "__main__":
    main()
