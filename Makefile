# `make` lists the targets. Python 3.11 and make are all that `make run` needs.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run dev test quick check format requirements vendor assets messages bench faults clean

SYSTEM_PYTHON ?= $(shell command -v python3.11 || command -v python3)
PYTHON := .venv/bin/python
SERVICES := $(PYTHON) scripts/services.py --

# What the checks see as the site's settings: the example's, except for `check --deploy`.
export DJANGO_SETTINGS_MODULE := msplatform.settings
# Where this is set, every process compiles all code again: the many that the tests start take three times as long.
unexport PYTHONDONTWRITEBYTECODE
PRODUCTION := env -u DATA_DIR DEMO=0 SITE_URL=https://strategy.example.org EMAIL_URL=smtp://mail.example.org:25 \
	DATABASE_URL=postgres://site@db.example.org/site REDIS_URL=redis://redis.example.org:6379/0

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 24

run: .venv/run.stamp ## Run the whole site here, with example people; PORT=8000
	@$(PYTHON) scripts/run.py

test: dev .venv/mailman.stamp ## Everything: PostgreSQL, Redis, a real worker, mail and list servers, a browser, the embedded default
	@$(SYSTEM_PYTHON) scripts/install.py --browser
	@$(SERVICES) $(PYTHON) -m pytest --numprocesses 3 --dist worksteal $(ARGS)

quick: dev ## Under a minute: ruff, and the tests of rules, which need no services, no browser and no whole world
	@$(PYTHON) -m ruff check
	@env -u DATABASE_URL -u REDIS_URL $(PYTHON) -m pytest --numprocesses 2 --dist worksteal --quiet --hypothesis-profile quick -m "not services and not browser and not slow" $(ARGS)

check: export DEMO := 1
check: dev ## Linters, types, contracts, pending migrations, production settings
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m djlint templates --lint --quiet
	$(PYTHON) scripts/assets.py check
	.venv/bin/lint-imports --no-logo
	$(PYTHON) -m mypy
	$(PYTHON) manage.py makemigrations --check --dry-run
	SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))') \
		$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING

format: dev ## Put Python code into its form
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format

dev: .venv/dev.stamp ## Install what development needs

requirements: dev ## Compile requirements*.in again, to the newest versions that they allow
	$(PYTHON) -m uv pip compile --quiet --no-header --upgrade --python-version 3.11 requirements.in -o requirements.txt
	$(PYTHON) -m uv pip compile --quiet --no-header --upgrade --python-version 3.11 requirements-dev.in -o requirements-dev.txt
	$(PYTHON) -m uv pip compile --quiet --no-header --upgrade --python-version 3.11 requirements-mailman.in -o requirements-mailman.txt

vendor: dev ## Fetch Codex, icons, htmx and language data again at their pinned versions (needs npm)
	$(PYTHON) scripts/assets.py vendor
	$(PYTHON) scripts/assets.py build

assets: dev ## Build static/ from assets/
	$(PYTHON) scripts/assets.py build

messages: export DEMO := 1
messages: dev ## Collect the sentences to translate into locale/ (needs GNU gettext)
	@command -v xgettext >/dev/null || { echo "This needs GNU gettext. On Debian: apt-get install gettext"; exit 1; }
	$(PYTHON) manage.py makemessages --all --no-wrap --add-location file --ignore '.venv' --ignore 'var' --ignore 'tests' --ignore 'bench' --ignore 'faults'
	$(PYTHON) scripts/messages.py

bench: dev ## Measure pages, sweep, mail and booking beside their floor
	@$(SERVICES) $(PYTHON) -m bench $(ARGS)

faults: dev ## 10,000 deadlines while workers, beat, Redis and mail fail; ten minutes at most
	@$(SERVICES) $(PYTHON) -m faults $(ARGS)

clean: ## Remove the environment and the example's data
	rm -rf .venv var

# The stamps are as new as the last install; a change of the lists makes them old.

.venv/run.stamp: requirements.txt
	@$(SYSTEM_PYTHON) scripts/install.py requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt
	@$(SYSTEM_PYTHON) scripts/install.py requirements-dev.txt
	@touch $@ .venv/run.stamp

.venv/mailman.stamp: requirements-mailman.txt | .venv/dev.stamp
	@$(SYSTEM_PYTHON) scripts/install.py --mailman
	@touch $@
