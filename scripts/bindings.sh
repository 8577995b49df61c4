#!/usr/bin/env bash
# bindings.sh: builds the host library and generates the Kotlin bindings from it into target/bindings/kotlin. Does nothing
# when neither the library nor uniffi.toml has changed, and leaves files whose content stays the same as they are.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
stamp=$CARGO_TARGET_DIR/bindings/made-from
fresh=$CARGO_TARGET_DIR/bindings/fresh

quietly library cargo build -q --locked -p paywand
made_from=$(hash "$library" uniffi.toml Cargo.lock)
if [ -d "$bindings" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$made_from" ]; then
  exit 0
fi
rm -rf "$fresh"
mkdir -p "$fresh"
# The library's metadata goes with stripping: only an unstripped library can be read.
quietly bindings cargo run -q --locked -p bindgen -- generate --language kotlin --no-format \
  --config uniffi.toml --out-dir "$fresh" "$library"
if ! diff -r "$fresh" "$bindings" >/dev/null 2>&1; then
  rm -rf "$bindings"
  mv "$fresh" "$bindings"
fi
rm -rf "$fresh"
echo "$made_from" >"$stamp"
