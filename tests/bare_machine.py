"""Alice writes and bob receives it by WebSocket, with what Bellwire itself installs: `bare_machine.py URL`."""

import http.cookiejar
import re
import sys
import urllib.parse
import urllib.request
import uuid

from websockets import Origin
from websockets.sync.client import connect


class Visitor:
    """A demo person who signs in by the form."""

    def __init__(self, site: str, name: str) -> None:
        self.site = site
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )
        self.fetch("/accounts/login/")
        self.fetch("/accounts/login/", username=name, password="bellwire-demo")

    def fetch(self, path: str, **form: str) -> str:
        """Return a page, or what answers a form sent to it."""
        data = None
        if form:
            token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")
            data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **form}).encode()
        with self.opener.open(self.site + path, data, timeout=10) as answer:
            return str(answer.read().decode())

    def cookie_header(self) -> dict[str, str]:
        """Return the header with which a socket is this visitor's."""
        return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)}


def main(site: str) -> None:
    """Hold the conversation."""
    alice, bob = Visitor(site, "alice"), Visitor(site, "bob")
    links = re.findall(r'<a [^>]*data-chat="(\d+)"(.*?)</a>', alice.fetch("/"), re.DOTALL)
    chat = next(pk for pk, text in links if "General" in text)
    words = f"Tea at {uuid.uuid4()}?"
    address = f"{site.replace('http', 'ws', 1)}/ws/live/chat/{chat}/?after=0"
    with connect(address, origin=Origin(site), additional_headers=bob.cookie_header(), proxy=None) as socket:
        alice.fetch(f"/chats/{chat}/messages/", body=words, client_id=str(uuid.uuid4()))
        while words not in socket.recv(timeout=10):
            pass


if __name__ == "__main__":
    main(sys.argv[1])
