# Everything here works from a fresh clone; the first target that needs it makes .venv from requirements.lock.
PYTHON ?= python3
JOBS   ?= 2
BIN    := .venv/bin
CACHE  := $(or $(SLUICE_CACHE),$(HOME)/.cache/sluice)
READY  := .venv/.ready

.PHONY: help demo test check bench coverage docs bitcoind mining-device blvm-node prometheus postgres interop faults kills venv lock clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(READY) ## a pool on an embedded chain, with miners that find blocks; ARGS="--blocks 3"
	$(BIN)/sluice demo $(ARGS)

test: $(READY) ## all tests; PYTEST="tests/unit -x"
	$(BIN)/pytest -n $(JOBS) --dist worksteal $(PYTEST)

check: $(READY) ## lint, format, types, house rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest -q tests/laws

bench: $(READY) ## the numbers of docs/performance.md
	$(BIN)/python -m bench $(ARGS)

coverage: $(READY) ## run all tests under coverage and write the figures into TEST_COVERAGE.md
	rm -f .coverage .coverage.*
	$(BIN)/pytest -n $(JOBS) --dist worksteal --cov --cov-report=json:build/coverage.json --junitxml=build/tests.xml
	$(BIN)/python scripts/write_coverage.py build/coverage.json build/tests.xml TEST_COVERAGE.md

docs: $(READY) ## write the pages that are made from the code
	$(BIN)/python scripts/write_docs.py
	$(BIN)/python scripts/write_grafana.py

bitcoind: ## a real bitcoind for the tests (Debian; regtest only)
	scripts/fetch-bitcoind $(CACHE)/bitcoind

mining-device: ## SRI's own mining device, from the crate registry (needs cargo, takes minutes)
	scripts/build-sri-mining-device $(CACHE)/sri

blvm-node: ## a real blvm-node for the tests, from the crate registry (needs cargo, takes ten minutes or more)
	scripts/build-blvm-node $(CACHE)/blvm

prometheus: ## Prometheus and promtool for the tests (Debian)
	scripts/fetch-prometheus $(CACHE)/prometheus

postgres: ## Debian's PostgreSQL server for the tests, which start one of their own
	scripts/fetch-postgres

browser: ## Debian's Chromium for the browser tests, and axe-core, which looks for what shuts people out
	scripts/fetch-browser $(CACHE)/axe

screenshots: $(READY) ## every page of the dashboard as a picture, into build/screenshots
	$(BIN)/python scripts/screenshots.py $(ARGS)

interop: $(READY) ## SRI's own mining device mines on Sluice; skipped loudly where it cannot be built
	-@$(MAKE) --no-print-directory mining-device
	$(BIN)/pytest tests/real/test_sri_mining_device.py

faults: $(READY) ## twenty seeds of every fault on a block's way, and the table of docs/blocks.md (a quarter of an hour)
	rm -f build/faults.jsonl; mkdir -p build
	-SLUICE_FAULT_SEEDS=20 SLUICE_FAULT_REPORT=build/faults.jsonl $(BIN)/pytest -n $(JOBS) --dist worksteal tests/real/test_block_faults.py
	$(BIN)/python scripts/write_faults.py build/faults.jsonl docs/blocks.md

kills: $(READY) ## fifty kills of a server with a record under load, ten on PostgreSQL, and the tables of docs/record.md (ten minutes)
	rm -f build/kills.jsonl; mkdir -p build
	-SLUICE_KILLS=50 SLUICE_KILLS_REPORT=build/kills.jsonl $(BIN)/pytest tests/real/test_record_kills.py
	$(BIN)/python scripts/write_kills.py build/kills.jsonl docs/record.md 50 10

venv: $(READY) ## .venv with all that is needed, exactly as locked

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sluice needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lock: ## renew requirements.lock: newest versions, with hashes and without addresses
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet --disable-pip-version-check uv
	build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml -o requirements.lock

clean: ## forget everything that was made here
	rm -rf .venv build dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
