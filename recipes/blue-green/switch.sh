#!/usr/bin/env bash
# Moves the traffic to the color that is idle, if the gate is green before and after; else to where it was.
#
#   ./switch.sh --idle     prints the color that has no traffic: install the release there
#   ./switch.sh COMMIT     starts it, checks it, switches, watches, and stops the other one last
#
# Run it where nginx is, in a clone of the repository, by a user who may reload nginx. Exit codes are those
# of mcpverify: 0 switched; 1 and 3 the release was red, and the traffic is where it was; 2 and 70 the gate
# or this script was called wrongly, and nobody knows: it says where the traffic is.
set -euo pipefail

url=https://mcp.example.com/mcp
name=mcp.example.com
file=snapshots/weather.json
folder=/etc/nginx/mcp
pid_file=/run/nginx.pid
public=127.0.0.1:443
declare -A listener=([blue]=127.0.0.1:8441 [green]=127.0.0.1:8442)
# Above worker_shutdown_timeout of nginx.conf.
drain_seconds=75

# How a color is started and stopped is yours. `enable` and `disable`, so that a reboot starts what had
# the traffic. `restart`: a switch that was broken off may have left the idle color running, and its
# process knows nothing of the new files.
start() { systemctl enable "weather@$1" && systemctl restart "weather@$1"; }
stop() { systemctl disable --now "weather@$1"; }

say() { printf '%s  %s\n' "$(date -u +%H:%M:%SZ)" "$*" >&2; }

# check AT SNAPSHOT OPTION...: the gate, under the public name, at this listener of nginx. Red on any
# difference: it is asked by the snapshot of its own commit, and an old release may differ from that in
# a text alone.
check() {
  local code=0
  mcpverify check "$url" --connect-to "$name:443:$1" --no-proxy --bearer-env MCP_TOKEN \
    --snapshot "$2" --fail-on any "${@:3}" || code=$?
  return "$code"
}

# workers: the processes of nginx that serve, those that only finish what is in flight included.
workers() { pgrep -P "$(cat "$pid_file" 2>/dev/null)" -f 'nginx: worker process' 2>/dev/null || true; }

# left SECONDS TEST PID...: waits until no process of these passes the test; 1 if the time is over.
left() {
  local end=$((SECONDS + $1)) test=$2 pid remaining
  while :; do
    remaining=0
    for pid in "${@:3}"; do
      if "$test" "$pid"; then remaining=1; fi
    done
    if ((remaining == 0)); then return 0; fi
    if ((SECONDS >= end)); then return 1; fi
    sleep 0.2
  done
}
runs() { kill -0 "$1" 2>/dev/null; }
# nginx adds "is shutting down" to the title of a worker that accepts nothing any more.
accepts() { ps -o args= -p "$1" 2>/dev/null | grep -q 'worker process *$'; }

# point COLOR: replaces the link in one step; there is no moment without one.
point() {
  ln -sfn "$1.conf" "$folder/live.conf.new"
  mv -T "$folder/live.conf.new" "$folder/live.conf"
}

# route COLOR: new requests go there when it returns, and `old` are the workers that finish the others.
# 2 if nginx does not take it; then nothing changed.
old=()
route() {
  local before
  before=$(basename "$(readlink "$folder/live.conf")" .conf)
  mapfile -t old < <(workers)
  # Broken off in between, the link would lead to the color without traffic, and the next switch would
  # take the other for idle.
  trap '' HUP INT TERM
  # The configuration is tried before the running nginx sees it.
  if point "$1" && nginx -t -q && nginx -s reload && left 30 accepts "${old[@]}"; then
    trap - HUP INT TERM
    say "traffic goes to $1"
    return 0
  fi
  point "$before"
  nginx -s reload || true
  trap - HUP INT TERM
  say "nginx did not take the switch to $1: it stays at $before"
  return 2
}

live=$(basename "$(readlink "$folder/live.conf")" .conf)
case $live in
  blue) idle=green ;;
  green) idle=blue ;;
  *)
    say "$folder/live.conf leads neither to blue.conf nor to green.conf"
    exit 2
    ;;
esac

case ${1-} in
  --idle)
    echo "$idle"
    exit 0
    ;;
  '' | -*)
    say "usage: $0 --idle | COMMIT"
    exit 2
    ;;
esac
commit=$(git rev-parse --verify --quiet "$1^{commit}") || {
  say "there is no commit $1 in this clone"
  exit 2
}
snapshot=git:$commit:$file

# Two switches at a time would stop each other's color.
exec 9>>"$folder/switch.lock"
flock --nonblock 9 || {
  say 'another switch is under way'
  exit 2
}

# Without its workers nobody could say when the old color has nothing left to do.
if [[ -z $(workers) ]]; then
  say "no nginx runs by $pid_file: let pid_file of this script be what nginx.conf has as pid"
  exit 2
fi

# 1. Bring it up. Without the lock: what it starts outlives this script.
say "$live has the traffic; starting $idle at $commit"
start "$idle" 9>&-

# 2. Is it the release that was reviewed? Asked before anybody else can ask it.
code=0
check "${listener[$idle]}" "$snapshot" --wait 1m || code=$?
if ((code != 0)); then
  say "$idle is not fit (exit code $code): the traffic stays at $live"
  stop "$idle"
  exit "$code"
fi

# 3. What does the switch mean for those who are connected? The reviewed contract may break callers on
# purpose; then say so: ALLOW_BREAKING=yes.
code=0
mcpverify diff "https://$name:${listener[$live]##*:}/mcp" "https://$name:${listener[$idle]##*:}/mcp" \
  --connect-to "$name:${listener[$live]##*:}:${listener[$live]}" \
  --connect-to "$name:${listener[$idle]##*:}:${listener[$idle]}" \
  --no-proxy --bearer-env MCP_TOKEN --share-credentials --fail-on breaking || code=$?
case $code in
  0) ;;
  1)
    if [[ ${ALLOW_BREAKING-} != yes ]]; then
      say "$idle breaks callers of $live: the traffic stays there (ALLOW_BREAKING=yes switches all the same)"
      stop "$idle"
      exit 1
    fi
    ;;
  # A live server that is down is what this release may mend.
  3) say "$live could not be compared: going on" ;;
  *)
    stop "$idle"
    exit "$code"
    ;;
esac

# 4. Switch.
route "$idle" || {
  stop "$idle"
  exit 2
}

# 5. Watch it where agents are. Five in a row: one lucky answer is no proof.
code=0
check "$public" "$snapshot" --wait 1m --consecutive 5 || code=$?
case $code in
  0) ;;
  1 | 3)
    say "$idle is red behind nginx (exit code $code): switching back to $live"
    route "$live" || {
      say "$idle still has the traffic, and $live still runs: look at it now"
      exit "$code"
    }
    if git rev-parse --verify --quiet 'deployed^{commit}' >/dev/null; then
      check "$public" "git:deployed:$file" --wait 1m || say "$live is not green either: look at it now"
    fi
    # What it was asked meanwhile, it may answer still.
    left "$drain_seconds" runs "${old[@]}" || true
    stop "$idle"
    exit "$code"
    ;;
  *)
    say "the gate gave no verdict (exit code $code): $idle has the traffic, and $live still runs"
    exit "$code"
    ;;
esac

# 6. Drain, and stop the old color last: what was in flight at the switch is still answered by it.
say "draining $live"
left "$drain_seconds" runs "${old[@]}" || say "requests to $live are still open: stopping it all the same"
stop "$live"
git tag --force deployed "$commit" >/dev/null
say "$idle serves $commit"
