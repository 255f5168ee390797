# Everything here works on a fresh machine with Python 3.11 or later; `make peers` also uses npm.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test soak lint fuzz peers bench drain-table docs coverage clean

# A pass, then the same gate catching a fault: the second run must exit 1.
demo: $(STAMP)
	$(BIN)/mcpverify demo
	@echo
	@echo "The same gate, on a release that narrowed an enum:"
	@echo
	@$(BIN)/mcpverify demo --fault changed-schema; code=$$?; \
	if [ $$code -ne 1 ]; then echo "expected exit code 1, got $$code"; exit 1; fi
	@echo
	@echo "The gate passed the reviewed server and failed the other one."

# Many tests wait for a server, a drain or a limit: more workers than cores.
test: $(STAMP)
	$(BIN)/python -m pytest -n 4 --dist worksteal

# Twenty times what the demo server does when it is stopped, and what drain says of it.
soak: $(STAMP)
	MCPVERIFY_SOAK=20 $(BIN)/python -m pytest -n 2 --dist worksteal tests/demo/test_demo_drains.py

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Looks for unsound verdicts of drift on made-up schemas; SEED=... draws the same pairs again.
fuzz: $(STAMP)
	$(BIN)/python -m tests.drift.fuzz $(if $(SEED),--seed $(SEED))

# Real servers that nobody here wrote, installed into a cache of their own.
peers: $(STAMP)
	$(BIN)/python tests/peers/install.py
	MCPVERIFY_PEERS=required $(BIN)/python -m pytest -o addopts="--strict-markers -ra" -n 2 --dist loadgroup tests/peers

bench: $(STAMP)
	$(BIN)/python tests/peers/install.py
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/fleet/run.py

# How servers that nobody here wrote shut down, each tried by drain, into benchmarks/DRAIN.md.
drain-table: $(STAMP)
	$(BIN)/python tests/peers/install.py
	$(BIN)/python benchmarks/drain/table.py

# The parts of README.md and docs/*.md that describe code, or show what it prints, from the code.
docs: $(STAMP)
	$(BIN)/python docs/generate.py
	$(BIN)/python -m tests.docs.update

coverage: $(STAMP)
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine
	$(BIN)/coverage report

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $(STAMP)

clean:
	rm -rf $(VENV) .cache build dist
