# shellcheck shell=bash disable=SC2034  # the names are for those who source this
# What every script shares: where things are, which tools are pinned, and steps that are quiet while all goes well.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# One known place for whatever is built: Maven and the demo look for the library there.
export CARGO_TARGET_DIR=$root/target
logs=$root/target/logs
tools=$root/target/tools
mkdir -p "$logs" "$tools"

cargo_deny_version=0.20.2
cargo_deny=$tools/bin/cargo-deny
cargo_fuzz_version=0.13.1
cargo_fuzz=$tools/bin/cargo-fuzz
ktlint_version=1.8.0
ktlint_sha256=369ad2b789f95a011f807e1fcb690ccef80bd7cd014fd139e73ae82dcc0baeab
ktlint=$tools/ktlint-cli-$ktlint_version-all.jar
r8_version=9.5.28
r8_sha256=38a9ffaaebbd17d1514e3ecbff5a85b989bb13c551b9e224c7409514eea84ff5
r8=$tools/r8-$r8_version.jar
jna_version=5.19.1
jna_sha256=b57125cb7d16253f0d65a80f7d3a4c3664effa711b8bdbb7f87fb572ce1624ed
jna=$tools/jna-$jna_version.aar

# The host library, the bindings made from it, the sandbox and the demo.
case $(uname -s) in
  Darwin) library=$CARGO_TARGET_DIR/debug/libpaywand.dylib ;;
  *) library=$CARGO_TARGET_DIR/debug/libpaywand.so ;;
esac
bindings=$CARGO_TARGET_DIR/bindings/kotlin
sandbox=$CARGO_TARGET_DIR/debug/paywand-sandbox
kotlin=$root/bindings/kotlin
demo=$kotlin/demo/target/paywand-demo.jar
aar=$root/bindings/android/target/paywand-android-$(sed -n 's|^  <version>\(.*\)</version>|\1|p' "$kotlin/pom.xml").zip
# The same Java as Maven takes.
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

# maven ARGS...: the Kotlin build. The compiler's daemon would hold 1.5 GB for two hours.
maven() {
  mvn -q -B -ntp -f "$kotlin/pom.xml" -Dkotlin.compiler.daemon=false "$@"
}

# android_jar: the path of Android's classes, as Maven has fetched them.
android_jar() {
  local version
  version=$(sed -n 's|.*<android.all.version>\(.*\)</android.all.version>.*|\1|p' "$kotlin/pom.xml")
  echo "${MAVEN_REPOSITORY:-$HOME/.m2/repository}/org/robolectric/android-all/$version/android-all-$version.jar"
}

# java_home: the JDK's folder, whose classes R8 and D8 want to know.
java_home() {
  "$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.home = //p'
}

# kotlin_sources ACTION...: find's ACTION on every hand-written Kotlin file.
kotlin_sources() {
  find "$kotlin" "$root/bindings/android" "$root/android-sample" \( -name target -o -name build \) -prune -o \( -name '*.kt' -o -name '*.kts' \) "$@"
}

# quietly NAME COMMAND...: runs COMMAND; its output goes to a log, which is shown when it fails. VERBOSE=1 shows it always.
quietly() {
  local name=$1 log=$logs/$1.log status=0
  shift
  if [ "${VERBOSE:-0}" = 1 ]; then
    "$@" 2>&1 | tee "$log" || status=$?
  else
    "$@" >"$log" 2>&1 || status=$?
  fi
  if [ "$status" -ne 0 ]; then
    [ "${VERBOSE:-0}" = 1 ] || cat "$log"
    echo "$name failed ($status); its output is above and in ${log#"$root"/}" >&2
  fi
  return "$status"
}

# hash FILES...: one SHA-256 per line.
hash() {
  if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# use_nightly COMPONENT...: from here on cargo is that of the nightly Rust pinned in scripts/nightly, with these components. What is
# missing is installed.
use_nightly() {
  local component
  export RUSTUP_TOOLCHAIN
  RUSTUP_TOOLCHAIN=$(<"$root/scripts/nightly")
  for component in "$@"; do
    rustup component list --installed --toolchain "$RUSTUP_TOOLCHAIN" 2>/dev/null | grep -q "^$component" && continue
    echo "installing $component of $RUSTUP_TOOLCHAIN, once"
    quietly rustup rustup toolchain install "$RUSTUP_TOOLCHAIN" --no-self-update --profile minimal --component "$component"
  done
}
