"""Those who guess passwords as fast as they are answered: a process of their own, so that they slow no measurement.

`python -m benchmarks.guessers PORT COUNT ADDRESSES`: COUNT of them from so many addresses of this machine, until the
end of its input. It then prints how often they were answered by each status, as JSON.
"""

import http.client
import json
import sys
import threading
from collections import Counter
from contextlib import suppress
from http.cookies import SimpleCookie
from urllib.parse import urlencode

PATH = "/accounts/login/"


class Guesser:
    """Somebody who tries one password after the other for one name, whatever the answer says of waiting."""

    def __init__(self, port: int, number: int, address: str) -> None:
        self.port = port
        self.name = f"member{number}"
        self.address = address
        self.statuses: Counter[int] = Counter()
        self.ended = threading.Event()

    def run(self) -> None:
        """Guess until `ended`."""
        token = ""
        while not self.ended.is_set():
            with suppress(OSError, http.client.HTTPException):
                token = token or self._ask("GET", "").cookies["csrftoken"].value
                form = urlencode({"csrfmiddlewaretoken": token, "username": self.name, "password": "wrong-guess"})
                self.statuses[self._ask("POST", form, token).status] += 1

    def _ask(self, method: str, body: str, token: str = "") -> "Answer":
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120, source_address=(self.address, 0))
        headers = {"Cookie": f"csrftoken={token}", "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, PATH, body, headers)
            answer = connection.getresponse()
            answer.read()
            return Answer(answer)
        finally:
            connection.close()


class Answer:
    """What a guesser looks at."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.cookies = SimpleCookie(answer.headers.get("Set-Cookie", ""))


def main(port: int, count: int, addresses: int) -> None:
    """Guess until standard input ends."""
    guessers = [Guesser(port, number, f"127.0.0.{2 + number % addresses}") for number in range(count)]
    for guesser in guessers:
        threading.Thread(target=guesser.run, daemon=True).start()
    sys.stdin.read()
    for guesser in guessers:
        guesser.ended.set()
    print(json.dumps(sum((guesser.statuses for guesser in guessers), Counter())))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
