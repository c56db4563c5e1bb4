#!/bin/sh
# django-environ 0.14.0: `postgres://user@%2Frun%2Fpostgresql/db`, as libpq's documentation writes a directory of sockets in a URL, keeps
# its %2F: Django then looks for a host of that name. libpq itself, by psycopg 3.3.9, reads the same URL as a directory. Without a host
# (`postgres://user@/db`) both mean the usual directory of sockets.
#
# Output seen:
#   environ: '%2Frun%2Fpostgresql'
#   libpq: '/run/postgresql'
#   environ, no host: ''
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet django-environ==0.14.0 'psycopg[binary]==3.3.9'
venv/bin/python - <<'SCRIPT' | tee seen
import environ
from psycopg.conninfo import conninfo_to_dict

url = "postgres://bob@%2Frun%2Fpostgresql/db"
print(f"environ: {environ.Env.db_url_config(url)['HOST']!r}")
print(f"libpq: {conninfo_to_dict(url)['host']!r}")
print(f"environ, no host: {environ.Env.db_url_config('postgres://bob@/db')['HOST']!r}")
SCRIPT
printf "environ: '%%2Frun%%2Fpostgresql'\nlibpq: '/run/postgresql'\nenviron, no host: ''\n" | cmp - seen
