#!/bin/bash
# uvicorn 0.54.0 with httptools 0.9.0: an answer without a Content-Length goes to a client of HTTP/1.0 in chunks, which
# that version does not know (RFC 9112, 6.1: a server must not send Transfer-Encoding unless the request is of HTTP/1.1
# or later), so the sizes of the chunks become part of what is read. Such clients are load balancers that ask for
# health, and proxies by their default. With `--http h11` the same program is right: it closes after the body.
# Seen: httptools: "transfer-encoding: chunked", body "3\r\nok\n\r\n0\r\n\r\n"; h11: body "ok\n". Fails if that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q uvicorn==0.54.0 httptools==0.9.0 h11==0.16.0

cat >app.py <<'PYTHON'
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"ok\n"})
PYTHON

cat >ask.py <<'PYTHON'
import socket, sys, time

for attempt in range(100):
    try:
        connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
        break
    except ConnectionRefusedError:
        time.sleep(0.1)
with connection:
    connection.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
    said = b"".join(iter(lambda: connection.recv(65536), b""))
head, _, body = said.partition(b"\r\n\r\n")
print("chunked" if b"transfer-encoding: chunked" in head.lower() else "whole", body)
PYTHON

ask() {
    local port
    port=$(venv/bin/python -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
    venv/bin/uvicorn app:app --http "$1" --port "$port" --log-level error & server=$!
    venv/bin/python ask.py "$port"
    kill "$server"
    wait "$server" || true
}

httptools=$(ask httptools)
h11=$(ask h11)
echo "httptools: $httptools"
echo "h11: $h11"
[ "$httptools" = "chunked b'3\\r\\nok\\n\\r\\n0\\r\\n\\r\\n'" ]
[ "$h11" = "whole b'ok\\n'" ]
