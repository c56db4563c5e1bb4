"""People who send large files, again and again, from a page that they have opened before, until their input ends.

They print a line when they begin, and in the end how many files were taken and how many were not.
"""

import http.client
import sys
import threading
from collections.abc import Iterator
from http.cookies import SimpleCookie

PIECE = bytes(2**20)
EDGE = "edge"


def main() -> None:
    """Send files from so many people at once."""
    port, count, megabytes, chat_pk, session = sys.argv[1:]
    ended = threading.Event()
    taken: list[int] = []
    token = token_of_page(int(port), int(chat_pk), session)

    def send_on() -> None:
        while not ended.is_set():
            taken.append(send(int(port), int(chat_pk), session, token, int(megabytes)))

    threads = [threading.Thread(target=send_on) for _ in range(int(count))]
    print("sending", flush=True)
    for thread in threads:
        thread.start()
    sys.stdin.read()
    ended.set()
    for thread in threads:
        thread.join()
    print(sum(status == 200 for status in taken), sum(status != 200 for status in taken))


def token_of_page(port: int, chat_pk: int, session: str) -> str:
    """Open the chat's page; return the token that its forms send."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("GET", f"/chats/{chat_pk}/", headers={"Cookie": f"sessionid={session}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return SimpleCookie(answer.headers["Set-Cookie"])["csrftoken"].value


def send(port: int, chat_pk: int, session: str, token: str, megabytes: int) -> int:
    """Send one file as the chat's page does; return the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    head = (
        f'--{EDGE}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n\r\n'
    ).encode()
    tail = f"\r\n--{EDGE}--\r\n".encode()
    headers = {
        "Cookie": f"sessionid={session}; csrftoken={token}",
        "Content-Type": f"multipart/form-data; boundary={EDGE}",
        "Content-Length": str(len(head) + megabytes * len(PIECE) + len(tail)),
        "Origin": f"http://127.0.0.1:{port}",
        "HX-Request": "true",
    }
    connection.request("POST", f"/chats/{chat_pk}/files/", pieces(head, megabytes, tail), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def pieces(head: bytes, megabytes: int, tail: bytes) -> Iterator[bytes]:
    """Yield the form, which is never in memory as a whole."""
    yield head
    for _ in range(megabytes):
        yield PIECE
    yield tail


if __name__ == "__main__":
    main()
