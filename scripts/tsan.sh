#!/usr/bin/env bash
# tsan.sh [ARGS...]: runs the end-to-end tests and the core's tests of driver, terminal, updates and store under ThreadSanitizer, with
# std and SQLite's C code built for it too. ARGS go to `cargo test` instead of that choice. The reports decide, not what the tests say:
# one that fails here without a report has run out of time, and `make test` judges it. scripts/tsan.supp holds what is not reported,
# with reasons. Linux on x86-64 only. Takes about 7 minutes, at first 5 more.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

target=x86_64-unknown-linux-gnu
export CARGO_TARGET_DIR=$root/target/tsan
reports=$CARGO_TARGET_DIR/reports

if ! command -v llvm-symbolizer >/dev/null; then
  echo "no llvm-symbolizer: reports and scripts/tsan.supp need names; on Debian: apt-get install llvm" >&2
  exit 2
fi
use_nightly rust-src
rm -rf "$reports"
mkdir -p "$reports"
export RUSTFLAGS=-Zsanitizer=thread
# Whatever C there is, SQLite above all: uninstrumented accesses would be invisible. gcc's calls are those of Rust's runtime.
export CFLAGS_x86_64_unknown_linux_gnu="-fsanitize=thread -g1"
export TSAN_OPTIONS="suppressions=$root/scripts/tsan.supp log_path=$reports/report exitcode=66"

# run ARGS...: `cargo test`, optimized a little, so that what is timed stays in time; with lines in the reports.
run() {
  cargo test --locked --no-fail-fast -Zbuild-std --target "$target" --config profile.dev.opt-level=1 \
    --config 'profile.dev.package."*".debug="line-tables-only"' "$@"
}

# Left out: tests that measure times which the sanitizer stretches, and those that start and end processes by the dozen. They look for
# other mistakes than races; `make test` runs them.
left_out=(--skip killed_ --skip on_a_full_disk_ --skip a_gateway_that_is_another_gets_nothing
  --skip a_charge_without_a_limit_returns_at_the_stated_one)

run_all() {
  if [ $# -gt 0 ]; then
    run "$@"
  else
    run -p paywand --lib -- driver:: store:: terminal:: updates::
    run -p paywand-e2e --tests -- "${left_out[@]}"
  fi
}
# Not `quietly`: what fails is no failure yet.
log=$logs/tsan.log
set +e
run_all "$@" 2>&1 | tee "$log"
set -e

found=$(find "$reports" -type f -exec grep -h '^SUMMARY' {} + | sort | uniq -c | sort -rn)
if [ -n "$found" ]; then
  printf 'races; the reports are in %s:\n%s\n' "${reports#"$root"/}" "$found" >&2
  exit 66
fi
begun=$(grep -c '^ *Running ' "$log" || true)
ended=$(grep -c '^test result: ' "$log" || true)
if [ "$begun" -eq 0 ] || [ "$begun" -ne "$ended" ]; then
  echo "$ended of $begun test programs came to their end; see ${log#"$root"/}" >&2
  exit 1
fi
out_of_time=$(grep -c '^test .* FAILED$' "$log" || true)
awk -v late="$out_of_time" '/^test result: / { n += $4 } END { printf "no race in %d tests, and %d more that ran out of time\n", n, late }' "$log"
