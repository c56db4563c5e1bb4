"""Bring the database and the static files up to date: `python -m project.prepare [COMMAND ...]`."""

import os
import sys

import django
import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError


def main() -> None:
    """Check Redis and run the management commands that come before a start, all in this one interpreter."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    try:
        django.setup()
        for url in settings.LAYER_URLS:
            with redis.Redis.from_url(url, **settings.REDIS_OPTIONS) as client:
                client.ping()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        for name in sys.argv[1:]:
            call_command(name)
    except ImproperlyConfigured as error:
        sys.exit(f"The settings cannot be used: {error}")
    except redis.RedisError as error:
        sys.exit(f"Redis cannot be used: {error}")
    except OperationalError as error:
        sys.exit(f"The database cannot be used: {error}")


if __name__ == "__main__":
    main()
