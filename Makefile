# What can be done in a checkout, with make and Python 3.11 or 3.12 (`make PYTHON=python3.12 ...` chooses).

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
PORT ?= 8080
PHAROS_HOME ?= var

.PHONY: help demo test soak check evaluation real-input airflow lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' \
	  || { echo "Pharos needs Python 3.11 or 3.12: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --quiet --no-deps -e .
	@touch $@

demo: $(INSTALLED) ## the sample day through the three DAGs by Airflow, and a table of what came out
	@PHAROS_HOME=$(CURDIR)/var/demo $(BIN)/python -m pipeline.demo

test: $(INSTALLED) ## all tests but the long ones
	@$(BIN)/pytest -q -n 2 --dist loadfile -m "not soak"

soak: $(INSTALLED) ## the long tests
	@$(BIN)/pytest -q -m soak

check: $(INSTALLED) ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

evaluation: $(INSTALLED) ## docs/evaluation.md anew: simulated days of fixed seeds, and how well they were understood (minutes)
	@$(BIN)/python -m pipeline.evaluate.seeds docs/evaluation.md

real-input: $(INSTALLED) ## docs/real_input.md anew, from PHAROS_SHARED or ../shared/data
	@$(BIN)/python -m tests.sources.shared_files > docs/real_input.md

# The components of Airflow one by one: `airflow standalone` would serve its logs on every interface.
airflow: $(INSTALLED) ## Airflow with its web interface on loopback, until Ctrl-C; takes PHAROS_HOME=, PORT=
	@set -a; . ./airflow.env; PATH="$(abspath $(BIN)):$$PATH"; PHAROS_HOME="$(abspath $(PHAROS_HOME))"; \
	AIRFLOW_HOME="$$PHAROS_HOME/airflow"; AIRFLOW__CORE__DAGS_FOLDER="$(CURDIR)/dags"; \
	AIRFLOW__API__PORT=$(PORT); AIRFLOW__API__BASE_URL=http://127.0.0.1:$(PORT); set +a; \
	mkdir -p -m 700 "$$AIRFLOW_HOME"; \
	airflow db migrate && airflow pools import dags/pools.json && \
	echo "Pharos: $$AIRFLOW__API__BASE_URL, user admin, password in" \
	  "$$AIRFLOW_HOME/simple_auth_manager_passwords.json.generated; stop with Ctrl-C" || exit 1; \
	others=; for part in 'scheduler --skip-serve-logs' 'triggerer --skip-serve-logs' dag-processor; do \
	  airflow $$part & others="$$others $$!"; done; \
	trap 'kill $$others; wait' EXIT; \
	airflow api-server

lock: ## requirements.lock anew (needs uv)
	uv pip compile --universal --generate-hashes --no-header --no-annotate --quiet --upgrade \
	  --extra dev pyproject.toml --output-file requirements.lock
	@! grep -n '://' requirements.lock

clean: ## away with what make made: the environment, caches, the demo's home
	rm -rf .venv var/demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
