#!/usr/bin/env bash
# sandbox.sh: runs the sandbox where handhelds reach it, and says what to type into the sample till. HOST is what they call this machine
# (default: its address in the network; 10.0.2.2 for an emulator here), PORT (8443) and HTTP_PORT (8080) where it listens. Ends with
# its input: Ctrl-D.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# This machine's first address in the network.
address() {
  case $(uname -s) in
    Darwin) ipconfig getifaddr en0 || ipconfig getifaddr en1 || true ;;
    *) hostname -I | tr ' ' '\n' | grep -m 1 '^[0-9.]*$' || true ;;
  esac
}

# field NAME JSON: a text of the sandbox's one line.
field() {
  sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' <<<"$2"
}

host=${HOST:-$(address)}
[ -n "$host" ] || { echo "this machine has no address in a network; name one: make sandbox HOST=…" >&2; exit 2; }
quietly sandbox cargo build -q --locked -p paywand-sandbox --bins
"$sandbox" --host "$host" --port "${PORT:-8443}" --http-port "${HTTP_PORT:-8080}" | while read -r ready; do
  cat <<TEXT
The sandbox runs; its money is pretended. In the sample till: Settings, Sandbox, and type

  $(field control "$ready")

An app of your own: base URL $(field https "$ready"), certificate authority $(field ca_file "$ready"), accounts from
  curl -X POST $(field control "$ready")/_control/merchants
Whoever reaches this machine can use it. Ctrl-D ends it.
TEXT
done
