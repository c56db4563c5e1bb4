"""Bellwire as it stands on the internet: a proxy of `deploy/` before two web servers, over TLS."""

import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import httpx
import trustme
from websockets import Origin
from websockets.sync.client import ClientConnection, connect

from project import paths
from tests.live.stack import Site, Stack, fetch, free_port, migrated, until

NAME = "chat.example.org"
PASSWORD = "a-good-long-one"
PEOPLE = f"""
from django.contrib.auth.models import User
from messaging.models import Chat
alice, bob, carol = (User.objects.create_user(name, password={PASSWORD!r}) for name in ("alice", "bob", "carol"))
Chat.objects.start(alice, "General", Chat.Kind.OPEN).admit(bob)
"""


class Proxied(Site):
    """Two web servers of one Bellwire, and before them a proxy, run by the command line that `proxy(self)` returns."""

    def __init__(self, proxy: Callable[["Proxied"], list[str]], code: Path, directory: Path, prefix: str = "") -> None:
        self.proxy = proxy
        self.prefix = prefix
        self.directory = directory
        given = {"ALLOWED_HOSTS": NAME, "SECRET_KEY": "a secret of many letters, and of no value", "BEHIND_PROXY": "on"}
        given["PATH_PREFIX"] = prefix
        # The site's own, but for a window that seldom ends while a test counts in it.
        given["LIMITS"] = "sign_in=10/1d"
        if proxy is nginx:
            given["X_ACCEL_REDIRECT"] = "/files-of-bellwire/"
        self.stack = Stack(code, directory / "state", **given)
        shutil.copytree(migrated(code), self.stack.state_dir)
        self.ports = [int(self.stack.env["PORT"]), free_port()]
        self.http_port, self.https_port = free_port(), free_port()
        self.origin = f"https://{NAME}"
        self.url, self.ws_url = f"{self.origin}{prefix}", f"wss://{NAME}{prefix}"
        authority = trustme.CA()
        certificate = authority.issue_cert(NAME)
        certificate.private_key_pem.write_to_path(directory / "privkey.pem")
        certificate.cert_chain_pems[0].write_to_path(directory / "fullchain.pem")
        self.trust = ssl.create_default_context()
        authority.configure_trust(self.trust)
        # The client of websockets.sync (17.4) reads and writes on two threads. Where a ticket of TLS 1.3 comes in just
        # then, the answer to its handshake may be lost (26 times in 10,597), and it waits for ever. With 1.2 none was.
        self.trust.maximum_version = ssl.TLSVersion.TLSv1_2

    @property
    def log(self) -> str:
        """Everything that all of it has printed."""
        return "".join(path.read_text() for path in (self.stack.log_file, *self.directory.glob("*.log")))

    def __enter__(self) -> Self:
        with ExitStack() as cleaning:
            cleaning.enter_context(self.stack)
            cleaning.callback(self.end_second)
            self.start_second()
            command = [sys.executable, "manage.py", "shell", "--command", PEOPLE]
            subprocess.run(command, cwd=self.stack.code, env=self.stack.env, capture_output=True, check=True)
            with (self.directory / "proxy.log").open("w") as log:
                process = cleaning.enter_context(subprocess.Popen(self.proxy(self), stdout=log, stderr=log))
            cleaning.callback(process.terminate)
            until(lambda: self.readyz() == "ready\n")
            self.cleaning = cleaning.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.cleaning.close()

    def readyz(self) -> str:
        """Return what `/readyz` says through the proxy, or an empty string if there is no answer."""
        try:
            with self.client() as client:
                return client.get("/readyz").text
        except httpx.TransportError:
            return ""

    def start_second(self) -> None:
        """Start the second web server and wait until it serves; the first is the run's own."""
        command = [sys.executable, "-m", "project.serve", "--port", str(self.ports[1])]
        with (self.directory / "second.log").open("a") as log:
            self.second = subprocess.Popen(command, cwd=self.stack.code, env=self.stack.env, stdout=log, stderr=log)
        until(lambda: _answers(self.ports[1]))

    def end_second(self) -> None:
        """Kill the second web server."""
        self.second.kill()
        self.second.wait()

    def client(self, address: str = "127.0.0.1", **headers: str) -> httpx.Client:
        """Return a browser at some address of this machine; it sends headers as one does, and these."""
        return httpx.Client(
            transport=_Named(httpx.HTTPTransport(verify=self.trust, local_address=address), self.https_port),
            base_url=self.url,
            headers={"Origin": self.origin, **headers},
            timeout=20,
        )

    def connect(self, path: str, **headers: str) -> ClientConnection:
        """Open a WebSocket through the proxy."""
        return connect(
            f"{self.ws_url}{path}",
            sock=socket.create_connection(("127.0.0.1", self.https_port)),
            ssl=self.trust,
            origin=Origin(self.origin),
            additional_headers=headers,
            proxy=None,
        )


class _Named(httpx.BaseTransport):
    """Sends what is for the site's name to a port of this machine: no name server knows that name."""

    def __init__(self, transport: httpx.HTTPTransport, port: int) -> None:
        self.transport = transport
        self.port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.transport.handle_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host="127.0.0.1", port=self.port),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": request.url.host},
            )
        )

    def close(self) -> None:
        self.transport.close()


def nginx(site: Proxied) -> list[str]:
    """Return the command line of nginx with `deploy/nginx.conf`, but for ports, and places of files."""
    replaced = {
        "127.0.0.1:8001": f"127.0.0.1:{site.ports[0]}",
        "127.0.0.1:8002": f"127.0.0.1:{site.ports[1]}",
        "listen 80;": f"listen 127.0.0.1:{site.http_port};",
        "listen 443 ssl": f"listen 127.0.0.1:{site.https_port} ssl",
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        f"/etc/letsencrypt/live/{NAME}": str(site.directory),
        "/var/log/nginx": str(site.directory),
        "/var/lib/bellwire/": f"{site.stack.state_dir}/",
        "location / {\n        proxy_pass": f"location {site.prefix}/ {{\n        proxy_pass",
    }
    (site.directory / "site.conf").write_text(_with(replaced, "nginx.conf"))
    # One that is started by root would serve as somebody else, who may not look into this directory.
    user = "user root;" if os.getuid() == 0 else ""
    places = " ".join(f"{name}_temp_path temp;" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    main = f"{user} pid nginx.pid; error_log stderr; events {{}} http {{ {places} include site.conf; }}"
    (site.directory / "main.conf").write_text(main)
    return ["nginx", "-p", str(site.directory), "-c", "main.conf", "-e", "stderr", "-g", "daemon off;"]


def caddy(site: Proxied) -> list[str]:
    """Return the command line of Caddy with `deploy/Caddyfile`, but for ports and the certificate."""
    replaced = {
        "reverse_proxy 127": f"reverse_proxy {site.prefix}/* 127",
        "127.0.0.1:8001": f"127.0.0.1:{site.ports[0]}",
        "127.0.0.1:8002": f"127.0.0.1:{site.ports[1]}",
        f"\n{NAME} {{": f"\n{NAME}:{site.https_port} {{\n\tbind 127.0.0.1\n"
        f"\ttls {site.directory}/fullchain.pem {site.directory}/privkey.pem",
    }
    options = f"{{\n\tadmin off\n\thttp_port {site.http_port}\n\tstorage file_system {site.directory}/caddy\n}}\n"
    (site.directory / "Caddyfile").write_text(options + _with(replaced, "Caddyfile"))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(site.directory / "Caddyfile")]


def _with(replaced: dict[str, str], name: str) -> str:
    text = (paths.BASE_DIR / "deploy" / name).read_text()
    for old, new in replaced.items():
        assert old in text, f"deploy/{name} has no {old!r}"
        text = text.replace(old, new)
    return text


def _answers(port: int) -> bool:
    try:
        return fetch(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.TransportError:
        return False
