#!/usr/bin/env bash
# corpora.sh [TARGET...]: chooses the committed corpora anew: of what is committed and of the seeds the fewest that cover as much, and
# of the seeds and of what the last run found the smallest for each outcome that is still missing. Files named kept-* stay as they are.
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/common.sh"
# shellcheck source=tests/fuzz/build.sh
. tests/fuzz/build.sh

readers() {
  cargo run -q --locked -p paywand-readers --example "$@"
}

[ $# -gt 0 ] || set -- "${targets[@]}"
build_targets
readers seeds -- "$fuzz/seeds" >/dev/null
for target in "$@"; do
  corpus=tests/fuzz/corpus/$target
  chosen=$fuzz/chosen/$target
  rm -rf "$chosen"
  mkdir -p "$chosen" "$fuzz/found/$target" "$corpus"
  # Edges only: how often one is passed would keep a thousand inputs.
  quietly "fuzz-choose-$target" "$(binary "$target")" -set_cover_merge=1 -use_counters=0 -max_len=4096 \
    "$chosen" "$corpus" "$fuzz/seeds/$target"
  find "$corpus" -type f ! -name 'kept-*' -delete
  find "$chosen" -type f -exec cp {} "$corpus/" \;
  for folder in seeds found; do
    readers outcomes -- "$target" "$corpus" "$fuzz/$folder/$target"
  done
  find "$corpus" -type f -exec cat {} + | wc -c | awk -v target="$target" -v files="$(find "$corpus" -type f | wc -l)" \
    '{ printf "%s: %d inputs, %d bytes\n", target, files, $1 }'
done
