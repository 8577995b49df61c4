#!/usr/bin/env bash
# run.sh SECONDS [TARGET...]: lets libFuzzer look for inputs that break a check of tests/readers, SECONDS for each target named,
# or for all, two at a time, from the committed corpora on. Prints a line for each; fails where one breaks, and says
# how to see it again. New inputs are kept in target/fuzz/found until the next run (see corpora.sh).
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/common.sh"
# shellcheck source=tests/fuzz/build.sh
. tests/fuzz/build.sh
# What a till could meet: longer ones are tests/readers/tests/largest.rs's.
longest=16384

# run_one TARGET SECONDS
run_one() {
  local target=$1 seconds=$2 log=$logs/fuzz-$1.log found=$fuzz/found/$1 failed=$fuzz/failed/$1- dictionary=()
  rm -rf "$found" "$failed"*
  mkdir -p "$found" "$fuzz/failed"
  [ ! -e "tests/fuzz/$target.dict" ] || dictionary=(-dict="tests/fuzz/$target.dict")
  if ! "$(binary "$target")" -max_total_time="$seconds" -max_len="$longest" -timeout=10 -rss_limit_mb=1024 \
    -artifact_prefix="$failed" ${dictionary[@]+"${dictionary[@]}"} "$found" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
    broken "$target" "$log"
    return 1
  fi
  awk -v target="$target" -v seconds="$seconds" '
    /^seen: / { seen = substr($0, 7) }
    $2 == "DONE" { runs = substr($1, 2); for (i = 3; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
    END {
      if (runs + 0 == 0) { print target ": nothing ran"; exit 1 }
      printf "%-17s %9d inputs %6d/s %5d edges  %s\n", target, runs, runs / seconds, edges, seen
    }' "$log"
}

broken() {
  local target=$1 log=$2 input
  grep -A 3 -E 'panicked at|ERROR: libFuzzer|^SUMMARY' "$log" || tail -n 20 "$log"
  for input in "$fuzz/failed/$target"-*; do
    [ -e "$input" ] || continue
    echo "$target FAILED. See it again: $(binary "$target") $input"
    echo "Once it is mended, name it for what it shows: cp $input tests/fuzz/corpus/$target/kept-WHAT"
    echo "  cargo test -p paywand-readers --test corpus"
  done
}

if [ "${1:-}" = --one ]; then
  run_one "$2" "$3"
  exit
fi
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [TARGET...]}
shift
[ $# -gt 0 ] || set -- "${targets[@]}"
build_targets
started=$SECONDS
all=$logs/fuzz-targets.log
printf '%s\n' "$@" | xargs -P 2 -I {} bash "$0" --one {} "$seconds" | tee "$all" || {
  echo "the fuzzer broke a check; what to do stands above" >&2
  exit 1
}
awk -v targets=$# -v took=$((SECONDS - started)) -v seconds="$seconds" '
  { inputs += $2 }
  END { printf "%.1f million inputs to %d readers, %d s each, in %d s: every check held\n", inputs / 1e6, targets, seconds, took }' "$all"
