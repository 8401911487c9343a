# Every command of the project. `make` alone lists them. Python 3.11 or later and make are all that `make run` needs.

PYTHON ?= python3
PY := .venv/bin/python
# More for pytest: make test ARGS="tests/regions -x"
ARGS ?=
# COVERAGE=1 measures branches and fails below the figure in pyproject.toml.
COVERAGE ?=
PYTEST := $(PY) -m pytest $(if $(COVERAGE),--cov --cov-report=term:skip-covered)
MANAGE := $(PY) manage.py
# A stand-in for production, for the checks that only make sense there. Nothing outside `make check` uses this key.
PRODUCTION := env -i PATH="$$PATH" HOME="$$HOME" DATABASE_URL=sqlite:///var/check.sqlite3 BEHIND_TLS_PROXY=1 \
	SECRET_KEY="check-only-$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))')" \
	ALLOWED_HOSTS=koperasi.example.go.id OFFICE_EMAIL=koperasi@example.go.id

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run serve worker test test-postgres test-browser check check-python check-templates check-floors \
	check-types check-django check-translations check-rules format translations bench audit clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:
	@$(PYTHON) scripts/environment.py requirements.txt

setup-dev:
	@$(PYTHON) scripts/environment.py requirements-dev.txt

run: setup ## The portal on http://127.0.0.1:8000/ with starter data and a demo register (PORT=8001, DEMO=0)
	@$(PY) scripts/run.py

serve: setup ## The portal in production: gunicorn and WhiteNoise, set up by the environment or .env
	@scripts/serve

worker: setup ## A further worker for long work (imports); make run and make serve bring one of their own
	@$(MANAGE) db_worker

test: setup-dev ## All tests but the browser's, on SQLite or on DATABASE_URL (ARGS="tests/regions -x", COVERAGE=1)
	@$(PYTEST) -n auto $(ARGS)

test-postgres: setup-dev ## The same on PostgreSQL: DATABASE_URL if it is one, else a throw-away cluster
	@case "$$DATABASE_URL" in \
		postgres*) $(PYTEST) -n auto $(ARGS) ;; \
		*) scripts/postgres $(PYTEST) -n auto $(ARGS) ;; \
	esac

test-browser: setup-dev ## The tests that drive Chromium (CHROMIUM=/path/to/chromium)
	@$(PY) -m pytest -m browser -n auto --dist loadfile tests/browser $(ARGS)

check: check-python check-templates check-floors check-rules check-types check-django check-translations ## All of style: what a change must pass

check-python: setup-dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

check-templates: setup-dev
	@$(PY) -m djlint --lint --quiet templates

check-floors: setup-dev
	@.venv/bin/lint-imports --no-cache

check-rules: setup-dev
	@$(PY) scripts/house_rules.py

check-types: setup-dev
	@$(PY) -m mypy

check-django: setup-dev
	@mkdir -p var
	@$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	@$(PRODUCTION) $(MANAGE) makemigrations --check --dry-run

check-translations: setup-dev
	@$(PY) scripts/translations.py check

format: setup-dev ## Put Python into the project's format and mend what can be mended
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

translations: setup-dev ## Collect the visible strings into locale/ and compile them; says what is untranslated
	@$(PY) scripts/translations.py update

bench: setup-dev ## Measure pages, API and exports; writes benchmarks/README.md (takes long)
	@benchmarks/run $(ARGS)

audit: setup-dev ## Ask the advisory database about known holes in what is pinned (needs the internet)
	@$(PY) -m pip_audit --require-hashes --disable-pip -r requirements.txt

clean: ## Remove what can be made again; the database and uploads under var/ stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov var/static
