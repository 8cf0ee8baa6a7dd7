"""Check the configuration, read the corpus, and plan the experiment: what every rule file stands on."""

import gc
import sys
from functools import cache
from pathlib import Path

gc.disable()  # a plan is millions of objects that all stay; `resume_gc`, before jobs start

from snakemake.exceptions import WorkflowError

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))

from foxhound.corpus.columns import COLUMNS
from foxhound.corpus.labels import counts_as_hateful
from foxhound.corpus.state import definitions, read_state, what_to_fetch
from foxhound.errors import FoxhoundError
from foxhound.experiment import model_descriptions, selections
from foxhound.experiment.adaptation import adapt_to_corpus, warnings
from foxhound.experiment.configuration import canonical, check_config, check_files
from foxhound.experiment.costs import estimate, known_costs, load_costs
from foxhound.experiment.keepable import final_choices, keepable
from foxhound.experiment.kept_costs import cost_places
from foxhound.experiment.plan import Plan
from foxhound.experiment.protocols import describe_protocols
from foxhound.experiment.workload import Workload
from foxhound.features.encoder_digests import with_digests
from foxhound.files import (
    check_room,
    remove_halves,
    system_errors_in_words,
    temporary_folder,
)
from foxhound.inference.shards import find_shards
from foxhound.version import own_version
from foxhound.workflow import snakemake_internals
from foxhound.workflow.code_digests import AT_START, code_digests, remember_code
from foxhound.workflow.file_digests import content_digest
from foxhound.workflow.job_costs import spent_seconds
from foxhound.workflow.machine import cores_here, machine_speed
from foxhound.workflow.progress import in_words
from foxhound.workflow.records import Records
from foxhound.workflow.slurm_resume import become_member, take_over

become_member()

# Overlays from the command line come first in Snakemake's list, and override what follows.
CONFIG_FILES = sorted(workflow.configfiles, key=lambda file: file != "config.yaml")


def explained(function, *arguments, **keywords):
    """Call the function; a mistake of the user's, or the system's, ends the run with its message and no traceback."""
    try:
        with system_errors_in_words():
            return function(*arguments, **keywords)
    except FoxhoundError as error:
        raise WorkflowError(str(error)) from None


explained(remember_code, SCRIPTS)


envvars:
    AT_START,  # to jobs on machines that do not inherit what the run's own process knows: pods


explained(check_files, workflow.configfiles)
explained(
    check_config, config, Path(workflow.basedir) / "schemas/config.yaml", CONFIG_FILES
)
config.update(canonical(config))
RESULTS = config["pathvars"]["results"]
REPORT = config["pathvars"]["report"].replace("<results>", RESULTS)
IS_PUBLISHED = config["corpus"]["path"] == config["claims"]["about"]
VERSION = own_version()
PRIVATE = f"resources/private/{RESULTS}"  # what holds user names, or leads to them, stays outside the results
WRITTEN_TO = [".snakemake", temporary_folder(), RESULTS]
CORPUS_SPEC = definitions(config)
IS_MAIN_PROCESS = (
    workflow.is_main_process
)  # not a node, where the raw corpus may not be
KNOWN_STATE = []


def corpus_state():
    """Return the corpus as it is; None as long as its raw file has to be fetched."""
    if not KNOWN_STATE:
        state = explained(
            read_state, PRIVATE, **CORPUS_SPEC, must_exist=IS_MAIN_PROCESS
        )
        KNOWN_STATE.extend([state] if state else [])
    return KNOWN_STATE[0] if KNOWN_STATE else None


STATE = corpus_state()
ADAPTED, CHANGES = explained(adapt_to_corpus, config, STATE and STATE.comments)
config.update(ADAPTED)
PLAN = Plan(config)
MODELS = PLAN.models
LOST = selections.fallen_away(PLAN)
for warning in [
    *warnings(STATE, CHANGES if IS_MAIN_PROCESS else [], PRIVATE),
    *(LOST if IS_MAIN_PROCESS else []),
]:
    logger.warning(warning)
