# `make demo` and `make test` set up everything they need; `make report` runs the experiment of config.yaml.
PYTHON ?= python3
CORES ?= $(shell nproc)
BIN := .venv/bin

.PHONY: demo test cluster-test report why times headline benchmark growth clean

demo: .venv/installed
	$(BIN)/snakemake --cores $(CORES) --configfile experiments/demo.yaml
	@echo; echo "The report: results/demo/report.html (the same as Markdown: results/demo/report.md)"

report: .venv/installed
	$(BIN)/snakemake --cores $(CORES)
	@echo; echo "The report: results/report.html (the same as Markdown: results/report.md)"

# What `make report` would do, and because of what, in one line per rule.
why: .venv/installed
	@$(BIN)/python scripts/why.py $(if $(CONFIG),--configfile $(CONFIG))

# Wall time of a finished experiment, stage by stage.
times: .venv/installed
	$(BIN)/python scripts/stage_times.py results

test: .venv/installed .venv/browser .venv/slurm
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check .
	$(BIN)/snakemake --lint
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest -m "not cluster"

# The workflow on a real Slurm on this machine, which each test session starts and stops; `make test` runs a part of it.
cluster-test: .venv/installed .venv/slurm
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest -rs tests/cluster

# Installed once, and again when the pins change.
.venv/installed: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)) and "Foxhound needs Python 3.11 or 3.12: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.txt
	touch $@

# The browser that the page is tested in, where it can be had; tests that find none are skipped and say so.
.venv/browser: | .venv/installed
	@found() { command -v chromium && command -v chromedriver; } >/dev/null; \
	if ! found && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium chromium-driver; \
	fi; \
	if found; then touch $@; else echo "No chromium and chromedriver: the tests of the page in a browser are skipped."; fi

# Slurm, where it can be had; tests that find none are skipped and say so.
.venv/slurm: | .venv/installed
	@found() { command -v munged && command -v slurmctld && command -v slurmd && command -v sbatch; } >/dev/null; \
	if ! found && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends slurm-wlm munge; \
	fi; \
	if found; then touch $@; else echo "No slurm-wlm and munge: the tests on a cluster are skipped."; fi

# Foxhound beside what users would otherwise run; needs the Fox News corpus in resources/.
benchmark: .venv/peers/installed
	.venv/peers/bin/python benchmarks/side_by_side.py

# Time and memory at 1, 10 and 100 times the corpus.
growth: .venv/installed
	$(BIN)/python benchmarks/growth.py

.venv/peers/installed: requirements.txt benchmarks/requirements.txt | .venv/installed
	$(PYTHON) -m venv .venv/peers
	.venv/peers/bin/pip install --quiet --disable-pip-version-check --requirement benchmarks/requirements.txt
	touch $@

# The README's table and picture, from a finished experiment.
headline: .venv/installed
	$(BIN)/python scripts/headline.py results

# Forgets the environment; results stay.
clean:
	rm -rf .venv
