#!/usr/bin/env bash
# deploy.sh COMMIT [NAME]: ends the server that runs and starts that of COMMIT, in its place. Production is
# the folder $PRODUCTION; a file `stale` in it is a cache that serves the last image for the next.
set -euo pipefail

listens() { (: < "/dev/tcp/127.0.0.1/$PORT") 2> /dev/null; }

echo "$1" >> "$PRODUCTION/deployed"
echo "${2-}" >> "$PRODUCTION/named"
if [ -e "$PRODUCTION/stale" ]; then
  echo "deployed $1"
  exit 0
fi

release="$PRODUCTION/releases/$1"
mkdir -p "$release"
git archive "$1" | tar -x -C "$release"

if [ -e "$PRODUCTION/pid" ]; then
  kill -KILL "$(cat "$PRODUCTION/pid")" 2> /dev/null || true
  while listens; do sleep 0.05; done
fi

cd "$release"
setsid python -m weather_server --http "$PORT" > "$release/log" 2>&1 < /dev/null &
echo "$!" > "$PRODUCTION/pid"
until listens; do
  kill -0 "$!" 2> /dev/null || break # that it ended is for the gate to find
  sleep 0.05
done
echo "deployed $1"
