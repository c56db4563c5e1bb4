#!/bin/bash
# The proof that a machine with Python and git is enough: clone, `bin/run`, a conversation, and nothing is left behind.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
clone=$work/bellwire
log=$work/run.log
run=

cleanup() {
    [ -z "$run" ] || kill -KILL "$run" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

fail() {
    cat "$clone/var/setup.log" "$log" >&2 2>/dev/null || true
    echo "bare machine: $*" >&2
    exit 1
}

# Start Bellwire with no more environment than a new user has, and set `took` to the seconds until it is ready.
start() {
    local begun=$EPOCHREALTIME
    env -i "PATH=$PATH" "HOME=$HOME" "PORT=$port" "${network[@]}" "$clone/bin/run" >"$log" 2>&1 &
    run=$!
    until grep -q '^Bellwire is ready' "$log"; do
        kill -0 "$run" 2>/dev/null || fail "bin/run ended by itself"
        [ "${EPOCHREALTIME%.*}" -lt $((${begun%.*} + 600)) ] || fail "not ready after ten minutes"
        sleep 0.1
    done
    took=$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $begun }")
}

# End it as a service manager does; what still runs in the clone or in the runtime directory is left over.
stop() {
    local runtime left
    runtime=$(cd "$clone" && env -i "HOME=$HOME" .venv/bin/python -c 'from project import paths; print(paths.runtime_dir())')
    kill -TERM "$run"
    wait "$run" || fail "bin/run ended with $?"
    run=
    [ ! -e "$runtime" ] || fail "$runtime is left"
    left=$({ readlink /proc/[0-9]*/cwd /proc/[0-9]*/exe || true; } 2>/dev/null | grep -F -e "$clone" -e "$runtime" || true)
    [ -z "$left" ] || fail "processes are left in $left"
}

mapfile -t network < <(env | grep -iE '^(PIP_[A-Z_]+|https?_proxy|no_proxy)=')
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
git clone --quiet "$here/.." "$clone"

start
first=$took
"$clone/.venv/bin/python" "$clone/tests/bare_machine.py" "http://127.0.0.1:$port" || fail "the conversation failed"
stop
start
stop
echo "bare machine: first start $first s with all set-up, second start $took s, conversation held, nothing left"
