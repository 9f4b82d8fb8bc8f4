# `make demo` and `make test` need Python 3.11 or newer and nothing else; the rest follows from them.

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BROWSER := $(VENV)/.browser

# Many processes load the same modules: they are compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test test-browser up bench check format reference check-meta clean

help:  ## Show what there is to make
	@awk -F ':.*##' '/^[a-z-]+:.*##/ {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: $(READY)  ## Make the virtual environment from the locks

$(READY): requirements/runtime.txt requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

demo: $(READY)  ## Run the main job end to end and show what is true after it
	@$(BIN)/gateway demo

test: $(READY)  ## Run all tests
	@$(BIN)/python -m pytest -n $$((2 * $$(getconf _NPROCESSORS_ONLN))) --dist loadscope --no-loadscope-reorder -q $(ARGS)

test-browser: $(BROWSER)  ## Run the tests of the pages in a real browser; Chromium must be installed
	@$(BIN)/python -m pytest --browser -q -p no:unraisableexception tests/browser $(ARGS)

$(BROWSER): requirements/browser.txt $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/browser.txt
	@touch $@

up: $(READY)  ## Run the whole gateway, to try it on this machine
	@GATEWAY_SANDBOX__STOCK='{"MA": 50}' GATEWAY_HTTP__PRIVATE_HOSTS='["127.0.0.1:*"]' $(BIN)/gateway up $(ARGS)

bench: $(READY)  ## Measure, on this machine, what benchmarks/README.md says
	@$(BIN)/python -m benchmarks.pool
	@$(BIN)/python -m benchmarks.statements

check: $(READY)  ## Lint, types and import arrows
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)  ## Put the code into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

reference: $(READY)  ## Write the reference of error codes anew
	@$(BIN)/python -m tests.reference

check-meta: $(READY)  ## Hold the gateway and the simulator against Meta's published specification: SPEC=path
	@$(BIN)/python -m tests.meta.check $(SPEC)

clean:  ## Remove what was made here
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
