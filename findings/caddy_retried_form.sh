#!/bin/sh
# Caddy 2.6.2 (Debian 12): with two upstreams of which one is away, `lb_try_duration` has a form tried at the other one, but only
# without its body: the client gets 502, and the log says "http: invalid Read on closed Body". The same request without a body is
# answered. With `buffer_requests` (from Caddy 2.7 on: `request_buffers 1MB`) the form is answered, too; but no more with a
# `max_buffer_size` beside it, however much smaller the form is: its end counts as a failure to buffer it.
#
# Output seen:
#   plain: GET 200, POST 502
#   buffer_requests: GET 200, POST 200
#   buffer_requests, max_buffer_size 1MB: GET 200, POST 502
set -eu
folder=$(mktemp -d)
caddy= server=
trap 'kill $caddy $server 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq caddy=2.6.2-5 2>/dev/null || { apt-get update -qq && apt-get download -qq caddy=2.6.2-5; }
dpkg-deb -x caddy_*.deb . && rm caddy_*.deb

cat >server.py <<'SCRIPT'
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.end_headers()
    do_POST = do_GET
    log_message = lambda *_: None

server = HTTPServer(("127.0.0.1", 0), Answer)
print(server.server_port, flush=True)
server.serve_forever()
SCRIPT
python3 server.py >port & server=$!
until [ -s port ]; do sleep 0.1; done
free=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')

# Port 1 is the upstream that is away. Each request meets a Caddy that does not know that yet.
ask() { # the option, then arguments of curl
    cat >Caddyfile <<CONFIG
{
	admin off
	auto_https off
	storage file_system $folder/data
}
http://127.0.0.1:$free {
	respond /ready 200
	reverse_proxy 127.0.0.1:1 127.0.0.1:$(cat port) {
		lb_policy first
		lb_try_duration 5s
		fail_duration 10s
		$1
	}
}
CONFIG
    shift
    HOME=$folder usr/bin/caddy run --adapter caddyfile --config Caddyfile >log 2>&1 & caddy=$!
    until curl -s -o /dev/null "http://127.0.0.1:$free/ready"; do sleep 0.1; done
    curl -s -o /dev/null -w '%{http_code}' "$@" "http://127.0.0.1:$free/"
    kill $caddy && wait $caddy 2>/dev/null || true
}
limited=$(printf 'buffer_requests\nmax_buffer_size 1MB')
for option in "" buffer_requests "$limited"; do
    echo "$(echo "${option:-plain}" | paste -sd, | sed 's/,/, /'): GET $(ask "$option"), POST $(ask "$option" --data 'body=hello')"
done | tee seen
printf 'plain: GET 200, POST 502\nbuffer_requests: GET 200, POST 200\nbuffer_requests, max_buffer_size 1MB: GET 200, POST 502\n' | cmp - seen
