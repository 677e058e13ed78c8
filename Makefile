# GetIt's workshop: every command a developer or a new user needs. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
export PYTHONDONTWRITEBYTECODE := 1
export DO_NOT_TRACK := 1

.PHONY: help up down status test check lint format types unit architecture integration e2e bench bench-loop bench-commerce bench-features docs lock clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-zA-Z_-]+:.*## / {printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The environment is exactly the lock file: versions and hashes. Compiling at installation saves seconds at every start.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "GetIt needs Python 3.11, 3.12 or 3.13; choose it with: make PYTHON=/path/to/python3.11 up")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo "installing the environment (first time: about a minute)"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $(INSTALLED)

up: $(INSTALLED) ## Install, start the engines, load real data, train, serve everything; Ctrl-C stops it
	@$(BIN)/getit up

down: $(INSTALLED) ## Stop everything that runs here
	@$(BIN)/getit down

status: $(INSTALLED) ## Show every process
	@$(BIN)/getit status

test: $(INSTALLED) ## Run the whole test suite, on two processes
	@$(BIN)/python -m pytest --numprocesses 2 --no-loadscope-reorder

check: $(INSTALLED) lint types unit architecture ## What must pass before each commit (under 2 minutes)

lint: $(INSTALLED) ## Style and floors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || (echo "run: make format" && exit 1)
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

format: $(INSTALLED) ## Format the code and mend what lint can mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

types: $(INSTALLED) ## Strict type check
	@$(BIN)/mypy

unit: $(INSTALLED) ## Tests without I/O
	@$(BIN)/python -m pytest tests/unit -q --no-header

architecture: $(INSTALLED) ## Rules of the house as tests
	@$(BIN)/python -m pytest tests/architecture -q --no-header

integration: $(INSTALLED) ## Tests on real engines
	@$(BIN)/python -m pytest tests/integration tests/security tests/chaos -q

e2e: $(INSTALLED) ## The whole loop through the gateway and a browser
	@$(BIN)/python -m pytest tests/e2e -q

bench: bench-loop bench-commerce bench-features ## All benchmarks with their quick settings

bench-loop: $(INSTALLED) ## Import, whole loop, scoring beside MLflow, demand back-test; writes .getit/bench/loop.json
	@$(BIN)/python tests/bench/loop.py

bench-commerce: $(INSTALLED) ## Checkout, cart, search, the hot item through HTTP beside pgbench; writes .getit/bench/commerce.json
	@$(BIN)/python tests/bench/commerce.py

bench-features: $(INSTALLED) ## Extract beside COPY, training set beside hand-written SQL at 1, 3, 10 times the panel, replay; writes .getit/bench/features.json
	@$(BIN)/python tests/bench/features.py

docs: $(INSTALLED) ## Generate the reference pages from code and bench files
	@$(BIN)/python -m getit.reference

lock: ## Resolve anew and write the lock file
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --extra demo --extra dev pyproject.toml --output-file requirements.lock

clean: ## Delete caches (not the data: that is `getit reset`)
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis dbt/target dbt/logs build dist *.egg-info
