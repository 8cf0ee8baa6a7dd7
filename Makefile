# Every target sets up what it needs. `make` alone prints what there is; the comment behind a target is its line there.
PYTHON ?= python3
# nproc would go by OMP_NUM_THREADS, which says how many threads a process has; macOS has none.
CORES ?= $(shell env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
BIN := .venv/bin
PIP := pip install --quiet --disable-pip-version-check
# Of the Python that .venv is made with.
LOCK = envs/locks/python$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])').txt
MKDOCS := NO_MKDOCS_2_WARNING=1 .venv/docs/bin/mkdocs build --strict

.DEFAULT_GOAL := help
.PHONY: help demo report why size new-corpus times gpu-check test cluster-test kubernetes-check compat container-check hash-seeds
.PHONY: soak fuzz audit sbom locks
.PHONY: benchmark trials growth flat-memory coverage large plan-benchmark costs unit-costs estimate-check headline screenshot config-docs rule-graph docs clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo; echo "After one of them, '. .venv/bin/activate' gives you foxhound and snakemake: foxhound --help"

demo: .venv/installed ## run the whole pipeline on the demo corpus, offline, in minutes: results/demo/report.html and model
	$(BIN)/foxhound demo --cores $(CORES)

report: .venv/installed ## run the experiment of config.yaml: results/report.html
	$(BIN)/foxhound report --cores $(CORES)

why: .venv/installed ## say what `make report` would run, and because of what (CONFIG=overlay.yaml)
	@$(BIN)/foxhound why $(if $(CONFIG),--configfile $(CONFIG))

# Make hands FILE over in the environment, and so no name of a file is ever read as a command.
new-corpus: .venv/installed ## write the configuration for your own comments (FILE=my.csv)
	@$(BIN)/foxhound new-corpus -- "$$FILE"

times: .venv/installed ## add up what a finished experiment took
	@$(BIN)/foxhound times

gpu-check: .venv/installed ## say whether a GPU can be used here, and what is wrong if not
	@$(BIN)/foxhound gpu-check

test: ## run every check: lint, format, types, documentation, unit and workflow tests
	@$(MAKE) --no-print-directory --jobs 3 .venv/checks .venv/docs/installed .venv/browser .venv/slurm
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check .
	$(BIN)/snakemake --lint
	$(MKDOCS) --quiet --site-dir "$(CURDIR)/.venv/docs/site"
	OMP_NUM_THREADS=1 PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest --numprocesses $(CORES) --dist loadfile --no-loadscope-reorder -m "not cluster"

cluster-test: .venv/checks .venv/slurm ## run the workflow on a real Slurm that is started on this machine
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest -rs tests/cluster

kubernetes-check: .venv/kubernetes/installed ## check the pods of the Kubernetes profile, and run them here
	.venv/kubernetes/bin/python profiles/kubernetes/check.py

compat: ## install and run the demo in a Debian 13 (Python 3.13) made for it, with FULL=1 all checks; needs root, half an hour and 12 GB
	@TORCH="$(TORCH)" LOCKED="$(LOCKED)" FULL="$(FULL)" tests/compat/debian13.sh

container-check: ## build the container with buildah, without a registry; needs root, half an hour and 30 GB
	@tests/compat/container.sh

hash-seeds: .venv/checks ## plan every shipped experiment under 20 orders of Python's sets: nothing may differ
	FOXHOUND_HASH_SEEDS=20 PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest tests/workflow/test_dry_run.py -k order_of_sets

soak: .venv/checks ## make 50 random edits of a small experiment, and check what runs and what it makes (an hour or two)
	FOXHOUND_SOAK=50 OMP_NUM_THREADS=1 PATH="$(CURDIR)/$(BIN):$$PATH" timeout 3h $(BIN)/pytest -x -s tests/soak

fuzz: .venv/checks ## put damaged and made-up files to every reader, for some minutes
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest --hypothesis-profile fuzz tests/unit/corpus tests/unit/inference/test_shards.py tests/unit/experiment/test_adaptation.py

audit: .venv/audit/installed ## ask PyPI for known weaknesses of what is pinned and locked; needs a network
	.venv/audit/bin/pip-audit --strict --disable-pip --no-deps $(addprefix --requirement ,requirements.txt envs/export.txt envs/checks.txt)
	.venv/audit/bin/pip-audit --strict --disable-pip --requirement $(LOCK)

locks: .venv/locking/installed ## pin with hashes all that is installed, for each Python: envs/locks/
	.venv/locking/bin/python envs/write_locks.py

sbom: .venv/audit/installed ## list what is installed (CycloneDX): results/sbom.json
	@mkdir -p results
	.venv/audit/bin/cyclonedx-py environment $(BIN)/python --output-reproducible --output-file results/sbom.json

benchmark: .venv/peers/installed ## time Foxhound beside what you would otherwise run; needs the Fox News corpus
	.venv/peers/bin/python benchmarks/side_by_side.py

trials: .venv/peers/installed ## try other labels and other corpora on Fox News (FORUM= and TWEETS=: docs/search.md; two hours)
	.venv/peers/bin/python benchmarks/training_labels.py --unlabelled "$(FORUM)" "$(TWEETS)"
	.venv/peers/bin/python benchmarks/training_labels.py --unlabelled "$(FORUM)" "$(TWEETS)" --teacher-only --articles 12 13
	.venv/peers/bin/python benchmarks/transfer.py --forum "$(FORUM)" --tweets "$(TWEETS)"

growth: .venv/installed ## measure time and memory at 1, 10 and 100 times the corpus
	$(BIN)/python benchmarks/growth.py

flat-memory: .venv/installed ## score ten million short texts: memory may not grow (MODEL=results/demo/model; ten minutes)
	$(BIN)/python benchmarks/flat_memory.py --model $(or $(MODEL),results/demo/model)

coverage: .venv/installed ## measure on simulated corpora how often each kind of interval holds the truth
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/interval_coverage.py

large: .venv/installed ## take 100,000 comments to the page, stage by stage; needs the Fox News corpus
	$(BIN)/python benchmarks/large.py

plan-benchmark: .venv/installed ## plan some 38,500 jobs: a minute and 2 GB at the most
	$(BIN)/python benchmarks/plan.py

costs: .venv/installed ## say what a million comments cost at your prices (CORE_HOUR=0.05 GPU_HOUR=1.50)
	$(BIN)/python benchmarks/costs.py $(if $(CORE_HOUR),--core-hour $(CORE_HOUR)) $(if $(GPU_HOUR),--gpu-hour $(GPU_HOUR))

unit-costs: .venv/installed ## measure what each kind of job costs: resources/costs.yaml (ten minutes, nothing else running)
	$(BIN)/python benchmarks/unit_costs.py --cores $(CORES)

estimate-check: .venv/installed ## set what finished runs were estimated at beside what they cost (CONFIG="config.yaml ...")
	@$(BIN)/python benchmarks/unit_costs.py --cores $(CORES) --check $(or $(CONFIG),config.yaml)

size: .venv/installed ## write experiments/sized.yaml: as much of the experiment as fits (MINUTES=30)
	@$(BIN)/foxhound size --minutes $(or $(MINUTES),30) --cores $(CORES)

headline: .venv/installed ## write the README's table and figure from a finished experiment
	$(BIN)/foxhound headline

screenshot: .venv/browser ## picture the first screen of a finished report: docs/report.png
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1280,1000 \
		--screenshot=docs/report.png "file://$(CURDIR)/results/report.html"

config-docs: .venv/installed ## write docs/config.md from the schema
	$(BIN)/foxhound config-docs

rule-graph: .venv/installed ## draw which rule follows which: docs/rules.svg; needs Graphviz
	$(BIN)/snakemake --configfile experiments/demo.yaml --rulegraph dot -- results/demo/report.html results/demo/model | dot -Tsvg > docs/rules.svg

docs: .venv/docs/installed ## build the documentation as a site: site/index.html
	$(MKDOCS)

clean: ## remove the environment; results stay
	rm -rf .venv

# Made once, and again when the pins change. Foxhound itself is installed editable: `foxhound` is this checkout's code.
# TORCH= chooses PyTorch's build (envs/pytorch.sh). LOCKED=1 takes all else from envs/locks/, and checks hashes.
# What pip would compile on one core is compiled on all; some packages hold files for other Pythons, which fail.
.venv/installed: requirements.txt envs/export.txt pyproject.toml
	@$(PYTHON) envs/supported_python.py
	@echo "Setting up .venv, once: pip downloads what requirements.txt pins and installs about 2.1 GB (6 GB with PyTorch's CUDA"
	@echo "build). Some minutes, most of them for PyTorch; $$(df -Ph . | awk 'NR == 2 {print $$4}') are free here."
	$(PYTHON) -m venv .venv
	@TORCH="$(TORCH)" envs/pytorch.sh $(BIN)/pip
	$(BIN)/$(PIP) --no-compile $(if $(LOCKED),--require-hashes --no-deps --requirement $(LOCK),--requirement requirements.txt)
	$(BIN)/$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -qq --workers 0 .venv/lib || true
	touch $@

# What checks, on top of what runs.
.venv/checks: envs/checks.txt .venv/installed
	$(BIN)/$(PIP) --requirement requirements.txt --requirement envs/checks.txt
	touch $@

# The browser that the page is tested in, where it can be had; tests that find none are skipped and say so.
.venv/browser:
	@found() { command -v chromium && command -v chromedriver; } >/dev/null; \
	if ! found && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && echo "For the tests of the page:" && \
		apt-get install -y --no-install-recommends chromium chromium-driver | grep "Need to get"; \
	fi; \
	if found; then mkdir -p .venv && touch $@; else echo "No chromium and chromedriver: the tests of the page in a browser are skipped."; fi

# Slurm, where it can be had; tests that find none are skipped and say so.
.venv/slurm: | .venv/browser # both use apt, which works for one at a time
	@found() { command -v munged && command -v slurmctld && command -v slurmd && command -v sbatch; } >/dev/null; \
	if ! found && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && echo "For the tests on a cluster:" && \
		apt-get install -y --no-install-recommends slurm-wlm munge | grep "Need to get"; \
	fi; \
	if found; then touch $@; else echo "No slurm-wlm and munge: the tests on a cluster are skipped."; fi

.venv/peers/installed: requirements.txt envs/export.txt benchmarks/requirements.txt | .venv/installed
	@echo "Setting up .venv/peers, once: the libraries that Foxhound is timed beside, with a PyTorch of their own: about as much again."
	$(PYTHON) -m venv .venv/peers
	.venv/peers/bin/$(PIP) --requirement benchmarks/requirements.txt
	touch $@

.venv/kubernetes/installed: requirements.txt envs/export.txt profiles/kubernetes/check-requirements.txt profiles/kubernetes/requirements.txt
	$(PYTHON) -m venv .venv/kubernetes
	.venv/kubernetes/bin/$(PIP) --requirement profiles/kubernetes/check-requirements.txt
	touch $@

.venv/audit/installed: envs/audit.txt | .venv/installed
	$(PYTHON) -m venv .venv/audit
	.venv/audit/bin/$(PIP) --requirement envs/audit.txt
	touch $@

.venv/locking/installed: envs/locking.txt
	$(PYTHON) -m venv .venv/locking
	.venv/locking/bin/$(PIP) --requirement envs/locking.txt
	touch $@

.venv/docs/installed: envs/docs.txt
	$(PYTHON) -m venv .venv/docs
	.venv/docs/bin/$(PIP) --requirement envs/docs.txt
	touch $@
