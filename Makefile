# Two commands: `make suites` evaluates the built-in classifier, `make test` tests the harness.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: suites test gate lint types check page clean

suites: $(STAMP)
	$(BIN)/pytest suites/

# Sessions of pytest within tests of the plugin would take an outer worker of xdist for their own.
test: $(STAMP)
	$(BIN)/pytest tests/ --ignore tests/plugin -n 2
	$(BIN)/pytest tests/plugin

# The built-in classifier against the committed baseline: what a change of ours, or of a library, does to predictions.
gate: $(STAMP)
	$(BIN)/harness evaluate --baseline main --gate 'accuracy-drop<=0.005' --gate 'brier_score-drop<=0.002' \
		--gate 'quadratic_weighted_kappa-drop<=0.01' --gate 'accuracy>=0.45'

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(STAMP)
	$(BIN)/mypy

check: lint types test gate

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -e ".[dev]" -c constraints.txt
	touch $@

clean:
	rm -rf .venv reports/runs reports/*.html
