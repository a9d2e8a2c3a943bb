# make demo: the main job on a sample web of our own; make test: every test; make venv: the set-up alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test venv check lock

demo: venv
	$(BIN)/cuishou demo

test: venv
	$(BIN)/python -m pytest -n auto

venv: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cuishou needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	touch $(STAMP)

# Style, types and the direction of imports.
check: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Writes requirements.lock anew from pyproject.toml; needs pip-tools on the PATH.
lock:
	pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --extra dev --build-deps-for wheel \
	  --no-header --output-file requirements.lock pyproject.toml
