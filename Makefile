# `make` lists the targets; the work is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup demo test bench fuzz fmt

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

fuzz: ## Lets libFuzzer at each reader of outside text; SECONDS_EACH=30
	@tests/fuzz/run.sh $(or $(SECONDS_EACH),30)

fmt: ## Formats Rust and Kotlin
	@scripts/fmt.sh
