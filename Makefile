# Every command of the project; CI calls only these. `make demo` and `make test` need
# nothing but Python 3.11 or later.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet

# The pinned files name every package, so nothing is resolved anew (--no-deps): asked for the
# extra of a pinned package, pip would look at newer releases and refuse them.
.PHONY: help demo demo-django test test-browser cover cover-stores faults soak lint format types docs examples service bench bench-sweep bench-durable mutants messages lock clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

.venv/made:
	$(PYTHON) -c 'import sys; sys.exit("rectify needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	touch $@

.venv/demo: .venv/made requirements/demo.txt pyproject.toml
	$(PIP) --no-deps --require-hashes -r requirements/demo.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev: .venv/made requirements/dev.txt pyproject.toml
	$(PIP) --no-deps --require-hashes -r requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@ .venv/demo

demo: .venv/demo ## run the Hubei 2018 campaign on a SQLite ledger
	$(BIN)/rectify demo

test: .venv/dev ## run every test, PostgreSQL and the diagram tools included
	$(BIN)/python -m pytest

cover: .venv/dev ## run every test; fail where a branch above the stores is not gone through
	$(BIN)/python -m pytest --cov

cover-stores: .venv/dev ## show what `make cover` found of the stores
	$(BIN)/coverage report --include='src/rectify/stores/*' --omit='tests/*' --fail-under=95

test-browser: .venv/dev ## drive the Django example in Chromium, as people use it
	$(BIN)/python -m pytest -m browser tests/browser

demo-django: .venv/dev ## serve the county office's site, the Django example
	$(BIN)/python examples/django_platform/manage.py demo

faults: .venv/dev ## kill, race and damage ledgers, thousands of times; print the figures
	$(BIN)/python -m pytest -m faults tests/faults

soak: .venv/dev ## run the long forms of the tests
	$(BIN)/python -m pytest -m soak

lint: .venv/dev ## check style, imports' direction, the catalogue
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

format: .venv/dev ## put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: .venv/dev ## check types with mypy and pyright, strictly
	$(BIN)/mypy src tests examples
	$(BIN)/pyright --pythonpath $(BIN)/python

docs: .venv/dev ## run every example in the README, the docs and the docstrings
	$(BIN)/python -m pytest README.md README.zh.md CONTRIBUTING.md docs src

examples: .venv/dev ## run every example
	set -e; for example in examples/*.py; do echo "$$example"; $(BIN)/python "$$example" > /dev/null; done

service: .venv/dev ## start the example service, a ledger over HTTP
	$(BIN)/python examples/fastapi_service/service.py

bench: .venv/dev ## print ratios against other libraries, measured side by side
	$(BIN)/python -m bench

bench-sweep: .venv/dev ## print what a sweep costs, beside the same statements by hand
	$(BIN)/python -m bench.sweep

bench-durable: .venv/dev ## print what steps cost on a database, beside the driver alone
	$(BIN)/python -m bench.durable

mutants: .venv/dev ## change the rules, the lifecycle, the moves and the record; count who notices
	$(BIN)/python tests/mutation.py

messages: .venv/dev ## extract the messages, bring the catalogue up to date, compile it
	$(BIN)/pybabel -q extract -k message -k translate --no-location --sort-output -o .venv/rectify.pot src
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -D rectify -i .venv/rectify.pot -d src/rectify/locale -l zh_CN
	$(BIN)/pybabel -q compile -D rectify -d src/rectify/locale

lock: .venv/dev ## pin what pyproject.toml asks for, with hashes and no index address
	$(BIN)/uv pip compile pyproject.toml --universal --extra cli --group build --generate-hashes --no-emit-index-url --no-header --quiet -o requirements/demo.txt
	$(BIN)/uv pip compile pyproject.toml --universal --all-extras --group dev --generate-hashes --no-emit-index-url --no-header --quiet -o requirements/dev.txt

clean: ## remove what was made
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .coverage* rectify-demo
