#!/usr/bin/env bash
# android.sh: builds the Android library and the AAR with it, and prints what they weigh. The AAR, its sources and KDoc are then in
# target/android. The library is built by
#   $ANDROID_BUILD  if set: `$ANDROID_BUILD paywand` builds that package for aarch64-linux-android under the profile $ANDROID_PROFILE into
#                   $CARGO_TARGET_DIR, and leaves aarch64-linux-android/$ANDROID_PROFILE/libpaywand.so.stripped there;
#   cargo-ndk       else, with Google's NDK, for each of $ABIS (arm64-v8a).
# Where neither is there, it says what is missing, and ends with 2.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# What the library may weigh on a 64-bit and a 32-bit handheld.
limit=4000000
out=$root/target/android
jni=$root/bindings/android/target/jni
read -ra abis <<<"${ABIS:-arm64-v8a}"

by_command() {
  CARGO_TARGET_DIR=$out ANDROID_PROFILE=android quietly android-library "$ANDROID_BUILD" paywand
  mkdir -p "$jni/arm64-v8a"
  cp "$out/aarch64-linux-android/android/libpaywand.so.stripped" "$jni/arm64-v8a/libpaywand.so"
}

# `lib` and `cdylib` built together get no LTO, without a warning: only the cdylib is built.
by_cargo_ndk() {
  local abi targets=()
  for abi in "${abis[@]}"; do targets+=(-t "$abi"); done
  CARGO_TARGET_DIR=$out quietly android-library cargo ndk "${targets[@]}" -P 24 -o "$jni" \
    rustc --locked -p paywand --lib --profile android --crate-type cdylib
}

missing() {
  cat >&2 <<'TEXT'
The Android library cannot be built here. One of these is needed:
  cargo-ndk and the NDK: cargo install --locked cargo-ndk --version 4.1.2
    rustup target add aarch64-linux-android; ANDROID_NDK_HOME=… (Android Studio, SDK Manager, NDK)
  ANDROID_BUILD=…: a command that builds it (scripts/android.sh says how it is called)
TEXT
  exit 2
}

scripts/setup.sh android
rm -rf "$jni"
if [ -n "${ANDROID_BUILD:-}" ]; then
  by_command
elif cargo ndk --version >/dev/null 2>&1 && [ -n "${ANDROID_NDK_HOME:-${ANDROID_NDK_ROOT:-${ANDROID_HOME:-}}}" ]; then
  by_cargo_ndk
else
  missing
fi
scripts/bindings.sh
quietly android-aar maven package -pl ../android -am -Pkdoc -DskipTests

name=$(basename "$aar" .zip)
cp "$aar" "$out/$name.aar"
cp "$(dirname "$aar")/$name-sources.jar" "$(dirname "$aar")/$name-javadoc.jar" "$out"
for file in "$jni"/*/libpaywand.so; do
  printf '%s/' "$(basename "$(dirname "$file")")"
  scripts/android-size.sh "$file" "$limit"
done
scripts/sizes.sh "$out/$name.aar"
