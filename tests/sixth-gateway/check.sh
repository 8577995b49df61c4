#!/usr/bin/env bash
# check.sh: adds a sixth gateway, the made-up Toll, to a copy of the core, as docs/adding-a-gateway.md says. Fails unless that
# touches two files and the gateway's tests, and those of all others, pass.
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/common.sh"
here=$root/tests/sixth-gateway
copy=$CARGO_TARGET_DIR/sixth-gateway

rm -rf "$copy"
mkdir -p "$copy"
git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -T - -cf - 2>/dev/null | tar -xf - -C "$copy"
git apply --unsafe-paths --directory="${copy#"$root"/}" "$here/named.patch"
cp "$here/toll.rs" "$copy/core/src/gateway/toll.rs"

touched=$({ diff -rq core "$copy/core" || true; } | sort)
echo "$touched" | sed "s|$copy/||"
[ "$(wc -l <<<"$touched")" -eq 2 ] || { echo "more than two files were touched" >&2; exit 1; }
cd "$copy"
# Beside the other builds, whose dependencies it shares.
tested=$(cargo test -q --locked -p paywand --lib gateway:: 2>&1) || { echo "$tested" >&2; exit 1; }
grep -q 'test result: ok' <<<"$tested"
grep 'test result: ok' <<<"$tested"
cargo test -q --locked -p paywand --lib gateway::toll 2>&1 | grep -q '4 passed' || { echo "Toll's tests did not run" >&2; exit 1; }
rm -rf "$copy"
