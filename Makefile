# One target a job; `make` alone lists them. Each environment is made when it is missing or when
# pyproject.toml or constraints.txt have changed, and holds no more than its targets need.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
export OMP_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

CORE   := .venv-core
TEST   := .venv-test
NEURAL := .venv-neural
BENCH  := .venv-bench
TABLES := .venv-tables
SERVE  := .venv-serve

WANTS_core   := -c constraints.txt -e .
WANTS_test   := -c constraints.txt -e '.[test,images]'
WANTS_neural := -c constraints.txt -e '.[test,neural,images]'
WANTS_bench  := -c constraints.txt -e '.[peers]'
WANTS_serve := -c constraints.txt -e '.[serve,images]'
WANTS_tables := 'pythermalcomfort>=4.8,<5'

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve test test-slow test-all fuzz fuzz-api lint format types contracts notebooks docs \
        wheel bench soak truth reality model comfort colours catalogue clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

.venv-%/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("wearwhy needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	@echo "Installing into .venv-$* (only now and when requirements change; a minute or two) …" >&2
	@$(PYTHON) -m venv .venv-$*
	@.venv-$*/bin/python -m pip install -qq $(WANTS_$*)
	@touch $@

demo: $(CORE)/installed ## three looks for a rainy Tuesday, with their proofs
	@$(CORE)/bin/wearwhy demo

WORKSPACE ?= wardrobe-demo
PORT ?= 8000
serve: $(SERVE)/installed ## the bundled wardrobe as a service and a page: make serve PORT=8000
	@test -d $(WORKSPACE) || $(SERVE)/bin/wearwhy demo --keep $(WORKSPACE) > /dev/null
	@$(SERVE)/bin/wearwhy --workspace $(WORKSPACE) serve --port $(PORT)

# A file's tests share fixtures and models that they train: they stay in one process.
JOBS ?= 2
MORE ?=
test: $(TEST)/installed ## the suite, in two processes: make test JOBS=4
	@$(TEST)/bin/python -m pytest -n $(JOBS) --dist loadfile $(MORE)

test-slow: $(NEURAL)/installed ## what takes more than a few seconds, with torch and pykeen
	@$(NEURAL)/bin/python -m pytest -m slow -n $(JOBS) --dist loadfile $(MORE)

test-all: $(NEURAL)/installed ## both
	@$(NEURAL)/bin/python -m pytest -m "slow or not slow"

TIMES ?= 10
fuzz: $(TEST)/installed ## the properties, with fresh examples and N times as many: make fuzz TIMES=10
	@env -u CI TIMES=$(TIMES) $(TEST)/bin/python -m pytest -p tools.fuzz tests/properties

SECONDS ?= 600
fuzz-api: $(TEST)/installed ## the REST interface against its own document: make fuzz-api SECONDS=600
	@$(TEST)/bin/python tools/fuzz_api.py --examples 200 --seconds $(SECONDS)

lint: $(TEST)/installed ## style
	@$(TEST)/bin/ruff check .
	@$(TEST)/bin/ruff format --check .

format: $(TEST)/installed ## write the style
	@$(TEST)/bin/ruff format .

types: $(TEST)/installed ## mypy --strict
	@$(TEST)/bin/mypy

contracts: $(TEST)/installed ## which room may import which
	@$(TEST)/bin/lint-imports --no-logo

notebooks: $(TEST)/installed ## run both from top to bottom
	@for one in notebooks/*.py; do echo "$$one"; $(TEST)/bin/python $$one || exit 1; done

docs: $(TEST)/installed ## write the generated parts of README, docs/ and CONFORMANCE.md
	@$(TEST)/bin/python -m tools.docs
	@$(TEST)/bin/python -m tools.conformance

wheel: $(TEST)/installed ## the wheel, into dist/
	@$(TEST)/bin/python -m pip wheel --quiet --no-deps --wheel-dir dist .

bench: $(BENCH)/installed ## speed, beside peers
	@$(BENCH)/bin/python -m benchmarks

MINUTES ?= 60
soak: $(BENCH)/installed ## mixed load against a server that is killed now and then: make soak MINUTES=60
	@$(BENCH)/bin/python -m benchmarks.service_soak --minutes $(MINUTES)

truth: $(CORE)/installed ## how rules and guesses stand against data/truth.csv
	@$(CORE)/bin/python tools/truth.py $(SHARED)

SHARED ?= ../shared
reality: $(CORE)/installed ## the rules beside what people wore and rented; data in SHARED
	@$(CORE)/bin/wearwhy evaluate rules --items $(SHARED)/data/mango/products.csv --as mango \
	    --outfits $(SHARED)/data/mango/outfits.csv --outfits-as mango-outfits --within collection \
	    --rentals $(SHARED)/data/rentals/rentals.parquet
	@$(CORE)/bin/wearwhy evaluate rules --items $(SHARED)/data/wardrobes/sheworewhat/ClosetData.csv \
	    --as sheworewhat --outfits $(SHARED)/data/wardrobes/sheworewhat/2023Data.csv \
	    --outfits-as sheworewhat-log --weather $(SHARED)/data/weather/seattle-weather.csv

model: $(NEURAL)/installed ## train the bundled model: data/model
	@$(NEURAL)/bin/python tools/model.py

comfort: $(TABLES)/installed ## compute data/comfort.csv
	@$(TABLES)/bin/python tools/comfort.py

colours: $(TEST)/installed ## compute ontology/schemes/colour.ttl
	@$(TEST)/bin/python tools/colours.py

catalogue: ## write data/catalogue.csv
	@$(PYTHON) tools/catalogue.py

clean: ## remove environments, caches and builds
	rm -rf $(CORE) $(TEST) $(NEURAL) $(BENCH) $(TABLES) $(SERVE) dist build .mypy_cache .ruff_cache \
	    .pytest_cache .hypothesis .import_linter_cache
	find src tests tools benchmarks notebooks -name __pycache__ -prune -exec rm -rf {} +
