# make up: the whole stack on the embedded AWS; make tick: fires its schedule; make test: every gate; make bench: figures; make down: stops and forgets.
# make chaos: what a release does when things break; make stories: whether any order of deployments keeps the promises.
# On call, with STACK=staging or the local one: make rollback, make unpin; make canary PERCENT=10, make promote, make abort.
.PHONY: schema rollback unpin canary promote abort up down tick test chaos stories bench bench-peers lint types imports unit format lock venv help
PY := .venv/bin/python
UV := .venv/bin/uv
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version

# The gates run one after the other also under `make -j`, so that pytest's closing line is the last.
.NOTPARALLEL:

help:
	@head -3 Makefile | cut -c3-

venv:
	@scripts/venv.sh

up: venv
	@$(PY) -m local deploy

# Where nothing was ever started, there is nothing to stop and no need of a .venv.
down:
	@if [ -e .local ]; then scripts/venv.sh && $(PY) -m local teardown; else echo "nothing was running" >&2; fi

# make tick RULE=NAME fires one rule alone.
tick: venv
	@$(PY) -m local tick $(if $(RULE),--rule $(RULE))

# The local stack is on the embedded AWS; every other is where the shell's AWS settings and its stack file say.
STACK ?= local
PERCENT ?= 10
ifeq ($(STACK),local)
RELEASE = $(PY) -m local run $(PY) -m release
UP = $(PY) -m local deploy
else
RELEASE = $(PY) -m release
UP = pulumi up --stack $(STACK)
endif

rollback: venv
	@$(RELEASE) rollback --stack $(STACK)

unpin: venv
	@$(RELEASE) unpin --stack $(STACK)
	@$(UP)

canary: venv
	@$(RELEASE) canary --stack $(STACK) --percent $(PERCENT)
	@$(UP)

promote: venv
	@$(RELEASE) promote --stack $(STACK)
	@$(UP)

abort: venv
	@$(RELEASE) abort --stack $(STACK)

test: lint types imports unit

lint: venv
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: venv
	$(PY) -m mypy
	$(PY) -m mypy scripts/venv.py
	$(PY) -m mypy examples

imports: venv
	.venv/bin/lint-imports

unit: venv
	$(PY) -m pytest

# CHAOS: options such as `--only 'lambda:*'`, `--every 5`, `--jobs 1`, `--json`; see --help.
chaos: venv
	@$(PY) -m tests.chaos $(CHAOS)

# Stories of deployments, made up at random: make stories STORIES=50.
STORIES ?= 20
stories: venv
	@LAMINA_DEPLOYMENTS=$(STORIES) $(PY) -m pytest -n 0 tests/world/test_deployments.py

bench: venv
	$(PY) -m benchmarks

# What programs in other languages see of the components: to be announced, as docs/components.md says.
schema: venv
	@$(PY) plugin --write-schema

# SAM's builder needs the target's Python on the PATH; uv's own will do.
bench-peers: venv
	$(PY) -m benchmarks peers --rounds 2

format: venv
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

lock: venv
	$(COMPILE) 3.11 $(UPGRADE) requirements.in -o requirements.txt
	$(COMPILE) 3.11 $(UPGRADE) requirements-dev.in -o requirements-dev.txt
	$(COMPILE) 3.11 requirements-uv.in -o requirements-uv.txt
	$(COMPILE) 3.11 $(UPGRADE) app/requirements.in -o app/requirements.txt
	$(COMPILE) 3.11 terraform/layer/requirements.in -o terraform/layer/requirements.txt
	$(COMPILE) 3.11 $(UPGRADE) terraform/example/requirements.in -o terraform/example/requirements.txt
	$(COMPILE) 3.11 $(UPGRADE) examples/two-regions/layers/web.in -o examples/two-regions/layers/web.txt
	$(COMPILE) 3.11 $(UPGRADE) examples/two-regions/layers/data.in -o examples/two-regions/layers/data.txt
	$(COMPILE) 3.11 $(UPGRADE) examples/yaml/requirements.in -o examples/yaml/requirements.txt
	$(COMPILE) 3.12 $(UPGRADE) benchmarks/large.in -o benchmarks/large.txt
	$(COMPILE) 3.11 $(UPGRADE) benchmarks/peers.in -o benchmarks/peers.txt
