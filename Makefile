# Two commands: `make suites` evaluates the built-in classifier, `make test` tests the harness.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: suites test lint types check page clean

suites: $(STAMP)
	$(BIN)/pytest suites/

# Sessions of pytest within tests of the plugin would take an outer worker of xdist for their own.
test: $(STAMP)
	$(BIN)/pytest tests/ --ignore tests/plugin -n 2
	$(BIN)/pytest tests/plugin

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(STAMP)
	$(BIN)/mypy

check: lint types test

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -e ".[dev]" -c constraints.txt
	touch $@

clean:
	rm -rf .venv reports/runs reports/*.html
