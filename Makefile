# Works on a machine with Python >= 3.11 and make. Everything else goes into .venv, hash-checked.
# Nothing is installed again until a requirements file changes; after that no network is needed.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
VENV ?= .venv
SITE ?= var
CITY ?=
DEMO ?= var/demo
DEMO_NOW := 2015-06-16T08:30
WORKERS ?= 2
# The tests that always run put their sites on a disk in memory, where there is one with room from
# which programs run: they sync a hundred thousand times. What a sync is worth is tried by `make
# proof` and the long tests, on disks.
IN_MEMORY = $(shell d=$$(mktemp -d /dev/shm/bhyt.XXXXXX 2>/dev/null) && cp /bin/true $$d/ && \
	$$d/true && [ $$(df --output=avail -m $$d | tail -n1) -gt 4000 ] && echo TMPDIR=/dev/shm; \
	rm -rf "$$d")
KIND ?= local
MINUTES ?= 60
KILLS ?= 0
PAUSE ?= 0.4
REST ?= 60
BENCH ?=
PART ?= domain
SAMPLE ?= 200
SEED ?=
PROOF ?=

IN_CITY := $(if $(CITY),--city $(CITY))

BIN := $(VENV)/bin
HAS_PIP := $(VENV)/.has-build-tools
HAS_RUN := $(VENV)/.has-run
HAS_DEV := $(VENV)/.has-dev

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The tests start thousands of interpreters: compiled once, beside the source and not in it.
export PYTHONPYCACHEPREFIX := $(CURDIR)/build/pycache
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo test acceptance proof soak mutants lint types cover bench wheel lock setup clean distclean

help: ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: $(HAS_RUN) ## lay out a site in var/ and run the daemon on it (Ctrl-C ends it; CITY=hcmc-2025)
	@$(BIN)/bhyt-filedrop init $(SITE) $(IN_CITY)
	@exec $(BIN)/bhyt-filedrop run --config $(SITE)/config

demo: $(HAS_RUN) ## the same in var/demo, with one round's synthetic workbooks already dropped
	@$(BIN)/bhyt-filedrop demo --dir $(DEMO) $(IN_CITY)
	@exec $(BIN)/bhyt-filedrop run --config $(DEMO)/config --now $(DEMO_NOW)

test: $(HAS_DEV) ## lint, types and tests, in minutes
	@$(MAKE) --no-print-directory -j2 lint types
	$(IN_MEMORY) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long"

acceptance: $(HAS_DEV) ## the long tests: every server, every kill, a whole quarter
	$(BIN)/python -m pytest -n $(WORKERS) -m long

proof: $(HAS_DEV) ## power cuts, failing calls, hostile files, a storm; writes docs/proof.md (root; PROOF="power")
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-fuzz.txt \
		|| echo "atheris does not install here: fuzzing goes by chance alone"
	$(BIN)/python -m tests.proof $(PROOF)

soak: $(HAS_DEV) ## a storm of files for an hour, an hour of rest (KIND=local MINUTES PAUSE REST KILLS)
	$(BIN)/python -m tests.proof.storm $(KIND) --minutes $(MINUTES) --pause $(PAUSE) \
		--rest $(if $(filter 0,$(KILLS)),$(REST),0) --kills $(KILLS)

mutants: $(HAS_DEV) ## small faults put in: who notices? (PART=domain|ledger|work, SAMPLE=200, SEED=)
	nice -n 10 $(BIN)/python -m tests.mutants $(PART) --sample $(SAMPLE) $(if $(SEED),--seed $(SEED))

lint: $(HAS_DEV) ## ruff: rules and format; vulture: nothing that nobody uses
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/vulture

types: $(HAS_DEV) ## mypy --strict
	$(BIN)/mypy

cover: $(HAS_DEV) ## tests with branch coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -p no:randomly
	$(BIN)/coverage combine
	$(BIN)/coverage report

bench: $(HAS_DEV) ## what it costs beside its peers, in docs/benchmarks.md (BENCH=--quick: a minute)
	$(BIN)/python benchmarks/table.py $(BENCH)

wheel: $(HAS_PIP) ## build dist/*.whl
	$(BIN)/python -m hatchling build -t wheel

setup: $(HAS_DEV) ## install everything that the other targets use

lock: $(HAS_PIP) ## bring requirements*.txt up to date with pyproject.toml
	$(BIN)/uv pip compile $(LOCK) --group pyproject.toml:build -o requirements-build.txt
	$(BIN)/uv pip compile $(LOCK) pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --extra postgres -c requirements.txt \
		-o requirements-postgres.txt
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --extra s3 -c requirements.txt \
		-o requirements-s3.txt
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --extra oidc -c requirements.txt \
		-o requirements-oidc.txt
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --group pyproject.toml:dev \
		-c requirements.txt -c requirements-build.txt -o requirements-dev.txt
	$(BIN)/uv pip compile $(LOCK) --group pyproject.toml:fuzz -o requirements-fuzz.txt
	$(BIN)/uv pip compile $(LOCK) --group pyproject.toml:audit -o requirements-audit.txt

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--no-annotate

clean: ## remove what tools leave behind
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.*
	find . -name __pycache__ -not -path './$(VENV)/*' -type d -prune -exec rm -rf {} +

distclean: clean ## also remove .venv (never var/, which may hold real work)
	rm -rf $(VENV)

# --- the environment ---------------------------------------------------------------------------

$(HAS_PIP): requirements-build.txt
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed (set PYTHON=...)"; exit 1; }
	@echo "Building $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "python venv failed; on Debian: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-build.txt
	@touch $@

# uv takes seconds where pip takes a minute; pip is the way out where uv does not know the
# machine's package mirror.
$(HAS_RUN): requirements.txt pyproject.toml $(HAS_PIP)
	@$(call install,requirements.txt)
	@$(install-self)
	@touch $@

$(HAS_DEV): requirements-dev.txt pyproject.toml $(HAS_PIP)
	@$(call install,requirements-dev.txt)
	@$(install-self)
	@touch $@ $(HAS_RUN)

define install
$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	|| $(BIN)/python -m pip install -qq --require-hashes -r $(1)
endef

define install-self
$(BIN)/python -m pip install -qq --no-deps --no-index --no-build-isolation -e .
endef
