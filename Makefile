# The commands of this project. Everything is installed into .venv, without root.
PYTHON ?= python3
BIN := .venv/bin
# Tests run in as many processes, each with a PostgreSQL of its own; one more than cores, since many of them wait.
PROCESSES ?= 3
PIP := $(BIN)/pip --disable-pip-version-check -q

.PHONY: demo test soak bench lint messages clean

demo: .venv/.installed ## Install, fill 青禾县 with this term's homework, open http://127.0.0.1:8000
	$(BIN)/qingfu demo --serve

# What speaks to the database; pages and the controls of the crash test, which show that it can fail, run once.
ON_16 := tests/ledger tests/units/test_tenant_walls.py --ignore tests/ledger/test_rule_pages.py -k "not control"

test: .venv/.installed-test ## Every test, on PostgreSQL 18; the database rooms on 16 too
	sh bin/need-chromium
	sh bin/need-libreoffice
	$(BIN)/ruff check .
	$(BIN)/pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder
	QINGFU_PG_VERSION=16 $(BIN)/pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ON_16)

soak: .venv/.installed-test ## Races, crashes and fuzzing at full length
	QINGFU_SOAK=1 $(BIN)/pytest tests/ledger tests/units tests/server tests/text tests/rulebook tests/lake
	sh bin/need-java
	$(PIP) install -c constraints.txt -e ".[spark]"
	QINGFU_SOAK=1 $(BIN)/pytest soak

bench: .venv/.installed-test ## Every figure of the README
	$(BIN)/python -m bench

lint: .venv/.installed-test
	$(BIN)/ruff check .

messages: .venv/.installed-test ## Collect texts for translation and compile the English catalogue
	$(BIN)/python bin/messages.py

.venv/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Qingfu needs Python 3.11 or newer; name one: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) install -c constraints.txt -e ".[lake,planning,pdf,terminal]"
	@touch $@

.venv/.installed-test: .venv/.installed
	$(PIP) install -c constraints.txt -e ".[test]"
	@touch $@

clean:
	rm -rf .venv build *.egg-info
