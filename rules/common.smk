"""Define the input and params functions of all rules."""


def one_of(names):
    """Return a regular expression for exactly these names."""
    return "|".join(sorted(map(re.escape, names))) or "none"


wildcard_constraints:
    column="|".join(COLUMNS),
    digest="[0-9a-f]{16}",
    cleaning="classic|classic-negations|minimal",
    context="none|title",
    encoder=one_of(config["encoders"]),
    protocol=one_of(config["protocols"]),
    partition=r"fold-\d\d|draw-\d+",
    piece=r"(folds|draw)-\d+",
    model=one_of([*config["lstm"]["models"], *config["finetune"]["models"]]),
    baseline=one_of(config["baselines"]["models"]),
    ensemble=one_of([*config["ensembles"], *config["stacks"]]),
    learning_rate=r"[\d.]+e-\d+",
    seed=r"\d+",
    shard=r"[\w.~%-]+",
    vectors=r"[\w.-]+",


def code_of(script):
    """Digest a script and every module it imports: what a rule's result depends on beside its input."""
    return explained(code_digests, SCRIPTS / f"{script}.py")


def find_columns(*names):
    """Map columns to their files, named after their content: only what changed has another name.

    Where the raw corpus has to be fetched, Snakemake plans what follows once it is there.
    """
    state = corpus_state()
    if state is None:
        checkpoints.source.get()
    return {
        name: f"<results>/corpus/{name}/{state.columns[name]}.parquet" for name in names
    }


def columns(*names):
    """Return the input function of a rule that reads these columns of the comments."""
    return lambda wildcards: find_columns(*names)


def get_encoded_columns(wildcards):
    """Return the columns that an encoder reads."""
    return find_columns("text", *(["title"] if wildcards.context == "title" else []))


def get_corpus_inputs(wildcards):
    """Return the raw corpus, where it was fetched from if it was, and the corrections if there are any."""
    state = corpus_state()
    if state is None or not Path(CORPUS_SPEC["definition"]["path"]).is_file():
        inputs = {"raw": f"{PRIVATE}/raw", "origin": f"{PRIVATE}/origin.json"}
    else:
        inputs = {"raw": local(state.raw)}
    corrections = state and state.corrections
    return inputs | ({"corrections": local(corrections)} if corrections else {})


def get_corpus_facts(wildcards):
    """Return what the report says of the corpus, less what depends on columns that nothing reads."""
    state = corpus_state()
    if state is None:
        return {}
    facts = {name: value for name, value in state.facts.items() if name != "users"}
    return facts | {"fitted": CHANGES}


def get_report_facts(wildcards):
    """Return the facts of the corpus, what its comments are on, and which labels count as hateful."""
    facts = get_corpus_facts(wildcards)
    group = (
        "article"
        if IS_PUBLISHED or facts.get("corpus") == "demo-comments"
        else "thread"
    )
    return facts | {
        "group": group,
        "counts_as_hateful": counts_as_hateful(config["corpus"]),
    }


def get_browser_facts(wildcards):
    """Return what the error browser says of the comments."""
    facts = get_report_facts(wildcards)
    return {
        "group": facts["group"],
        "invented": facts.get("corpus") == "demo-comments",
    }


def get_published():
    """Return the claims of the published experiment and its figures, where the corpus is the one it is about."""
    if not IS_PUBLISHED:
        return {}
    return {
        "claims": "<report>/claims.parquet",
        "published": edited("resources/published-results.json"),
    }


def get_asked():
    """Return what decides the recommendation, and where costs of models are logged."""
    return {
        "keepable": explained(keepable, PLAN),
        "prefer": config["recommendation"]["prefer"],
        "places": cost_places(PLAN),
        "version": VERSION,
    }


def get_protocol_facts(wildcards):
    """Return what each protocol is, with as many training comments as the corpus has room for."""
    state = corpus_state()
    used = {name: config["protocols"][name] for name in PLAN.protocols}
    return describe_protocols(used, state and state.comments)


@cache
def get_encoder(name):
    """Return an encoder's definition, with digests of its files where it is a local folder."""
    return explained(with_digests, config["encoders"][name])


def get_pretrained(wildcards):
    """Return the file of pretrained word vectors: the one that is there, else where it is downloaded to."""
    path = explained(selections.pretrained_file, config, must_exist=IS_MAIN_PROCESS)
    name = Path(config["word2vec"]["pretrained"]).name
    return edited(path) if path else f"<results>/word2vec/download/{name}"


def edited(path):
    """Return an input that users edit: it counts by its content (param `content`), whatever its time."""
    return ancient(local(path))


def digests(*paths):
    """Digest the content of inputs that users edit."""
    return {path: explained(content_digest, path) for path in filter(None, paths)}


def get_lstm_inputs(wildcards):
    """Return token vectors of the encoder, or cleaned words with the partition's word vectors."""
    model = config["lstm"]["models"][wildcards.model]
    if model["embedding"] == "bert":
        return {
            "embeddings": f"<results>/embeddings/{config['encoder']}/{model['context']}.parquet"
        }
    return {
        "tokens": f"<results>/cleaning/{model['cleaning']}.parquet",
        "words": MODELS.word_vectors(**wildcards),
    }


def get_baseline_inputs(wildcards):
    """Return the piece's partitions, and token vectors for the baselines that pool them."""
    inputs = {
        "partitions": [
            f"<results>/partitions/{wildcards.protocol}/{name}.parquet"
            for name in PLAN.piece_partitions(wildcards.protocol, wildcards.piece)
        ]
    }
    if wildcards.baseline.startswith("pooled"):
        inputs["embeddings"] = f"<results>/embeddings/{config['encoder']}/none.parquet"
    return inputs


@cache
def get_shards():
    """Return the files to score in bulk, by the name they have in paths of results."""
    return explained(find_shards, config["predict"]["input"])


@cache
def get_final_predictions():
    """Return predictions among which are those of the final model; refuse a final model that has none.

    What users ask for calls this itself. Where a file exists, Snakemake skips the rule that makes it if that rule's
    input function raises: the final model would not be looked at again.
    """
    return explained(selections.final_predictions, PLAN)


# The folder that answers, and what it holds. Snakemake compares files by their content, and folders by their time.
FINAL_MODEL = {
    "model": ancient("<report>/final/model"),
    "content": "<report>/final/model.json",
}


def get_planned_jobs():
    """Return the jobs that the report counts costs of, as their benchmark files are named, and no former ones."""
    paths = [*PLAN.predictions(), *PLAN.all_partitions(), *PLAN.word_vectors()]
    return sorted(
        path.removeprefix("<results>/").removesuffix(".parquet") for path in paths
    )


def get_figure(name):
    """Return a figure of the report, as `snakemake --report` shows it."""
    return report(
        f"<report>/figures/{name}.svg",
        caption=f"captions/{name}.rst",
        category="Figures",
        labels={"figure": name.replace("-", " ")},
    )


def estimate_run(dag):
    """Return the seconds of processor of each job to run, those that the run takes, and what to say of it."""
    jobs = snakemake_internals.jobs_to_run(dag)
    state = corpus_state()
    workload = Workload(PLAN, state and state.comments)
    spent = spent_seconds(Path(RESULTS) / "logs")
    costs = known_costs(load_costs(), workload, machine_speed(SCRIPTS), spent)
    cores = min(workflow.cores or 1, cores_here())
    return estimate(workload, costs, jobs, cores).told(
        in_words, workflow.local_exec, state is None
    )


def get_answer():
    """Return what the experiment has found, in a sentence, and where its report is; nothing if this run needs none."""
    rules_needed = {job.rule.name for job in workflow.dag.jobs}
    if "report" not in rules_needed:
        return ""
    answer = Path(REPORT) / "answer.txt"
    ending = "html" if "page" in rules_needed else "md"
    told = answer.read_text(encoding="utf-8") if answer.is_file() else ""
    return f"{told}The report: {REPORT}/report.{ending}"
