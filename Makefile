# Short names for the commands that CONTRIBUTING.md explains. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help unit integration e2e all format update docs site release down

CLUSTER ?=
TEST ?= '*IT'

help: ## this list
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' Makefile | expand -t 14

unit: ## compiler, format and unit tests: two minutes
	mvn -B verify -DskipITs

integration: ## tests against a real API server: make integration, or TEST=CrdIT for one class
	mvn -B verify -Dtest=NoSuchTest -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=$(TEST)

e2e: ## one class on a real cluster: make e2e TEST=RotationE2E [CLUSTER=testbed]
	@case $(TEST) in *E2E) ;; *) echo "name a class: make e2e TEST=RotationE2E" >&2; exit 2;; esac
	mvn -B verify -Dtest=NoSuchTest -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=$(TEST) $(if $(CLUSTER),-Dcluster=$(CLUSTER))

all: ## everything, as before a merge
	mvn -B verify

format: ## formats Java and scripts
	mvn -B -q spotless:apply
	scripts/lint --format

site: ## the docs site, at http://127.0.0.1:8000
	scripts/site serve

docs: ## the tests of the pages alone: words, tables, names
	mvn -B test -Dtest='*DocTest,WordsTest,ReleasedNamesTest' -Dsurefire.failIfNoSpecifiedTests=false

update: ## writes the generated files again: look at the difference
	mvn -B test -Dupdate

release: ## a dry run of the release: everything in release/target
	mvn -B -q package -DskipTests
	release/run "$$(sed -n 's/^version: //p' charts/securememcached-operator/Chart.yaml)" --dry-run

down: ## stops the testbed
	testbed/testbed down
