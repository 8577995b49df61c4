# shellcheck shell=bash disable=SC2034  # the names are for those who source this, after scripts/common.sh
# Where the targets are, and how they are built: by the pinned stable toolchain, without a sanitizer. The core has no unsafe code of
# its own, and the checks count allocations themselves.
fuzz=$root/target/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
targets=()
while read -r target; do
  targets+=("$target")
done < <(sed -n 's|^path = "targets/\(.*\)\.rs"$|\1|p' tests/fuzz/Cargo.toml)

binary() {
  echo "target/$host/release/$1"
}

build_targets() {
  scripts/setup.sh proof
  # cargo-fuzz knows no --locked.
  cargo metadata -q --locked --format-version 1 --manifest-path tests/fuzz/Cargo.toml >/dev/null
  quietly fuzz-build env PATH="$tools/bin:$PATH" cargo fuzz build --fuzz-dir tests/fuzz --target "$host" --sanitizer none
}
