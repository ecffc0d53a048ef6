# Two commands are all a newcomer needs: `make run` and `make test`. Both set up what is missing first.
.DEFAULT_GOAL := help
SHELL := bash
BIN := .venv/bin
# What `hub run` gets on top, for example: make run ARGS="--port 9000 --speed-up 20"
ARGS ?=
# What pytest gets, for example: make test TESTS=tests/geo
TESTS ?= tests

.PHONY: help run test lint setup setup-test bench test-faults profile lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: setup ## Set up and start everything with a living demonstration (http://localhost:8080)
	@exec $(BIN)/hub run --demo $(ARGS)

setup: ## Install and build what running needs
	@setup/setup.sh run

setup-test:
	@setup/setup.sh test

test: setup-test lint ## Set up, check the code, run every test
	@$(BIN)/pytest $(TESTS)

lint: setup-test ## Check style, types, imports and the web sources
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm --prefix web run lint
	npm --prefix web run check
	npm --prefix web test

test-faults: setup-test ## Kill and stop real processes for ten minutes and compare history with database
	@REIS_FAULT_SECONDS=$${REIS_FAULT_SECONDS:-600} REIS_FAULT_SEED=$${REIS_FAULT_SEED:-$$RANDOM} $(BIN)/pytest -s -m faults tests/faults

bench: setup-test ## Measure each leg and the whole beside its bare limit
	@$(BIN)/python -m bench

profile: setup-test ## Flame graph of the hot path into bench/results
	@$(BIN)/python -m bench.profile

lock: ## Lock the newest allowed versions anew
	@setup/lock.sh --upgrade

clean: ## Remove what is installed, built and stored here, the data of `make run` included
	rm -rf .venv .data web/node_modules web/dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage *.egg-info
