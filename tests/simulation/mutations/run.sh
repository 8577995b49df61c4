#!/usr/bin/env bash
# run.sh [--write] [NAME...]: makes each deliberate mistake of this folder in a copy of the tree, one at a time, and wants the
# simulation to find it; the copy without a mistake must pass the same run. NAME: only patches whose names contain it. --write
# keeps the table in found.md. PAYMENTS=N and SEED=N say how many payments are taken, and from which seed on. Ends with 0 where all are
# found, with 1 where one is not, with 2 where a patch no longer applies or builds, or the simulation itself breaks.
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../../scripts/common.sh"

mutations=tests/simulation/mutations
work=$root/target/mutations
tree=$work/tree
payments=${PAYMENTS:-30000}
seed=${SEED:-1}
# Built again for every mistake, so quick to build counts for more than quick to run: two seconds instead of twelve.
quick=(
  --config profile.proof.debug=false
  --config profile.proof.package.paywand.opt-level=0
  --config profile.proof.package.paywand.codegen-units=64
)

# The tree as it stands, committed or not. Times are kept, so that only what a patch touched is built again; what an earlier run's
# patches touched is marked as changed, since its old time would hide that.
copy_tree() {
  rm -rf "$tree" "$work/log"
  mkdir -p "$tree" "$work/log" "$work/bin"
  git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done |
    tar --null -T - -cf - | tar -xf - -C "$tree"
  find "$tree/core/src" -name '*.rs' -exec touch {} +
  # Under a name of its own, so that nobody finds a mutant where the simulation should be; and nothing for Kotlin.
  edit 's/^name = "simulate"/name = "simulate-mutant"/' "$tree/tests/simulation/Cargo.toml"
  edit 's/^crate-type = .*/crate-type = ["lib"]/' "$tree/core/Cargo.toml"
}

edit() {
  sed -i.bak "$1" "$2"
  ! cmp -s "$2" "$2.bak" || broken "$2 is not as it is expected here"
}

broken() {
  echo "$*" >&2
  exit 2
}

# apply PATCH [-R]: exactly, or not at all. The ceiling keeps git from taking the copy for a part of this repository.
apply() {
  GIT_CEILING_DIRECTORIES=$work git -C "$tree" apply "${@:2}" "$root/$1"
}

# build NAME: the simulation of the tree as it stands now, kept in $work/bin.
build() {
  (cd "$tree" && cargo build -q --locked --profile proof "${quick[@]}" -p paywand-simulation --bin simulate-mutant) \
    >"$work/log/$1.build" 2>&1 || return
  cp "$CARGO_TARGET_DIR/proof/simulate-mutant" "$work/bin/$1"
}

# simulate NAME: one thread, so that the same mistake is found after the same number of payments every time.
simulate() {
  local begun=$SECONDS status=0 child
  limited "$work/bin/$1" --payments "$payments" --seed "$seed" --threads 1 >"$work/log/$1.out" 2>&1 &
  child=$!
  trap 'kill "$child"' TERM
  wait "$child" || status=$?
  echo "$status $((SECONDS - begun))" >"$work/log/$1.end"
  rm "$work/bin/$1"
}

# A mutant may hang. Where there is no `timeout` (macOS), whoever waits ends it.
limited() {
  if command -v timeout >/dev/null; then exec timeout 600 "$@"; else exec "$@"; fi
}

# row NAME: the table's line of a mistake that was found.
row() {
  local name=$1 status took said check after
  read -r status took <"$work/log/$name.end"
  said=$(tail -n 1 "$work/log/$name.out")
  check=${said#violated: }
  after=${said#*, after }
  printf '| %s | %s | %s | %s | %s |\n' \
    "$name" "$(head -n 1 "$mutations/$name.patch")" "${after%% payments*}" "${check%%: seed *}" "$took"
}

write=
[ "${1:-}" != --write ] || { write=1; shift; }
names=()
for patch in "$mutations"/[0-9]*.patch; do
  name=$(basename "$patch" .patch)
  [ $# -gt 0 ] || { names+=("$name"); continue; }
  for wanted in "$@"; do [[ $name != *"$wanted"* ]] || { names+=("$name"); break; }; done
done
[ ${#names[@]} -gt 0 ] || broken "no patch is named so: $*"

copy_tree
build control || { cat "$work/log/control.build"; broken "the copy does not build"; }
simulate control &
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

# While two are simulated the next is built.
running=()
for name in "${names[@]}"; do
  patch=$mutations/$name.patch
  apply "$patch" || broken "$patch no longer applies: make the mistake anew in the code as it is now"
  build "$name" || { cat "$work/log/$name.build"; broken "$patch does not build"; }
  apply "$patch" -R
  if [ ${#running[@]} -ge 2 ]; then
    wait "${running[0]}"
    running=("${running[@]:1}")
  fi
  simulate "$name" &
  running+=($!)
done
wait

table=$work/log/table.md
slowest=0
missed=()
{
  echo '| mistake | what it does | found after payments | by the check | seconds |'
  echo '|---|---|---|---|---|'
} >"$table"
for name in "${names[@]}"; do
  read -r status _ <"$work/log/$name.end"
  said=$(tail -n 1 "$work/log/$name.out")
  if [ "$status" = 0 ]; then
    missed+=("$name")
  elif [ "$status" = 1 ] && [[ $said == 'violated: '*' payments: '* ]]; then
    row "$name" >>"$table"
    after=${said#*, after }
    after=${after%% payments*}
    [ "$after" -le "$slowest" ] || slowest=$after
  else
    cat "$work/log/$name.out"
    broken "$name: the simulation broke ($status)"
  fi
done
cat "$table"
[ -z "$write" ] || cp "$table" "$mutations/found.md"

read -r status took <"$work/log/control.end"
[ "$status" = 0 ] || { cat "$work/log/control.out"; broken "the simulation finds fault with the tree as it is"; }
echo "without a mistake: $(tail -n 1 "$work/log/control.out")"
found=$((${#names[@]} - ${#missed[@]}))
if [ "$found" -lt ${#names[@]} ]; then
  printf 'not found: %s\n' "${missed[@]}"
  echo "$found of ${#names[@]} mutations found in $payments payments"
  exit 1
fi
echo "$found of ${#names[@]} mutations found, the slowest after $slowest payments"
