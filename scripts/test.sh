#!/usr/bin/env bash
# test.sh [STAGE...]: runs the stages named, or all of them, in order; each one's time is printed, and the output of one that
# fails. Ends at the first failure. VERBOSE=1 shows all output; ADVISORIES=1 lets `deny` ask the RustSec database too.
. "$(dirname "${BASH_SOURCE[0]}")/stages.sh"
all_stages=(setup format lint deny rust kotlin sandbox-independence sixth-gateway)

stage_setup() { # what the build needs
  scripts/setup.sh test
}

stage_format() { # rustfmt, ktlint
  cargo fmt --all --check
  cargo fmt --manifest-path tests/fuzz/Cargo.toml --check
  kotlin_sources -exec "$java" -jar "$ktlint" --relative {} +
}

stage_lint() { # clippy; shellcheck where it is installed
  cargo clippy -q --locked --workspace --all-targets -- -D warnings
  if command -v shellcheck >/dev/null; then
    shellcheck -x scripts/*.sh tests/fuzz/*.sh tests/sixth-gateway/check.sh .ci/run
  fi
}

stage_deny() { # bans, licences, sources
  local checks=(bans licenses sources)
  [ "${ADVISORIES:-0}" != 1 ] || checks+=(advisories)
  "$cargo_deny" --log-level error check --hide-inclusion-graph "${checks[@]}"
}

stage_rust() { # unit, scenario and doc tests
  cargo test -q --locked --workspace
}

stage_kotlin() { # JUnit tests that load the host library
  cargo build -q --locked -p paywand-sandbox --bins
  scripts/bindings.sh
  maven verify
}

# The sandbox judges the core, so nothing of the core may be in it.
stage_sandbox_independence() {
  local tree found
  tree=$(cargo tree -q --locked -p paywand-sandbox --edges all --target all --prefix none)
  grep -q '^paywand-sandbox v' <<<"$tree" # this is the sandbox's tree
  found=$(
    grep '^paywand v' <<<"$tree" | sort -u
    grep -rn 'core/src' tests/sandbox --include='*.rs' --include=Cargo.toml
  ) || true
  if [ -n "$found" ]; then
    printf 'the sandbox contains the core:\n%s\n' "$found"
    return 1
  fi
}

# docs/adding-a-gateway.md, followed on a copy.
stage_sixth_gateway() {
  tests/sixth-gateway/check.sh
}

# How many tests the log of cargo or the reports of Maven speak of.
said_of() {
  case $1 in
    rust) awk '/^test result:/ { n += $4 } END { printf "%d tests", n }' "$logs/rust.log" ;;
    kotlin)
      find "$kotlin" -path '*/surefire-reports/TEST-*.xml' -exec sed -n 's/.*<testsuite .* tests="\([0-9]*\)".*/\1/p' {} + |
        awk '{ n += $1 } END { printf "%d tests", n }'
      ;;
  esac
}

run_stages "$@"

not_checked=()
[ "${ADVISORIES:-0}" = 1 ] || not_checked+=("advisories (ADVISORIES=1)")
command -v shellcheck >/dev/null || not_checked+=("shell scripts (no shellcheck here)")
[ "${#not_checked[@]}" -eq 0 ] || (IFS=';'; echo "not checked: ${not_checked[*]}")
echo "not built: the Android library (aarch64-linux-android); .ci/run and hosted CI build it"
