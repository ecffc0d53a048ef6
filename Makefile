# Two commands are all a newcomer needs: `make run` and `make test`. Both set up what is missing first.
.DEFAULT_GOAL := help
SHELL := bash
BIN := .venv/bin
# What `hub run` gets on top, for example: make run ARGS="--port 9000 --speed-up 20"
ARGS ?=
# Hub and tests start many processes; each would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE
# What pytest gets, for example: make test TESTS=tests/geo
TESTS ?= tests
# Each worker starts services of its own, which pays for folders; files run in one process.
WORKERS = $(if $(findstring .py,$(TESTS)),-n 0,-n auto --maxprocesses 4)

.PHONY: help run test test-quick coverage lint lint-python lint-web setup setup-test bench test-faults profile lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: setup ## Set up and start everything with a living demonstration (http://localhost:8080)
	@exec $(BIN)/hub run --demo $(ARGS)

setup: ## Install and build what running needs
	@setup/setup.sh run

setup-test:
	@setup/setup.sh test

test: setup-test lint $(if $(filter tests,$(TESTS)),coverage) ## Set up, check the code, run every test
	@$(BIN)/pytest $(WORKERS) $(TESTS)

test-quick: setup-test ## The inner loop: rules, geo, freight, api and store; no browser, no killed services, no lint
	@$(BIN)/pytest $(WORKERS) -m "not faults" tests/geo tests/freight tests/api tests/store

coverage: setup-test ## Prove that every branch of what decides without I/O is tested: geo and all rules
	@$(BIN)/pytest -q -n auto --maxprocesses 4 --cov --cov-report=term tests/geo tests/freight/test_*rules.py

lint: setup-test ## Check style, types, imports and the web sources
	@$(MAKE) --no-print-directory -j 2 --output-sync lint-python lint-web

lint-python:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-web:
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
