#!/usr/bin/env bash
# fmt.sh: formats the Rust and the hand-written Kotlin sources.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
scripts/setup.sh test
cargo fmt --all
cargo fmt --manifest-path tests/fuzz/Cargo.toml
kotlin_sources -exec "$java" -jar "$ktlint" --relative --format {} +
