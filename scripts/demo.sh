#!/usr/bin/env bash
# demo.sh [arguments of the demo...]: builds what is missing and runs the demo: every operation of five gateways from Kotlin through the
# Rust core, over HTTPS against the sandbox; then three bad days. Ends with the demo's own exit code.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
stamp=$CARGO_TARGET_DIR/bindings/demo-built

scripts/setup.sh demo
[ -e "$demo" ] || echo "building; the first time takes some minutes"
quietly sandbox cargo build -q --locked -p paywand-sandbox --bins
scripts/bindings.sh
# Maven runs only when a source is newer than the last build: it takes ten seconds to find nothing to do.
if [ ! -e "$demo" ] || [ ! -e "$stamp" ] ||
  [ -n "$(find "$kotlin" "$bindings" \( -name '*.kt' -o -name pom.xml \) -newer "$stamp" -print -quit)" ]; then
  quietly kotlin-demo maven package -pl demo -am -Dmaven.test.skip=true
  touch "$stamp"
fi
exec "$java" "-Duniffi.component.paywand.libraryOverride=$library" \
  -jar "$demo" --sandbox "$sandbox" "$@"
