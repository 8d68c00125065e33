# `make run` serves everything; `make test` checks everything; `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test pytest lint checks bench soak openapi clean install install-dev all-tests \
	check-ruff check-format check-types check-imports check-dependencies check-openapi check-openapi-lint

# PYTHON=/path/to/python chooses the interpreter that makes .venv.
export PYTHON
VENV := .venv/bin/python

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1
# Bytecode is compiled once, whatever the shell says: many tests start processes that import everything.
unexport PYTHONDONTWRITEBYTECODE

help: ## Show this list
	@echo "Perennial"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'
	@echo "Settings: PORT=8000 PERENNIAL_DATA=.perennial DATABASE_URL=postgresql://… DEMO=0 PYTHON=python3.12"

run: install ## Serve the API, the worker and the docs at http://localhost:8000
	@exec $(VENV) -m api.cli serve

# Together: the tests wait for Postgres and for processes often enough to leave the checks their time.
test: ## Lint, type checks, OpenAPI drift and lint, migration checks and tests
	@$(MAKE) --no-print-directory --keep-going -j2 all-tests checks

pytest: all-tests ## Only the tests

all-tests: install-dev
	@$(VENV) -m pytest -n 2 --dist loadscope --no-loadscope-reorder -q -m "not soak" $(ARGS)

lint: ## Only the linters and type checks
	@$(MAKE) --no-print-directory --keep-going -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) checks check-openapi

bench: install-dev ## Measure against the peers in benchmarks/
	@.ci/install benchmarks/requirements.lock
	@$(VENV) -m benchmarks $(ARGS)

soak: install-dev ## The tests that take minutes
	@$(VENV) -m pytest -q -m soak $(ARGS)

openapi: install ## Write openapi/v1.json
	@$(VENV) -m api.cli openapi

clean: ## Remove what was installed and cached; data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build openapi/tools/node_modules
	find api tests migrations benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The OpenAPI lint comes first: it needs no Python, so it runs while that is installed.
checks: check-openapi-lint check-types check-ruff check-format check-imports check-dependencies
check-types check-ruff check-format check-imports check-dependencies check-openapi: install-dev

check-ruff:
	@$(VENV) -m ruff check --quiet . && echo "ruff check: clean"
check-format:
	@$(VENV) -m ruff format --check --quiet . && echo "ruff format: clean"
check-types:
	@$(VENV) -m mypy
check-imports:
	@.venv/bin/lint-imports --no-logo 2>&1
check-dependencies:
	@.venv/bin/deptry . 2>&1
check-openapi:
	@$(VENV) -m api.cli openapi --check
check-openapi-lint:
	@openapi/tools/check.sh

install:
	@.ci/install requirements.lock
install-dev:
	@.ci/install requirements-dev.lock
