# `make demo` and `make test` set up everything they need; `make report` runs the experiment of config.yaml.
PYTHON ?= python3
CORES ?= $(shell nproc)
BIN := .venv/bin

.PHONY: demo test cluster-test report why new-corpus times headline benchmark growth large plan-benchmark costs gpu-check
.PHONY: kubernetes-check fuzz audit sbom config-docs rule-graph clean

demo: .venv/installed
	$(BIN)/snakemake --cores $(CORES) --configfile experiments/demo.yaml
	@echo; echo "The report: results/demo/report.html (the same as Markdown: results/demo/report.md)"

report: .venv/installed
	$(BIN)/snakemake --cores $(CORES)
	@echo; echo "The report: results/report.html (the same as Markdown: results/report.md)"

# What `make report` would do, and because of what, in one line per rule.
why: .venv/installed
	@$(BIN)/python scripts/why.py $(if $(CONFIG),--configfile $(CONFIG))

# An overlay for your own comments: make new-corpus FILE=my.csv. Make hands FILE over in the environment, and so no name
# of a file is ever read as a command.
new-corpus: .venv/installed
	@$(BIN)/python scripts/new_corpus.py "$$FILE"

# Wall time of a finished experiment, stage by stage.
times: .venv/installed
	$(BIN)/python scripts/stage_times.py results

test: .venv/installed .venv/browser .venv/slurm
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check .
	$(BIN)/snakemake --lint
	OMP_NUM_THREADS=1 PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest --numprocesses $(CORES) --dist worksteal -m "not cluster"

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

# 100,000 comments to the page, stage by stage; needs the Fox News corpus too.
large: .venv/installed
	$(BIN)/python benchmarks/large.py

# A plan of 100 seeds and 10,000 files to score: a minute and 2 GB at the most.
plan-benchmark: .venv/installed
	$(BIN)/python benchmarks/plan.py

# What a million comments cost at your prices: make costs CORE_HOUR=... GPU_HOUR=...
costs: .venv/installed
	$(BIN)/python benchmarks/costs.py $(if $(CORE_HOUR),--core-hour $(CORE_HOUR)) $(if $(GPU_HOUR),--gpu-hour $(GPU_HOUR))

.venv/peers/installed: requirements.txt benchmarks/requirements.txt | .venv/installed
	$(PYTHON) -m venv .venv/peers
	.venv/peers/bin/pip install --quiet --disable-pip-version-check --requirement benchmarks/requirements.txt
	touch $@

# The README's table and picture, from a finished experiment.
headline: .venv/installed
	$(BIN)/python scripts/headline.py results

# Whether a card can be used here, and what is wrong if not.
gpu-check: .venv/installed
	@$(BIN)/python scripts/gpu_check.py

# The Kubernetes profile without a cluster: its pods are checked, and run here.
kubernetes-check: .venv/kubernetes/installed
	.venv/kubernetes/bin/python profiles/kubernetes/check.py

.venv/kubernetes/installed: requirements.txt profiles/kubernetes/check-requirements.txt profiles/kubernetes/requirements.txt
	$(PYTHON) -m venv .venv/kubernetes
	.venv/kubernetes/bin/pip install --quiet --disable-pip-version-check --requirement profiles/kubernetes/check-requirements.txt
	touch $@

# Damaged and made-up files put to every reader, some minutes long.
fuzz: .venv/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest --hypothesis-profile fuzz tests/unit/corpus tests/unit/experiment/test_adaptation.py

# Known weaknesses of what is installed, and a list of it (CycloneDX): results/sbom.json.
audit: .venv/audit/installed
	.venv/audit/bin/pip-audit --strict --requirement requirements.txt --no-deps --disable-pip
sbom: .venv/audit/installed
	@mkdir -p results
	.venv/audit/bin/cyclonedx-py environment $(BIN)/python --output-reproducible --output-file results/sbom.json

.venv/audit/installed: envs/audit.txt | .venv/installed
	$(PYTHON) -m venv .venv/audit
	.venv/audit/bin/pip install --quiet --disable-pip-version-check --requirement envs/audit.txt
	touch $@

# docs/config.md, from the schema.
config-docs: .venv/installed
	$(BIN)/python scripts/config_docs.py

# docs/rules.svg: which rule follows which. Needs Graphviz (apt-get install graphviz).
rule-graph: .venv/installed
	$(BIN)/snakemake --configfile experiments/demo.yaml --rulegraph dot -- results/demo/report.html results/demo/model | dot -Tsvg > docs/rules.svg

# Forgets the environment; results stay.
clean:
	rm -rf .venv
