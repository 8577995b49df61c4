# `make` lists the targets; the work is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup demo test android apk sandbox proof simulate kill fuzz stress miri tsan bench fmt

help: ## Lists these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

setup: ## Checks for what the build needs, installs the pinned tools
	@scripts/setup.sh

demo: ## Performs every operation of five gateways from Kotlin against the sandbox, then lives three bad days
	@scripts/demo.sh

test: ## Runs every check: format, lints, dependencies, Rust and Kotlin tests
	@scripts/test.sh

android: ## Builds the Android library and the AAR (ANDROID_BUILD, or cargo-ndk with ABIS="arm64-v8a …")
	@scripts/android.sh

apk: ## Packs the sample till, with the library that `make android` has built
	@scripts/apk.sh

sandbox: ## Runs the sandbox for a handheld on USB (or HOST, PORT, HTTP_PORT), and says what to type
	@HOST=$(HOST) PORT=$(PORT) HTTP_PORT=$(HTTP_PORT) scripts/sandbox.sh

proof: ## Tries to catch the core in a lie: simulation, mutations, model, kills, power cuts, fuzzing
	@scripts/proof.sh

simulate: ## Takes PAYMENTS (100000) in a simulated, faulty world
	@cargo run -q --locked --profile proof -p paywand-simulation -- --payments $(or $(PAYMENTS),100000) --coverage

kill: ## Ends a till's process at random, ROUNDS=300 times over, and compares it with the gateways' books
	@VERBOSE=1 scripts/proof.sh kill

fuzz: ## Lets libFuzzer at each reader of outside text; SECONDS_EACH=30
	@tests/fuzz/run.sh $(or $(SECONDS_EACH),30)

stress: ## Two hundred cashiers at one terminal (CASHIERS, ROUNDS, SEED)
	@scripts/stress.sh

miri: ## Runs the pure modules' tests under Miri (nightly Rust)
	@scripts/miri.sh

tsan: ## Runs the end-to-end tests under ThreadSanitizer (nightly Rust, Linux)
	@scripts/tsan.sh

bench: ## Runs the benchmarks
	@cargo bench --locked -p paywand --benches

fmt: ## Formats Rust and Kotlin
	@scripts/fmt.sh
