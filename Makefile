# Every target sets up what it needs. Stamps keep a second run fast.
.DEFAULT_GOAL := help
.PHONY: help setup run demo test test-all lint check bench bench-archive bench-http load clean

BIN := .venv/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard portal/translations/*/LC_MESSAGES/messages.po))
FAST := not slow and not fault and not load
# compiled tests and modules are kept in build/, whatever the machine says: reading the tests takes half as long then
PYTEST := env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(CURDIR)/build/pycache $(BIN)/python -m pytest -n 2 --dist loadfile

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-13s %s\n", $$1, $$2}'

.venv/.ok: requirements.lock .ci/python-env
	@.ci/python-env

%.mo: %.po .venv/.ok
	@$(BIN)/pybabel -q compile -i $< -o $@ -l $(notdir $(patsubst %/,%,$(dir $(patsubst %/,%,$(dir $@)))))

.venv/.system-run: .ci/system-packages .venv/.ok
	@if .ci/system-packages run; then touch $@; fi

.venv/.system-test: .ci/system-packages .venv/.ok
	@if .ci/system-packages test; then touch $@; fi

setup: .venv/.ok $(CATALOGUES) ## the Python environment and the compiled translations

# the program keeps its compiled modules, whatever the machine says: the second start takes three quarters of the time
run: .venv/.ok .venv/.system-run $(CATALOGUES) ## the portal with its demo (PORT, PORTAL_DATA, DATABASE_URL)
	@exec env -u PYTHONDONTWRITEBYTECODE $(BIN)/portal up --demo

demo: .venv/.ok $(CATALOGUES) ## fill an empty store with the demo
	@exec $(BIN)/portal demo --seed 1

test: .venv/.ok .venv/.system-test $(CATALOGUES) ## the fast tests, SQLite and PostgreSQL, with a browser path
	@exec $(PYTEST) -m "$(FAST)"

test-all: .venv/.ok .venv/.system-test $(CATALOGUES) ## all tests: faults, load and every browser story too
	@exec $(PYTEST) --no-loadscope-reorder

lint: .venv/.ok ## ruff, mypy, djlint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy portal
	@$(BIN)/djlint templates --lint --quiet

check: lint test ## lint and test: what must be green before a commit

bench: .venv/.ok .venv/.system-run $(CATALOGUES) ## figures in process, to build/bench.json (BENCH_FULL=1: a million; BENCH_ONLY=sweep,figures: these parts)
	@mkdir -p build && exec $(BIN)/python -m tests.bench

bench-archive: .venv/.ok .venv/.system-run $(CATALOGUES) ## figures of the archive on both engines, to build/bench-archive.json (BENCH_FULL=1: a million)
	@exec $(BIN)/python -m tests.bench.archive

bench-http: .venv/.ok .venv/.system-run $(CATALOGUES) ## figures over HTTP
	@mkdir -p build && exec $(BIN)/python -m tests.bench.http

load: .venv/.ok .venv/.system-run $(CATALOGUES) ## 500 and 2,000 open screens against the portal, to build/load.json
	@mkdir -p build && exec $(BIN)/python -m tests.bench.load

clean: ## build results and caches; keeps the environment and the data
	@rm -rf build .hypothesis .pytest_cache .mypy_cache .ruff_cache $(CATALOGUES)
	@find portal tests -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
