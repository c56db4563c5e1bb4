"""A project that is not Bellwire and has the push service as a wheel: what Django's `startproject` makes, the lines of
docs/developer.md, and an app of its own, whose people sign in by e-mail."""

import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Self

import httpx
import redis

from project import paths
from project.run import embedded_redis
from tests.live.stack import Site, fetch, free_port, until

PASSWORD = "a word of alice's"
OWN_LINES = {
    "shop/settings.py": """
AUTH_USER_MODEL = "store.Member"
INSTALLED_APPS += ["store"]
TEMPLATES[0]["DIRS"] = [BASE_DIR / "templates"]
DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}
""",
    "shop/urls.py": """
from django.contrib.auth.views import LoginView
from store import views

urlpatterns += [
    path("accounts/login/", LoginView.as_view(template_name="sign_in.html")),
    path("shelves/<int:pk>/", views.shelf),
    path("shelves/<int:pk>/filling/", views.fill),
    path("shelves/<int:pk>/calling/", views.call),
    path("shelves/<int:pk>/counting/", views.count),
]
""",
}
"""What it adds to files of `startproject` for itself."""
OWN_FILES = {
    "store/__init__.py": "",
    "store/migrations/__init__.py": "",
    "store/apps.py": """
from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "store"

    def ready(self):
        from notifications.push import live
        from store.models import Shelf

        keepers = Shelf.keepers.through.objects
        live.register(
            Shelf,
            visible_to=lambda user_pks, pks: keepers.filter(member__in=user_pks, shelf__in=pks).values_list(
                "member", "shelf"
            ),
        )
""",
    "store/models.py": """
from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models


class Members(BaseUserManager):
    def create_user(self, email, password, **fields):
        member = self.model(email=email, **fields)
        member.set_password(password)
        member.save()
        return member


class Member(AbstractUser):
    username = None
    email = models.EmailField(unique=True)
    objects = Members()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []


class Shelf(models.Model):
    keepers = models.ManyToManyField(settings.AUTH_USER_MODEL)
    boxes = models.IntegerField(default=0)
""",
    "store/admin.py": """
from django.contrib import admin

from store.models import Member

admin.site.register(Member)
""",
    "store/tasks.py": """
from celery import shared_task

from notifications.push import progress_of
from store.models import Shelf


@shared_task
def count(job_pk, shelf_pk):
    with progress_of(job_pk, total=3) as p:
        for _ in p.track(range(3)):
            p.log(f"{Shelf.objects.get(pk=shelf_pk).boxes} boxes")
        p.result(f"/shelves/{shelf_pk}/", "See the shelf")
""",
    "store/views.py": """
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from notifications.push import SeeOther, jobs, notify, update
from store.tasks import count as count_boxes


def own(request, pk):
    return get_object_or_404(request.user.shelf_set, pk=pk)


@login_required
def shelf(request, pk):
    return render(request, "store/shelf.html", {"shelf": own(request, pk)})


@require_POST
@transaction.atomic
def fill(request, pk):
    shelf = own(request, pk)
    shelf.boxes += 1
    shelf.save()
    update(shelf, "#boxes", "store/_boxes.html", {"shelf": shelf})
    return SeeOther(f"/shelves/{pk}/")


@require_POST
def call(request, pk):
    for keeper in own(request, pk).keepers.exclude(pk=request.user.pk):
        notify(keeper, f"{request.user} calls you to shelf {pk}", f"/shelves/{pk}/")
    return SeeOther(f"/shelves/{pk}/")


@require_POST
def count(request, pk):
    jobs.start(request.user, f"Count of shelf {pk}", count_boxes, own(request, pk).pk)
    return SeeOther(f"/shelves/{pk}/")
""",
    "templates/sign_in.html": """
{% extends "base.html" %}
{% block content %}<form method="post">{% csrf_token %}{{ form }}<button>Sign in</button></form>{% endblock %}
""",
    "templates/store/shelf.html": """
{% extends "base.html" %}
{% load pushes %}
{% block content %}{% live shelf %}<p id="boxes">{% include "store/_boxes.html" %}</p>{% endlive %}{% endblock %}
""",
    "templates/store/_boxes.html": "{{ shelf.boxes }} boxes",
}
PEOPLE = f"""
from store.models import Member, Shelf
made = [Member.objects.create_user(f"{{name}}@shop.example", {PASSWORD!r}) for name in ("alice", "bob", "carol")]
Shelf.objects.create(pk=1).keepers.set(made[:2])
Member.objects.filter(email="alice@shop.example").update(is_staff=True, is_superuser=True, first_name="Alice")
"""


def blocks() -> dict[str, str]:
    """Return the lines that docs/developer.md says are to be put into the files of a project."""
    text = (paths.BASE_DIR / "docs/developer.md").read_text()
    return dict(re.findall(r'```\w+ title="((?:shop|templates)/[^"]+)"\n(.*?)```', text, re.DOTALL))


def build(directory: Path) -> Path:
    """Build the wheel from the repository, without the network."""
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(directory), ".")
    (made,) = directory.iterdir()
    return made


def environment(directory: Path, wheel: Path) -> Path:
    """Make a virtual environment with the wheel and two servers, at the versions that are locked; return its Python."""
    locked = re.findall(r"^(\S+==.+) \\$", (paths.BASE_DIR / "requirements.txt").read_text(), re.MULTILINE)
    versions = directory.with_suffix(".txt")
    versions.write_text("\n".join(locked))
    venv.create(directory, with_pip=True)
    python = directory / "bin" / "python"
    install = (str(python), "-m", "pip", "install", "--quiet", "--constraint", str(versions))
    run(*install, str(wheel), "daphne", "uvicorn")
    return python


def run(*command: str, cwd: Path = paths.BASE_DIR, env: dict[str, str] | None = None) -> str:
    """Run a program to its end and return what it prints."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


class Shop(Site):
    """The project with all that it runs: Redis, `runserver`, a worker, and at `other` uvicorn. A context manager."""

    def __init__(self, directory: Path, python: Path) -> None:
        self.directory = directory
        self.python = str(python)
        redis_port, port, other_port = free_port(), free_port(), free_port()
        self.redis_url = f"redis://127.0.0.1:{redis_port}"
        self.other = Site()
        for site, at in ((self, port), (self.other, other_port)):
            site.url, site.ws_url = f"http://127.0.0.1:{at}", f"ws://127.0.0.1:{at}"
        self.env = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        self.env["REDIS_URL"] = self.redis_url
        server = embedded_redis.command()[0]
        options = {"port": str(redis_port), "bind": "127.0.0.1", "dir": str(directory), "save": "", "appendonly": "no"}
        self.programs = {
            "redis": [server, *(word for name, value in options.items() for word in (f"--{name}", value))],
            "worker": [self.python, "-m", "celery", "-A", "shop", "worker", "--pool", "threads", "--loglevel", "info"],
            "runserver": [self.python, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
            "uvicorn": [self.python, "-m", "uvicorn", "shop.asgi:application", "--port", str(other_port)],
        }

    @property
    def log(self) -> str:
        """Everything that its processes have printed."""
        return "\n".join(path.read_text() for path in sorted(self.directory.glob("*.log")))

    def make(self) -> None:
        """Make the project, with its people in a database."""
        run(self.python, "-m", "django", "startproject", "shop", str(self.directory), env=self.env)
        pasted = blocks()
        for name in {*OWN_FILES, *OWN_LINES, *pasted}:
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            begun = path.read_text() if path.exists() else ""
            parts = [begun, OWN_FILES.get(name, ""), OWN_LINES.get(name, ""), pasted.get(name, "")]
            path.write_text("\n".join(parts).lstrip())
        self.manage("makemigrations", "store")
        self.manage("migrate")
        self.manage("shell", "-c", PEOPLE)

    def manage(self, *arguments: str) -> str:
        """Run a command of the project's and return what it prints."""
        return run(self.python, "manage.py", *arguments, cwd=self.directory, env=self.env)

    def __enter__(self) -> Self:
        with ExitStack() as ending:
            ending.enter_context(self._running("redis"))
            until(self._redis_answers)
            self.make()
            for name in ("worker", "runserver", "uvicorn"):
                ending.enter_context(self._running(name))
            until(lambda: " ready." in self.log, timeout=60)
            for site in (self, self.other):
                until(partial(_answers, site), timeout=60)
            self.ending = ending.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.close()

    @contextmanager
    def _running(self, name: str) -> Iterator[None]:
        with (self.directory / f"{name}.log").open("w") as log:
            command = self.programs[name]
            process = subprocess.Popen(command, cwd=self.directory, env=self.env, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            finally:
                process.kill()
                process.wait()

    def _redis_answers(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis.from_url(self.redis_url) as client:
            return bool(client.ping())
        return False


def _answers(site: Site) -> bool:
    with suppress(httpx.TransportError):
        return fetch(f"{site.url}/accounts/login/").status_code == 200
    return False
