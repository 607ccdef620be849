# Every target sets itself up: nothing is needed but Python >= 3.11, make and the package registries.
PYTHON ?= python3
# real: the health checks, TTLs and waits of the rehearsal take as long as on AWS. fast: up to 25 times faster.
TIMING ?= fast
ARGS ?=
# Of a release.
VERSION ?=
# Which stacks; the failover stack takes the maintenance stack along.
STACKS ?= **
PAGES ?= pages.out
# The certificate authority's client, in an environment of its own.
CERTBOT ?= $(CURDIR)/.venv/certbot/bin/certbot

# With another shell than /bin/sh, make 3.81 of macOS, too, looks for commands in the PATH below and not in its own.
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# The CDK's bridge to Python unpacks its libraries here instead of in the home folder.
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(CURDIR)/.venv/jsii
# Where containers set it, each synthesis would compile the CDK's modules again: 3 s instead of half of one.
unexport PYTHONDONTWRITEBYTECODE
# Nothing here calls home.
export CDK_DISABLE_CLI_TELEMETRY := true
CDK := cdk --no-notices

.DEFAULT_GOAL := help
.PHONY: help setup develop rehearse up page preview test unit test-all large lab pythons mutation hooks check docs synth bootstrap preflight diff deploy verify gate drift renew destroy lock wheel release

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what operates and rehearses, in .venv and node_modules (every target does it when needed)
	@$(PYTHON) tools/setup.py rehearse

develop: ## Install what tests and checks besides
	@$(PYTHON) tools/setup.py develop

rehearse: setup ## Rehearse a whole failover on the embedded AWS: no account needed (TIMING=real for real time)
	@understudy rehearse --timing $(TIMING) $(ARGS)

up: setup ## Deploy to the embedded AWS and leave it running to play with, until Ctrl-C
	@understudy up --timing $(TIMING) $(ARGS)

page: setup ## Render every variant of the page, and an index, to pages.out/ (PAGES=FOLDER elsewhere)
	@understudy page $(PAGES) $(ARGS)

preview: setup ## Serve the page through the real edge functions on loopback (ARGS='--planned 90')
	@understudy preview $(ARGS)

test: develop ## Run all tests (ARGS='-k name' for some)
	@python -m tools.side_environment checkov tools/locks/rules.txt
	@python -m pytest $(ARGS)

unit: develop ## Run the unit tests: those that start no process, in a minute (ARGS='-k name' for some)
	@python -m pytest -m unit --dist=worksteal $(ARGS)

test-all: test pythons ## Run what takes hours, too, before a release: every browser and Python, 500 hosts, mutants
	@python -m pytest -m release
	@python -m pytest tests/test_pythons.py
	@python -m benchmarks.large_deploy
	@$(MAKE) mutation

large: develop ## Deploy 500 hosts at 50 servers to the embedded AWS, look at each (minutes; ARGS='--hosts 100')
	@python -m benchmarks.large_deploy $(ARGS)

lab: setup ## Measure again who notices a failover: real resolvers, proxies, clients (Linux; 6 minutes)
	@python -m tools.lab $(ARGS)

pythons: develop ## Build .venv-3.X for the other supported Pythons on this machine; `make test` then tries them too
	@python tools/pythons.py

mutation: develop ## Change the certificate code in every small way and see whether a test notices (half an hour)
	@mutmut run --max-children 2 && mutmut results

hooks: develop ## Let git run the quick part of `make check` before each commit
	@prek install

check: develop ## Lint, format check, types, terms, and the pipelines' files
	@ruff check . && ruff format --check . && mypy
	@python tools/terms.py
	@actionlint .github/workflows/*.yml && zizmor --offline --quiet --no-progress --persona pedantic .github/workflows

docs: develop ## Write the generated pages of docs/ anew (tests say when it is time)
	@for page in docs/generate_*.py; do python -m docs.$$(basename $$page .py) || exit 1; done

synth: setup ## Write the CloudFormation templates to cdk.out/ (no account, no network)
	@$(CDK) synth '$(STACKS)' --quiet $(ARGS)

bootstrap: setup ## Prepare the AWS account that the environment names for CDK deploys, once
	@account=$$(python tools/account.py) && cd .venv && $(CDK) bootstrap "aws://$$account/us-east-1" $(ARGS)

preflight: setup ## Check what can be known before a deploy: records, quotas, permissions, servers (ARGS='--json')
	@$(CDK) synth '$(STACKS)' --quiet
	@understudy preflight $(ARGS)

diff: setup ## Show what a deploy would change, in words and by cdk diff; exit code 2 if something is destructive
	@$(CDK) synth '$(STACKS)' --quiet $(ARGS)
	@words=$$(understudy diff cdk.out); code=$$?; [ $$code -ne 1 ] || exit 1; echo "$$words"; \
		$(CDK) diff '$(STACKS)' --app cdk.out || code=1; [ $$code -ne 2 ] || printf '\n%s\n' "$$words"; exit $$code

deploy: setup ## Deploy to the AWS account that the environment names (STACKS=Maintenance for one)
	@$(CDK) deploy '$(STACKS)' $(ARGS)

verify: setup ## Is what is deployed as it should be? Changes nothing (ARGS='--json')
	@understudy verify $(ARGS)

gate: setup ## Of cdk.out: the diff as a pull request's comment; exit code 2 if destructive without the label
	@understudy gate cdk.out

drift: setup ## Of cdk.out: fail if the deployed templates differ
	@$(CDK) diff '**' --app cdk.out --method template --fail

renew: setup $(CERTBOT) ## In a pipeline: propose a new certificate when the old one has less than half left
	@understudy renew --certbot '$(CERTBOT)' $(ARGS)

$(CURDIR)/.venv/certbot/bin/certbot: tools/locks/renew.txt
	@python -m tools.side_environment certbot $<

destroy: setup ## Remove everything that was deployed, also what failover.toml has no more (STACKS=NAME for one)
	@understudy destroy '$(STACKS)' -- $(ARGS)

lock: develop ## Compile tools/locks/*.in with hashes (operator.in to requirements.txt), and package-lock.json
	@for name in operator rehearsal dev renew rules uv; do \
		output=tools/locks/$$name.txt; [ $$name != operator ] || output=requirements.txt; \
		uv pip compile --quiet --universal --python-version=3.11 --generate-hashes \
			--output-file=$$output tools/locks/$$name.in || exit 1; \
	done
	@npm install --package-lock-only

wheel: develop ## Build the wheel into dist/
	@python -m hatchling build --target wheel

release: develop ## Plan a release, VERSION=X.Y.Z; with ARGS=--apply make it, as one commit
	@python -m tools.release '$(VERSION)' $(ARGS)
