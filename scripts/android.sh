#!/usr/bin/env bash
# android.sh: builds the Android library and the AAR with it, and prints what they weigh. The AAR, its sources and KDoc are then in
# target/android. The library is built by
#   $ANDROID_BUILD  if set: `$ANDROID_BUILD paywand` builds that package for aarch64-linux-android under the profile $ANDROID_PROFILE into
#                   $CARGO_TARGET_DIR, and leaves aarch64-linux-android/$ANDROID_PROFILE/libpaywand.so.stripped there;
#   cargo-ndk       else, with Google's NDK, for each of $ABIS (arm64-v8a).
# Where neither is there, it says what is missing, and ends with 2.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# What the library may weigh on a handheld; an emulator's (x86_64) does not matter.
limit=4000000
out=$root/target/android
jni=$root/bindings/android/target/jni
read -ra abis <<<"${ABIS:-arm64-v8a}"

by_command() {
  CARGO_TARGET_DIR=$out ANDROID_PROFILE=android quietly android-library "$ANDROID_BUILD" paywand
  rm -rf "$jni"
  mkdir -p "$jni/arm64-v8a"
  cp "$out/aarch64-linux-android/android/libpaywand.so.stripped" "$jni/arm64-v8a/libpaywand.so"
}

# triple ABI: what Rust calls it.
triple() {
  case $1 in
    arm64-v8a) echo aarch64-linux-android ;;
    armeabi-v7a) echo armv7-linux-androideabi ;;
    x86_64) echo x86_64-linux-android ;;
    *) echo "no ABI $1; there are: arm64-v8a armeabi-v7a x86_64" >&2; return 2 ;;
  esac
}

# `lib` and `cdylib` built together get no LTO, without a warning: only the cdylib is built.
by_cargo_ndk() {
  local abi folder
  rm -rf "$jni"
  for abi in "${abis[@]}"; do
    folder=$out/$(triple "$abi")/android
    CARGO_TARGET_DIR=$out quietly "android-$abi" cargo ndk -t "$abi" -P 24 \
      rustc --locked -p paywand --lib --profile android --crate-type cdylib
    mkdir -p "$jni/$abi"
    cp "$folder/libpaywand.so" "$jni/$abi"
  done
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
for folder in "$jni"/*; do
  abi=$(basename "$folder")
  printf '%s/' "$abi"
  if [ "$abi" = x86_64 ]; then
    scripts/android-size.sh "$folder/libpaywand.so"
  else
    scripts/android-size.sh "$folder/libpaywand.so" "$limit"
  fi
done
scripts/sizes.sh "$out/$name.aar"
