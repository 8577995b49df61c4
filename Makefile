# `make` lists the targets; the work is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup demo test bench fmt stress miri tsan

help: ## Lists these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

setup: ## Checks for what the build needs, installs the pinned tools
	@scripts/setup.sh

demo: ## Takes a payment at each gateway, from Kotlin, against the sandbox
	@scripts/demo.sh

test: ## Runs every check: format, lints, dependencies, Rust and Kotlin tests
	@scripts/test.sh

bench: ## Runs the benchmarks
	@cargo bench --locked -p paywand --benches

fmt: ## Formats Rust and Kotlin
	@scripts/fmt.sh

stress: ## Two hundred cashiers at one terminal (CASHIERS, ROUNDS, SEED)
	@scripts/stress.sh

miri: ## Runs the pure modules' tests under Miri (nightly Rust)
	@scripts/miri.sh

tsan: ## Runs the end-to-end tests under ThreadSanitizer (nightly Rust, Linux)
	@scripts/tsan.sh
