#!/usr/bin/env bash
# proof.sh [STAGE...]: tries to catch the core in a lie. Runs the stages named, or all of them; each one's time is printed, and the
# output of one that fails. docs/testing.md says what each shows and how to replay what it finds. VERBOSE=1 shows all output.
. "$(dirname "${BASH_SOURCE[0]}")/stages.sh"
all_stages=(setup simulation mutations model kill power-cut fuzz)

stage_setup() { # what the stages need
  scripts/setup.sh proof
}

stage_simulation() { # a million payments in a faulty world
  cargo run -q --locked --profile proof -p paywand-simulation --bin simulate -- --payments "${PAYMENTS:-1000000}"
}

stage_mutations() { # the simulation finds every deliberate mistake
  tests/simulation/mutations/run.sh
}

stage_model() { # every interleaving
  cargo run -q --locked --profile proof -p paywand-model --bin model
}

stage_kill() { # a real process, ended at random
  # With the program that it kills.
  cargo build -q --locked --profile proof -p paywand-e2e --bins
  target/proof/kill --rounds "${ROUNDS:-300}" ${SEED:+--seed "$SEED"}
}

stage_power_cut() { # a disk that loses, tears and refuses
  cargo run -q --locked --profile proof -p paywand-powercut --bin powercut
}

stage_fuzz() { # each reader of what comes from outside
  tests/fuzz/run.sh "${SECONDS_EACH:-30}"
}

# The last line of a stage's log is what it has to say.
said_of() {
  [ "$1" = setup ] || tail -n 1 "$logs/$1.log"
}

run_stages "$@"
