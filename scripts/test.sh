#!/usr/bin/env bash
# test.sh [STAGE...]: runs the stages named, or all of them, in order; each one's time is printed, and the output of one that
# fails. Ends at the first failure. VERBOSE=1 shows all output; ADVISORIES=1 lets `deny` ask the RustSec database too.
. "$(dirname "${BASH_SOURCE[0]}")/stages.sh"
all_stages=(setup format lint deny rust kotlin android android-manifest gradle-matches r8 fresh-project sandbox-independence sixth-gateway)

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
    shellcheck -x scripts/*.sh tests/fuzz/*.sh tests/{fresh-project,r8,sixth-gateway}/check.sh .ci/run
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
  maven verify -pl demo -am
}

stage_android() { # Robolectric tests of library and sample, with the host library; the AAR, and what is shrunk in stage `r8`
  cargo build -q --locked -p paywand-sandbox --bins
  scripts/bindings.sh
  # The other modules' tests are stage `kotlin`.
  maven verify -pl ../android,../../android-sample,../../tests/r8 -am -Dpaywand.kotlin.skipTests=true
}

# What an app gets of the library's manifest. The AAR is that of stage `android`, here and below.
stage_android_manifest() {
  scripts/android-manifest.sh
}

stage_gradle_matches() { # Gradle's files say what Maven's say
  scripts/gradle-matches.sh
}

stage_r8() { # a shrunk program takes a payment, and misses each keep rule that is left out
  tests/r8/check.sh
}

# The AAR's classes in a project outside this tree.
stage_fresh_project() {
  tests/fresh-project/check.sh
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

# tests_of FOLDER...: how many tests the reports of Maven in them speak of.
tests_of() {
  find "$@" -path '*/surefire-reports/TEST-*.xml' -exec sed -n 's/.*<testsuite .* tests="\([0-9]*\)".*/\1/p' {} + |
    awk '{ n += $1 } END { printf "%d tests", n }'
}

# How many tests the log of cargo or the reports of Maven speak of.
said_of() {
  case $1 in
    rust) awk '/^test result:/ { n += $4 } END { printf "%d tests", n }' "$logs/rust.log" ;;
    kotlin) tests_of "$kotlin" ;;
    android) tests_of bindings/android android-sample ;;
    android-manifest | gradle-matches | r8 | fresh-project) tail -n 1 "$logs/$1.log" | sed $'s/\e\\[[0-9;]*m//g' ;; # Maven ends in colours
  esac
}

run_stages "$@"

not_checked=()
[ "${ADVISORIES:-0}" = 1 ] || not_checked+=("advisories (ADVISORIES=1)")
command -v shellcheck >/dev/null || not_checked+=("shell scripts (no shellcheck here)")
[ "${#not_checked[@]}" -eq 0 ] || (IFS=';'; echo "not checked: ${not_checked[*]}")
echo "not built: the Android library (aarch64-linux-android): make android"
