#!/usr/bin/env bash
# setup.sh [demo|android|test|proof]: checks for what the build needs. `demo`: Rust, a C compiler, a JDK, Maven. `android`:
# also Android's packaging tools, R8 and JNA's AAR. `test` (default): also clippy, rustfmt and the pinned tools of the checks. `proof`: Rust, C and C++ compilers, cargo-fuzz. What is missing is named
# with the command that installs it; on Debian, as root or with a password-free sudo, system packages are installed. Ends with 2
# when something is left to install.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
purpose=${1:-test}
packages=()
left=0

# missing WHAT COMMAND: something that this script does not install.
missing() {
  printf '%s\n  install it with: %s\n' "$1" "$2" >&2
  left=1
}

# pin NAME: a value of rust-toolchain.toml.
pin() {
  sed -n "s/^$1 *= *\"\(.*\)\"/\1/p" rust-toolchain.toml
}

check_system() {
  command -v cc >/dev/null || { echo "no C compiler (cc)" >&2; packages+=(gcc libc6-dev); }
  if [ "$purpose" = proof ]; then # libFuzzer is C++
    command -v c++ >/dev/null || { echo "no C++ compiler (c++)" >&2; packages+=(g++); }
    return 0
  fi
  check_java
  command -v mvn >/dev/null || { echo "no Maven (mvn)" >&2; packages+=(maven); }
  if [ "$purpose" = test ] || [ "$purpose" = android ]; then # Android's resources and packages
    command -v zip >/dev/null || { echo "no zip" >&2; packages+=(zip); }
    command -v unzip >/dev/null || { echo "no unzip" >&2; packages+=(unzip); }
    command -v aapt2 >/dev/null || { echo "no Android resource compiler (aapt2)" >&2; packages+=(aapt); }
    command -v zipalign >/dev/null || { echo "no zipalign" >&2; packages+=(zipalign); }
    command -v apksigner >/dev/null || { echo "no apksigner" >&2; packages+=(apksigner); }
  fi
}

check_java() {
  local version
  version=$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1) || true
  if [ -z "$version" ]; then
    echo "no JDK ($java)" >&2
  elif [ "$version" -lt 17 ]; then
    echo "JDK $version is too old: 17 or newer is needed" >&2
  else
    return 0
  fi
  packages+=(default-jdk-headless)
}

# Installs the missing system packages on Debian and its kin; elsewhere names them.
install_system() {
  local as_root=()
  [ "${#packages[@]}" -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    case $(uname -s) in
      Darwin) missing "missing, as named above" "xcode-select --install; brew install openjdk maven; aapt2, zipalign and apksigner are in the Android SDK's build-tools" ;;
      *) missing "missing, as named above" "your system's package manager; on Fedora: dnf install gcc java-devel maven" ;;
    esac
    return 0
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      missing "missing: ${packages[*]}" "sudo apt-get install ${packages[*]}"
      return 0
    fi
    as_root=(sudo -n)
  fi
  echo "installing ${packages[*]}"
  quietly apt-update ${as_root[@]+"${as_root[@]}"} apt-get update -qq
  quietly apt-install ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${packages[@]}"
  packages=()
  check_system
  if [ "${#packages[@]}" -gt 0 ]; then
    echo "installed, yet not found or too old: ${packages[*]}; see PATH and JAVA_HOME" >&2
    left=1
  fi
}

check_rust() {
  local channel install
  channel=$(pin channel)
  install="rustup toolchain install $channel --profile minimal --component clippy --component rustfmt"
  if ! command -v cargo >/dev/null; then
    missing "no Rust (cargo)" "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    return 0
  fi
  # The first call of a pinned toolchain lets rustup fetch it, unless RUSTUP_AUTO_INSTALL=0.
  if ! cargo --version >"$logs/rust-toolchain.log" 2>&1; then
    grep '^error' "$logs/rust-toolchain.log" >&2 || true
    missing "Rust $channel (rust-toolchain.toml) is not installed" "$install"
  elif [ "$purpose" = test ] && ! { cargo clippy --version && cargo fmt --version; } >/dev/null 2>&1; then
    missing "clippy or rustfmt of Rust $channel is not installed" "$install"
  fi
}

# Built from source once: about four minutes.
install_cargo_deny() {
  [ "$("$cargo_deny" --version 2>/dev/null)" = "cargo-deny $cargo_deny_version" ] && return 0
  echo "building cargo-deny $cargo_deny_version, once; this takes some minutes"
  # Without a target directory, cargo builds in a temporary one.
  quietly cargo-deny env -u CARGO_TARGET_DIR \
    cargo install --quiet --locked --force --root "$tools" cargo-deny --version "$cargo_deny_version"
}

# Built from source once: about half a minute.
install_cargo_fuzz() {
  [ "$("$cargo_fuzz" --version 2>/dev/null)" = "cargo-fuzz $cargo_fuzz_version" ] && return 0
  echo "building cargo-fuzz $cargo_fuzz_version, once"
  quietly cargo-fuzz env -u CARGO_TARGET_DIR \
    cargo install --quiet --locked --force --root "$tools" cargo-fuzz --version "$cargo_fuzz_version"
}

# install_file FILE SHA256 ARTIFACT: a file that Maven fetches into target/tools, checked against its pin in scripts/common.sh.
install_file() {
  local file=$1 name
  name=$(basename "$file")
  [ -e "$file" ] || quietly "$name" maven -N org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    "-Dartifact=$3" "-DoutputDirectory=$tools"
  if [ "$(hash "$file" | cut -d ' ' -f 1)" != "$2" ]; then
    rm -f "$file"
    echo "$name is not the file that was pinned (scripts/common.sh); it was removed" >&2
    exit 1
  fi
}

install_android() {
  install_file "$r8" "$r8_sha256" "com.android.tools:r8:$r8_version"
  install_file "$jna" "$jna_sha256" "net.java.dev.jna:jna:$jna_version:aar"
}

case $purpose in
  demo | android | test | proof) ;;
  *) echo "usage: scripts/setup.sh [demo|android|test|proof]" >&2; exit 2 ;;
esac
check_system
install_system
check_rust
[ "$left" -eq 0 ] || exit 2
if [ "$purpose" = test ]; then
  install_cargo_deny
  install_file "$ktlint" "$ktlint_sha256" "com.pinterest.ktlint:ktlint-cli:$ktlint_version:jar:all"
fi
if [ "$purpose" = test ] || [ "$purpose" = android ]; then
  install_android
fi
if [ "$purpose" = proof ]; then
  install_cargo_fuzz
fi
