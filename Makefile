# make up: the whole stack on the embedded AWS; make test: every gate; make bench: figures; make down: stops and forgets.
.PHONY: up down test bench lint types imports unit format lock venv help
PY := .venv/bin/python
UV := .venv/bin/uv
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11

help:
	@head -1 Makefile | cut -c3-

venv:
	@scripts/venv.sh

up: venv
	@$(PY) -m local deploy

down: venv
	@$(PY) -m local teardown

test: lint types imports unit

lint: venv
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: venv
	$(PY) -m mypy

imports: venv
	.venv/bin/lint-imports

unit: venv
	$(PY) -m pytest

bench: venv
	$(PY) -m benchmarks

format: venv
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

lock: venv
	$(COMPILE) $(UPGRADE) requirements.in -o requirements.txt
	$(COMPILE) $(UPGRADE) requirements-dev.in -o requirements-dev.txt
	$(COMPILE) requirements-uv.in -o requirements-uv.txt
	$(COMPILE) $(UPGRADE) app/requirements.in -o app/requirements.txt
