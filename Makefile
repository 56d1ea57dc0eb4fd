# make run: the dashboard with a simulated city, in demo mode, on http://localhost:8501
# make test: everything, browser tests included
.PHONY: run test lint bench clean

PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
DEMO := $(CURDIR)/demo
export PYTHONUNBUFFERED = 1

run: .venv/run
	@$(BIN)/python -c "import shuzhi" && SHUZHI_HOME=$(DEMO) $(BIN)/python -m shuzhi city build
	@echo "http://localhost:$(PORT)"
	@SHUZHI_HOME=$(DEMO) $(BIN)/python -m shuzhi serve --demo --port $(PORT)

test: .venv/dev lint
	@scripts/need-packages chromium=chromium font:NotoSansCJK=fonts-noto-cjk
	$(BIN)/python -m pytest -n 2 -m "not browser"
	$(BIN)/python -m pytest -m browser

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

bench: .venv/dev
	@scripts/need-packages chromium=chromium font:NotoSansCJK=fonts-noto-cjk
	$(BIN)/python -m bench

.venv/bin/python:
	@scripts/need-packages $(PYTHON)=python3 module:ensurepip=python3-venv fc-list=fontconfig
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=…")'
	$(PYTHON) -m venv .venv

.venv/run: requirements.txt constraints.txt | .venv/bin/python
	@scripts/install requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt .venv/run
	@scripts/install requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis
