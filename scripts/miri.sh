#!/usr/bin/env bash
# miri.sh [FILTER...]: runs the unit tests of the core's pure modules under Miri, which sees undefined behaviour and leaks; FILTERs name
# other tests. Miri runs no C and no assembly: store, transport, driver's shell and terminal are not for it. Takes up to half an hour.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Of the flow, what does not walk a payment to its end: Miri takes seconds for a walk, and finds nothing new in the next.
pure=(calendar:: gateway:: money:: payment:: payment_code:: secret:: signing:: wording:: flow::tests::cancel::
  flow::tests::stored::an_unknown_version_or_garbage
  # A megabyte of brackets is about the machine's stack, not Miri's.
  --skip a_deep_answer_is_refused)
[ $# -gt 0 ] || set -- "${pure[@]}"

use_nightly miri rust-src
export CARGO_TARGET_DIR=$root/target/miri
# Golden files are read from the disk. Property tests run a few cases: each is some thousand times slower.
export MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=${PROPTEST_CASES:-2} PROPTEST_FAILURE_PERSISTENCE=off
cargo miri test --locked -p paywand --lib -- "$@"
