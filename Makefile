# `make` alone lists what can be done.
.DEFAULT_GOAL := help
.PHONY: help setup run stop shell test ruff mypy imports template unit journeys test-long bench known-answers screenshots format lock clean
PYTHON := var/venv/bin/python
QUINZE := var/venv/bin/quinze
# Compiled once: every process of a run then starts in a third of the time, even where the environment says otherwise.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/var/pycache
export NUMBA_CACHE_DIR := $(CURDIR)/var/pycache/numba
# Unit tests use their own embedded PostgreSQL (var/test), or DATABASE_URL where it is set.
PYTEST := QUINZE_MODE=test $(PYTHON) -m pytest

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## the environment and the assets, from the lock files
	@scripts/setup.sh

run: setup ## start everything: database, pages, live events, jobs (ARGS="--port 8100"); Ctrl-C stops
	@exec $(QUINZE) run $(ARGS)

stop: setup ## stop what `make run` started here
	@$(QUINZE) stop

shell: setup ## a Python shell with the models
	@$(QUINZE) shell

test: setup ## all checks; each also alone
	@$(MAKE) --no-print-directory -j 2 --output-sync=target template mypy ruff imports
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory journeys

ruff: setup ## style
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

mypy: setup ## types, strict
	$(PYTHON) -m mypy

imports: setup ## folders import only folders below them
	var/venv/bin/lint-imports --no-cache

template: setup
	@QUINZE_MODE=test $(PYTHON) -m tests.template

unit: setup ## unit and integration tests, in parallel (ARGS="tests/config -k lock")
	@scripts/nginx.sh
	$(PYTEST) -n 2 -m "not journey and not long" $(ARGS)

journeys: setup ## the desks in a real browser
	@scripts/chromium.sh
	$(PYTEST) -n 3 --dist loadgroup -m "journey" $(ARGS)

test-long: setup ## slow proofs
	$(PYTEST) -m "long" $(ARGS)

bench: setup ## measure (NAME=chain); writes var/bench/NAME.json
	@test -n "$(NAME)" || { echo "make bench NAME=chain"; ls tests/bench 2>/dev/null; exit 2; }
	$(PYTHON) -m tests.bench.$(subst -,_,$(NAME)) $(ARGS)

known-answers: setup ## docs/reference/known-answers.md again, from the formulas
	$(PYTHON) -m quinze.science.callcentre.known_answers

screenshots: setup ## the desks, for docs/
	@scripts/chromium.sh
	$(PYTHON) scripts/screenshots.py $(ARGS)

format: setup ## put the code in its usual form
	$(PYTHON) -m ruff check --fix-only -q .
	$(PYTHON) -m ruff format .

lock: setup ## requirements*.lock again from requirements*.in
	var/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q requirements.in -o requirements.lock
	var/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q requirements-bench.in -o requirements-bench.lock

clean: ## forget the environment, the demonstration and the test database of this checkout
	@! test -x $(QUINZE) || $(QUINZE) stop
	rm -rf var node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
