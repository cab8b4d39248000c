# Everything a bare machine needs is Python 3.11+, pip and make; each target sets itself up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

.PHONY: help demo dev test lint types check lock schema bench clean

help:  ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY)  ## load the sample project into an embedded PostgreSQL and export it
	$(BIN)/storyarn demo

dev: $(READY)  ## Dagster's UI on the same database
	$(BIN)/storyarn dev

test: $(READY_DEV)  ## the tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(READY_DEV)  ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY_DEV)  ## types
	$(BIN)/mypy

check: test lint types  ## all three

# Debian ships Python without ensurepip; virtualenv from a directory of our own does then.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV) 2>/dev/null || { \
	  rm -rf $(VENV) && \
	  $(PYTHON) -m pip install --quiet --target .storyarn-tools virtualenv && \
	  PYTHONPATH=.storyarn-tools $(PYTHON) -m virtualenv --quiet $(VENV); }

$(READY): $(BIN)/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(READY_DEV): $(READY) requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

bench: $(READY_DEV)  ## measure speed and memory beside their anchors (some minutes)
	$(BIN)/python -m benchmarks

lock:  ## renew the locks from pyproject.toml
	$(PYTHON) -m pip install --quiet --target .storyarn-tools uv
	PYTHONPATH=.storyarn-tools $(PYTHON) -m uv pip compile --quiet --universal --no-annotate \
	  --no-header --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --no-emit-find-links --group build pyproject.toml -o requirements.lock
	PYTHONPATH=.storyarn-tools $(PYTHON) -m uv pip compile --quiet --universal --no-annotate \
	  --no-header --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --no-emit-find-links --group build --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

schema: $(READY)  ## renew the JSON Schema of the native format
	$(BIN)/python -m storyarn_pipelines.services.format_schema \
	  storyarn_pipelines/serializers/storyarn/storyarn.schema.json

clean:  ## remove the environment and all data under .storyarn
	rm -rf $(VENV) .storyarn .storyarn-tools
