# make demo   the sample company, archived, in a few minutes
# make test   everything that CI runs
# Both set themselves up: virtual environment, locked dependencies and, for the tests, system packages.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   ?= demo

.PHONY: install demo test check format bench serve clean

install: $(VENV)/.run-installed

$(BIN)/python:
	@tools/make-venv "$(PYTHON)" "$(VENV)"

$(VENV)/.run-installed: $(BIN)/python requirements/run.txt pyproject.toml
	@echo "installing the locked dependencies into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.dev-installed: $(BIN)/python requirements/dev.txt pyproject.toml
	@echo "installing the locked dependencies and the test tools into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@$(BIN)/python -m compileall -q src
	@touch $@ $(VENV)/.run-installed

demo: install
	@tools/demo "$(BIN)" "$(DEMO)"

check: $(VENV)/.dev-installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: $(VENV)/.dev-installed
	@tools/system-packages
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest -n 2 --dist worksteal

serve: install
	$(BIN)/kedang serve

format: $(VENV)/.dev-installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev-installed
	@tools/system-packages bench
	$(BIN)/python -m bench

lock: $(VENV)/.dev-installed
	tools/lock $(BIN)/uv

clean:
	rm -rf $(VENV) $(DEMO)
