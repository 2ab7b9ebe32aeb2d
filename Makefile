# Two commands do everything: `make demo` and `make test`. Both work in a bare checkout.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
WORKERS ?= 2
TYPED = -p lrs_bridge -p lrs_bridge_evaluators -p lrs_bridge_forwarding -p xapi_profiles

.PHONY: demo test check format lint audit types layers bench pictures clean

demo: $(READY)  ## the whole product on embedded defaults, with a small LMS beside it
	$(BIN)/lrs-bridge demo

test: $(READY)  ## every test; PostgreSQL and Chromium are used where they are there
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup $(if $(filter both,$(ENGINES)),--both-engines)

check: $(READY) format lint types layers test  ## what has to hold before a commit

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

audit: $(READY)  ## known vulnerabilities of what is installed; needs a network
	$(BIN)/python .ci/audit.py $(BIN)/python $(AUDIT)

types: $(READY)
	$(BIN)/mypy $(TYPED)

layers: $(READY)
	$(BIN)/lint-imports

bench: $(READY)  ## the measured ratios of bench/README.md
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python -m bench

pictures: $(READY)  ## the pictures of the README and the docs, taken from the running demo
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[pictures]'
	$(BIN)/python docs/pictures/take.py

$(READY): setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $(READY)

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache var
