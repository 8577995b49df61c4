#!/usr/bin/env bash
# sandbox.sh: runs the sandbox for a handheld, and says what to type. By default for one on the USB cable, through `adb reverse`: the
# sample till speaks plain http to no other. With HOST, the name or address that handhelds in the network call this machine by, for an
# app of your own. PORT (8443) and HTTP_PORT (8080) are where it listens. Ends with its input: Ctrl-D.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
port=${PORT:-8443}
http_port=${HTTP_PORT:-8080}

# field NAME JSON: a text of the sandbox's one line.
field() {
  sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' <<<"$2"
}

quietly sandbox cargo build -q --locked -p paywand-sandbox --bins
"$sandbox" ${HOST:+--host "$HOST"} --port "$port" --http-port "$http_port" | while read -r ready; do
  echo "The sandbox runs; its money is pretended."
  if [ -z "${HOST:-}" ]; then
    cat <<TEXT
Connect the handheld by USB, and let it reach this machine:

  adb reverse tcp:$http_port tcp:$http_port && adb reverse tcp:$port tcp:$port

In the sample till: Settings, Pretend money, with the address $(field control "$ready")
TEXT
  else
    echo "Whoever reaches this machine can use it. The sample till takes plain http over USB only: leave HOST out for it."
  fi
  cat <<TEXT

An app of your own: base URL $(field https "$ready"), certificate authority $(field ca_file "$ready")
(for a handheld: the ca_pem of curl $(field control "$ready")/_control/address), accounts from
  curl -X POST $(field control "$ready")/_control/merchants
Ctrl-D ends it.
TEXT
done
