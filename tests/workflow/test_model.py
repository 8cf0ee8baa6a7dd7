"""The model that is kept, as a user asks for it and loads it."""

import json

from .conftest import TINY, Checkout

FOLDER = "results/tiny/model"


def test_the_model_is_kept_and_loads_without_our_code(rerun: Checkout) -> None:
    assert rerun.done(*TINY, "--", FOLDER) == {"model": 1}
    assert (
        "a fresh process gives the same 562 probabilities" in (rerun.folder / "results/tiny/logs/model.log").read_text()
    )
    folder = rerun.folder / FOLDER
    assert json.loads((folder / "config.json").read_text())["id2label"] == {"0": "not hateful", "1": "hateful"}
    card = (folder / "README.md").read_text()
    for part in ("finetune-distilbert, trained on demo", "balanced-random-48", "AUROC"):
        assert part in card
    loads = (
        "from transformers import pipeline\n"
        f"print(pipeline('text-classification', '{FOLDER}', truncation=True)('They came back ' * 300))"
    )
    said = rerun.call("python", "-c", loads)
    assert said.returncode == 0 and "'score'" in said.stdout, said.stdout
    assert "Nothing to be done" in rerun.run("-n", *TINY, "--", FOLDER).stdout


def test_a_model_that_the_experiment_does_not_score_is_refused(rerun: Checkout) -> None:
    (rerun.folder / "overlay.yaml").write_text("final: {epoch: 7}")
    refused = rerun.run("-n", *TINY, "overlay.yaml", "--", FOLDER)
    assert refused.returncode != 0
    assert "epoch 7) does not run under balanced-random-48" in refused.stdout
