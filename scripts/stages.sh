# shellcheck shell=bash
# What test.sh and proof.sh share: stages, each with its time, its output shown only when it fails. The script that sources this
# names `all_stages`, has a function `stage_NAME` for each, and may have `said_of NAME`, a few words on what a stage has shown.
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

run_stage() {
  local name=$1 started=$SECONDS
  # A shell of its own: `set -e` would be off in a function called under a condition.
  if quietly "$name" bash -euo pipefail "$0" --in-stage "$name"; then
    printf '%-21s ok     %4d s  %s\n' "$name" $((SECONDS - started)) "$(said_of "$name")"
  else
    printf '%-21s FAILED %4d s\n' "$name" $((SECONDS - started))
    exit 1
  fi
}

# run_stages STAGE...: those named, or all of them, in order; ends at the first failure.
run_stages() {
  local name
  if [ "${1:-}" = --in-stage ]; then
    "stage_${2//-/_}"
    exit
  fi
  for name in "$@"; do
    case " ${all_stages[*]} " in
      *" $name "*) ;;
      *) echo "no stage $name; there are: ${all_stages[*]}" >&2; exit 2 ;;
    esac
  done
  [ $# -gt 0 ] || set -- "${all_stages[@]}"
  for name in "$@"; do run_stage "$name"; done
  echo "all passed in $SECONDS s: $*"
}
