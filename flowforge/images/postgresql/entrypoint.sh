#!/bin/sh
# Starts PostgreSQL; on an empty volume it first makes the cluster, its password and the database.
set -eu
data="${PGDATA:-/var/lib/postgresql/data/pgdata}"
user="${POSTGRES_USER:-postgres}"
database="${POSTGRES_DB:-$user}"
export LC_ALL=C
if [ ! -s "$data/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD to the password of user $user}"
  # A half-made cluster of an interrupted first start is made anew.
  rm -rf "$data" "$data.new"
  pwfile=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" > "$pwfile"
  initdb -D "$data.new" -U "$user" --pwfile="$pwfile" --auth-host=scram-sha-256 --auth-local=trust -E UTF8
  rm -f "$pwfile"
  echo "host all all all scram-sha-256" >> "$data.new/pg_hba.conf"
  if [ "$database" != postgres ]; then
    echo "CREATE DATABASE \"$database\";" | postgres --single -D "$data.new" postgres
  fi
  mv "$data.new" "$data"
fi
# A pid file left by a killed container would name a process id that is taken again in the new one.
rm -f "$data/postmaster.pid"
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp -c dynamic_shared_memory_type=posix -c max_connections=200 "$@"
