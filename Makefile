# make demo and make test need only git, make and Python >= 3.11; the rest follows from them.
# Another interpreter: make PYTHON=python3.13 test.   More for pytest: make test ARGS="-k digest"
PYTHON ?= python3
VENV   ?= .venv
ARGS   ?=
# The container: the image's name, the base where it is not the Dockerfile's, the engine, and
# the program that runs workflows.
IMAGE  ?= localhost/slsa-gen:dev
BASE   ?=
DOCKER ?= docker
ACT    ?=
# The real services: a seed, when some of the tests that are many alike are enough.
SAMPLE ?=
STACK_TESTS := tests/stack/services
export DOCKER
BIN    := $(VENV)/bin
CODE   := slsa_gen tests scripts benchmarks

.PHONY: help venv demo test soak check lint format types contracts bench wheel docs lock image test-container e2e stack test-stack test-builds clean
help:      ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 16

venv:      ## make .venv what requirements/dev.txt says (done once, then re-used)
	@command -v $(PYTHON) >/dev/null || { echo "error: there is no $(PYTHON); slsa-gen needs Python 3.11 or newer" >&2; exit 2; }
	@$(PYTHON) scripts/venv.py $(VENV)

demo: venv ## hash, attest, verify on the sandbox, and see a tampered file refused
	@PATH="$(abspath $(BIN)):$$PATH" scripts/demo

test: venv ## the tests
	@$(BIN)/python -m pytest -n auto $(ARGS)

soak: venv ## the full counts and sizes (10 GiB of disk, half an hour), test-stack whole
	@$(BIN)/python -m pytest -m soak -o faulthandler_timeout=1800 $(ARGS)
	@$(MAKE) --no-print-directory test-stack SAMPLE=

check: lint types contracts ## everything that reads the code without running it

lint: venv ## style, format, workflows
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/zizmor --pedantic --offline --quiet .github
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml verify/action.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml

format: venv ## write the code as the formatter wants it
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

types: venv ## mypy, strict, over code and tests
	@$(BIN)/mypy

contracts: venv ## which package may import which
	@$(BIN)/lint-imports

bench: venv ## the measurements (minutes; a table each)
	@for name in startup hashing verify attest run; do $(BIN)/python benchmarks/$$name.py || exit 1; done

wheel: venv ## dist/*.whl, the same bytes each time
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m flit_core.wheel --outdir dist .

docs: venv ## the manual's blocks of help, and its tables of inputs and outputs
	@$(BIN)/python scripts/help_blocks.py
	@$(BIN)/python scripts/action_tables.py

lock: venv ## requirements/*.txt anew from pyproject.toml and requirements/dev.in
	@$(BIN)/python scripts/lock.py $(ARGS)

image: ## the container image, and how large it is (BASE=IMAGE for another base)
	@scripts/container-image "$(IMAGE)" "$(BASE)"

test-container: venv ## the image in a container engine (BASE=IMAGE, else a stand-in made here)
	@base="$(BASE)"; [ -n "$$base" ] || base=$$(scripts/container-base) || exit; \
	scripts/container-image "$(IMAGE)" "$$base" && \
	SLSA_GEN_IMAGE="$(IMAGE)" $(BIN)/python -m pytest -n auto --dist loadfile tests/stack/container $(ARGS)

e2e: venv ## the Action in workflows that act runs (needs Go, PostgreSQL; ACT=PROGRAM, BASE as above)
	@base="$(BASE)"; [ -n "$$base" ] || base=$$(scripts/container-base) || exit; \
	act="$(ACT)"; [ -n "$$act" ] || act=$$(scripts/act) || exit; \
	SLSA_GEN_STACK=1 SLSA_GEN_ACT="$$act" SLSA_GEN_BASE="$$base" \
	$(BIN)/python -m pytest tests/stack/runner $(ARGS)

stack: venv ## a real Sigstore here: prints what to export; Ctrl-C ends it (Go, PostgreSQL)
	@$(BIN)/python -m tests.stack.services

test-stack: venv ## the tests against it, with other people's verifiers (SAMPLE=SEED: some)
	@SLSA_GEN_STACK=$${SLSA_GEN_STACK:-1} SLSA_GEN_STACK_SAMPLE="$(SAMPLE)" \
	$(BIN)/python -m pytest $(STACK_TESTS) $(ARGS)

test-builds: venv ## real builds under run: a Python, a Go and an npm package (network, Go, npm)
	@SLSA_GEN_BUILDS=1 $(BIN)/python -m pytest tests/stack/builds $(ARGS)

clean:     ## remove what the targets made
	rm -rf $(VENV) dist build demo .cache .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
