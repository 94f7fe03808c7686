PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACK ?= packs/retail
PORT ?= 8000
DATA ?= ../shared/data
# Without hashes: which build it is depends on the machine. On Linux the default brings CUDA; for the small CPU build add
# PyTorch's own index for it: make setup-dev TORCH="torch==2.13.0 --index-url ADDRESS"
TORCH ?= torch==2.13.0
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check fmt bench bench-understanding lock train clean

help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "kefu needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	@touch $@

setup: $(VENV)/.base ## Make the environment in .venv from the lock file

setup-dev: $(VENV)/.dev ## The same with the tools for tests and training

run: $(VENV)/.base ## Start the service with the retail pack at http://127.0.0.1:8000
	$(BIN)/kefu serve --pack $(PACK) --port $(PORT)

test: $(VENV)/.dev ## Everything that must pass: lint, types, imports, all tests
	bash scripts/install-test-needs.sh
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered
	$(BIN)/kefu test packs/retail
	$(BIN)/kefu test examples/clinic

check: $(VENV)/.dev ## Lint, format, types and import contracts, without tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(VENV)/.dev ## Format and mend what can be mended
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

bench: $(VENV)/.base ## Turns per second on one core, beside a bare ASGI echo
	$(BIN)/python benchmarks/turns.py

bench-understanding: $(VENV)/.dev ## How well and how fast texts are understood (DATA=../shared/data)
	$(BIN)/python benchmarks/understanding/retail.py --data $(DATA) --json var/retail.json
	@for more in public speed; do \
	  script=benchmarks/understanding/$$more.py; \
	  if [ ! -f $$script ] || [ ! -d $(DATA) ]; then echo "$$script is left out: it or $(DATA) is not there"; continue; fi; \
	  $(BIN)/python $$script --data $(DATA) --json var/$$more.json || exit 1; \
	done

train: $(VENV)/.dev ## Train the understanding model of a pack (PACK=packs/retail)
	$(BIN)/kefu train $(PACK)

lock: ## Renew the lock files (needs uv)
	uv pip compile pyproject.toml --extra build --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o requirements.lock
	uv pip compile pyproject.toml --extra build --extra train --extra bert --extra train-bert --extra dev --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o requirements-dev.lock
	uv pip compile deploy/model-server/requirements.txt --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o deploy/model-server/requirements.lock

clean: ## Remove the environment and what was built (not ./var)
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
