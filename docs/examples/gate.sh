#!/usr/bin/env bash
# gate.sh URL FILE: does the MCP server at URL list the tools that FILE holds?
# gate.sh --record URL FILE: write FILE. $MCP_TOKEN, if set, is sent as bearer token.
# Exits 0: the same; 1: other tools, or a wrong answer; 2: usage; 3: no answer.
set -euo pipefail

record=
if [ "${1:-}" = --record ]; then record=yes && shift; fi
[ $# -eq 2 ] || { echo "usage: gate.sh [--record] URL FILE" >&2 && exit 2; }
url=$1 file=$2 session='' version=''
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# In a file: on the command line of curl every process could read the token.
printf '%s\n' ${MCP_TOKEN:+"header = \"Authorization: Bearer $MCP_TOKEN\""} > "$work/auth"

fail() { echo "gate.sh: $2" >&2 && exit "$1"; }

send() { # METHOD [BODY]: prints the status; leaves headers and body in $work
  curl -sS --max-time "${GATE_SECONDS:-30}" -X "$1" -K "$work/auth" \
    -D "$work/head" -o "$work/body" -w '%{http_code}' \
    -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
    ${session:+-H "Mcp-Session-Id: $session"} \
    ${version:+-H "MCP-Protocol-Version: $version"} ${2:+--data-binary "$2"} "$url"
}

ask() { # METHOD PARAMS: leaves the result in $work/result
  status=$(send POST "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":$2}") ||
    fail 3 "no answer to $1"
  case $status in
    200) ;;
    401 | 403 | 429 | 5*) fail 3 "HTTP $status to $1" ;;
    *) fail 1 "HTTP $status to $1" ;;
  esac
  if grep -qi '^content-type: *text/event-stream' "$work/head"; then
    tr -d '\r' < "$work/body" | sed -n 's/^data: *//p' > "$work/json" # one message a line
  else cp "$work/body" "$work/json"; fi
  jq -c 'select(.id == 1) | .result // error(.error.message)' "$work/json" > "$work/result" &&
    [ -s "$work/result" ] || fail 1 "no result of $1"
}

ask initialize '{"protocolVersion":"2025-11-25","capabilities":{},
  "clientInfo":{"name":"gate.sh","version":"1"}}'
version=$(jq -r .protocolVersion "$work/result")
session=$(grep -i '^mcp-session-id:' "$work/head" | cut -d: -f2- | tr -d ' \r' || true)
send POST '{"jsonrpc":"2.0","method":"notifications/initialized"}' > /dev/null || fail 3 "no answer"

params='{}'
for _ in {1..20}; do
  ask tools/list "$params"
  jq -ce '.tools[]' "$work/result" >> "$work/tools" || fail 1 "no tools"
  params=$(jq -c '.nextCursor // empty | {cursor: .}' "$work/result")
  [ -n "$params" ] || break
done
[ -z "$params" ] || fail 1 "tools/list has no end"
if [ -n "$session" ]; then send DELETE > /dev/null || true; fi

jq -sS 'sort_by(.name)' "$work/tools" > "$work/live.json"
if [ -n "$record" ]; then cp "$work/live.json" "$file" && exit; fi
diff -u "$file" "$work/live.json" || fail 1 "these are not the tools in $file"
echo "gate.sh: the tools are those in $file"
