#!/usr/bin/env bash
# stress.sh: CASHIERS (200) at one terminal at once, ROUNDS (10) sales each, by SEED (of the clock); says how all payments ended. What
# a seed cannot repeat is the order in which threads run: a failure names the payment and its journal.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

export PAYWAND_STRESS_CASHIERS=${CASHIERS:-200} PAYWAND_STRESS_ROUNDS=${ROUNDS:-10} PAYWAND_STRESS_SEED=${SEED:-$EPOCHSECONDS}
cargo test -q --locked --profile proof -p paywand-e2e --test stress -- --nocapture
