"""Check encoders of every BERT-like kind, as small random checkpoints: frozen, fine-tuned and as the final model."""

from pathlib import Path

import numpy as np
import pytest
import torch
from foxhound.compute.device import matrix_dtype
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import FROM_IDS, load_encoder, load_tokenizer, most_tokens, place
from foxhound.features.encoding import encode
from foxhound.inference.calibration import Calibration, save_calibrated_model
from foxhound.inference.final_model import save_trained_model
from foxhound.inference.onnx_export import check_onnx, export_onnx
from foxhound.inference.pytorch_model import load_classifier, score_texts
from foxhound.inference.saved_model import load_saved
from foxhound.models.architectures import ARCHITECTURES
from foxhound.models.finetuning import FinetuneSettings, finetune, hateful_logits
from foxhound.models.training import Trained
from foxhound.models.vocabulary import shrink_vocabulary
from scipy.special import expit
from tiny_models import WORDS, save_tokenizer
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, pipeline

CPU = torch.device("cpu")
AUTO = "AutoModelForSequenceClassification"
SIZES = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32, "num_hidden_layers": 2}
KINDS = {
    "bert": SIZES,
    "distilbert": {"dim": 16, "n_heads": 2, "hidden_dim": 32, "n_layers": 2},
    "roberta": SIZES | {"pad_token_id": 1, "type_vocab_size": 1},
    "xlm-roberta": SIZES | {"pad_token_id": 1, "type_vocab_size": 1},
    "mpnet": SIZES | {"pad_token_id": 1},
    "deberta": SIZES | {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]},
    "deberta-v2": SIZES | {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "position_buckets": 8},
    "modernbert": SIZES | {"pad_token_id": 3, "cls_token_id": 2, "sep_token_id": 3, "local_attention": 8},
    "electra": SIZES | {"embedding_size": 16},
}
POSITIONS = 24
CALIBRATION = Calibration(slope=0.5, intercept=0.25, threshold=0.4)
TEXTS = ["all vermin out", "our neighbours came back to town today with them", "vermin " * 40]


@pytest.fixture(scope="module", params=KINDS)
def saved(request, tmp_path_factory) -> tuple[str, str]:
    """Save a checkpoint with random weights; its kind and folder."""
    kind, folder = request.param, tmp_path_factory.mktemp(request.param)
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        kind, vocab_size=len(WORDS), max_position_embeddings=POSITIONS, initializer_range=0.3,
        **{"pad_token_id": 0} | KINDS[kind],
    )  # fmt: skip
    AutoModel.from_config(config).save_pretrained(folder)
    save_tokenizer(folder)
    if KINDS[kind].get("pad_token_id") == 1:  # words and padding change places
        text = (folder / "tokenizer.json").read_text()
        text = (
            text.replace('"[PAD]": 0', '"[PAD]": 9')
            .replace('"[UNK]": 1', '"[UNK]": 0')
            .replace('"[PAD]": 9', '"[PAD]": 1')
        )
        (folder / "tokenizer.json").write_text(text)
    assert [path.name for path in folder.glob("*.safetensors")] == ["model.safetensors"]
    assert not list(folder.glob("*.bin"))
    return kind, str(folder)


def reference(folder: str, ids: list[int], layer: int = -1) -> np.ndarray:
    """Return the hidden states of one text alone, as transformers gives them."""
    model = AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        states = model(torch.tensor([ids]), attention_mask=torch.ones(1, len(ids)), output_hidden_states=True)
    return states.hidden_states[layer][0].numpy()


@pytest.mark.parametrize("precision", ["bfloat16"], indirect=True)
def test_a_model_that_bfloat16_stops_is_computed_in_float32_and_the_log_says_so(saved, precision, caplog):
    kind, folder = saved
    model = place(load_encoder(folder), CPU)
    stopped = kind == "deberta"
    assert (
        matrix_dtype(CPU, model)
        == matrix_dtype(CPU, model.base_model)
        == (torch.float32 if stopped else torch.bfloat16)
    )
    message = "This deberta model does not run in bfloat16: float32 is used, which is slower."
    assert [record.getMessage() for record in caplog.records] == [message] * stopped


def test_trying_bfloat16_draws_nothing_and_leaves_the_model_as_it_was(saved, precision):
    _, folder = saved
    model = load_encoder(folder).train()
    next(module for module in model.modules() if isinstance(module, torch.nn.Linear)).eval()
    modes = [module.training for module in model.modules()]
    values = {name: value.clone() for name, value in [*model.named_parameters(), *model.named_buffers()]}
    drawn = torch.get_rng_state()
    place(model, CPU)
    assert torch.equal(torch.get_rng_state(), drawn)
    assert [module.training for module in model.modules()] == modes
    after = dict([*model.named_parameters(), *model.named_buffers()])
    assert after.keys() == values.keys()
    assert all(torch.equal(value, values[name]) for name, value in after.items())
    assert not any(value.is_inference() for value in after.values())  # which could not be trained


def save_kind(kind: str, folder: Path, **changes: object) -> str:
    """Save a checkpoint of a kind that is no BERT; its folder."""
    config = AutoConfig.for_model(kind, vocab_size=len(WORDS), max_position_embeddings=POSITIONS, **changes)
    AutoModel.from_config(config).save_pretrained(folder)
    save_tokenizer(folder)
    return str(folder)


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("bros", SIZES, "ValueError: You have to specify bbox"),
        ("esm", SIZES | {"pad_token_id": 0, "token_dropout": True}, "AttributeError: 'bool' object has no"),
        ("t5", {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2}, "it has a decoder"),
    ],
)
def test_a_model_that_needs_more_than_text_is_refused(kind, changes, reason, precision, tmp_path):
    folder = save_kind(kind, tmp_path, **changes)
    with pytest.raises(FoxhoundError) as refused:
        place(load_encoder(folder), CPU, frozen=True)
    message = str(refused.value)
    assert message.startswith(f"Encoder '{folder}': a {kind} model, which cannot be used here ({reason}")
    assert "Choose one of a kind that needs no more (BERT" in message


def test_memory_that_runs_out_is_no_fault_of_the_model(tmp_path, monkeypatch):
    model = load_encoder(save_kind("bert", tmp_path, **SIZES))

    def run_out(**inputs):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(model, "forward", run_out)
    with pytest.raises(RuntimeError, match="can't allocate"):
        place(model, CPU)


def test_vectors_equal_those_of_each_text_alone(saved, precision):
    _, folder = saved
    tokenizer = load_tokenizer(folder, 512)
    model = place(load_encoder(folder), CPU, frozen=True)
    vectors = dict(encode(model, tokenizer, TEXTS, None, -1, CPU))
    for number, text in enumerate(TEXTS):
        ids = tokenizer.encode(text).ids
        assert vectors[number].shape == (len(ids), 16)
        np.testing.assert_allclose(
            vectors[number], reference(folder, ids), atol=0.02 if precision == "float32" else 0.1
        )


def test_a_comment_longer_than_the_positions_is_cut_to_them(saved):
    kind, folder = saved
    config = AutoConfig.from_pretrained(folder)
    assert most_tokens(config) == POSITIONS - (2 if kind in FROM_IDS else 0)
    assert len(load_tokenizer(folder, 512).encode(TEXTS[2]).ids) == most_tokens(config)


def test_fine_tuning_without_unused_words_gives_the_librarys_own_logits(saved):
    kind, folder = saved
    model = ARCHITECTURES[AUTO](folder).eval()
    place(model, CPU)
    tokenizer = load_tokenizer(folder, 512)
    ids = [tokenizer.encode(text).ids for text in TEXTS[:2]]
    whole = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=2).eval()
    whole.load_state_dict(model.state_dict())
    with torch.inference_mode():
        expected = [float(hateful_logits(whole, torch.tensor([row]), torch.ones(1, len(row)))[0]) for row in ids]
        padding = 1 if kind in FROM_IDS else 0
        short = shrink_vocabulary(model, ids)
        longest = max(map(len, short))
        batch = torch.tensor([row + [padding] * (longest - len(row)) for row in short])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in short])
        logits = hateful_logits(model, batch, mask)
    np.testing.assert_allclose(logits.numpy(), expected, atol=1e-4)


def tuned(folder: str, epochs: int) -> Trained:
    """Fine-tune on 16 comments whose words tell their class, and predict 8 more."""
    labels = np.arange(24, dtype=np.int8) % 2
    texts = [
        ("vermin out with them" if label else "our neighbours came back") + " today" * (row % 4)
        for row, label in enumerate(labels)
    ]
    settings = FinetuneSettings(AUTO, batch_size=8, dropout=False)
    return finetune(
        folder, load_tokenizer(folder, 24), texts, labels, np.arange(16), np.arange(16, 24), epochs, 5e-3, settings, 1,
        CPU,
    )  # fmt: skip


def test_fine_tuning_learns_and_its_result_names_the_precision(saved, precision):
    kind, folder = saved
    trained = tuned(folder, 4)
    assert trained.device == f"cpu, {'float32' if kind == 'deberta' else precision}"
    assert trained.losses[-1] < trained.losses[0]
    assert np.isfinite(trained.predictions[4]).all()


def test_the_final_model_of_any_kind_scores_as_it_answers(saved, precision, tmp_path):
    _, folder = saved
    save_trained_model(tuned(folder, 1).model, folder, tmp_path / "trained", 24)
    model = save_calibrated_model(str(tmp_path / "trained"), str(tmp_path), CALIBRATION, {})
    scored = score_texts(model, str(tmp_path), TEXTS)
    np.testing.assert_array_equal(scored, score_texts(load_classifier(str(tmp_path)), str(tmp_path), TEXTS))
    answers = load_saved(tmp_path).probabilities(TEXTS)
    assert np.ptp(answers) > 0.005
    np.testing.assert_allclose(scored, answers, atol=1e-5 if precision == "float32" else 0.02)


@pytest.mark.parametrize("precision", ["bfloat16"], indirect=True)  # whatever is fast, an export is in float32
def test_a_model_of_any_kind_is_calibrated_saved_and_exported(saved, precision, tmp_path):
    _, folder = saved
    tokenizer = load_tokenizer(folder, 512)
    torch.manual_seed(1)
    model = place(ARCHITECTURES[AUTO](folder).eval(), CPU)
    before = []
    with torch.inference_mode():
        for text in TEXTS:
            ids = torch.tensor([tokenizer.encode(text).ids])
            before.append(float(hateful_logits(model, ids, torch.ones_like(ids))[0]))
    save_trained_model(model, folder, tmp_path / "trained", 512)
    model = place(save_calibrated_model(str(tmp_path / "trained"), str(tmp_path), CALIBRATION, {}), CPU)
    odds = load_saved(tmp_path).log_odds(TEXTS)
    assert np.ptp(odds) > 1e-3
    np.testing.assert_allclose(odds, 0.5 * np.array(before) + 0.25, atol=1e-4)
    export_onnx(model, tmp_path, model.config.max_tokens)
    assert check_onnx(tmp_path, TEXTS) < 1e-3
    answers = pipeline("text-classification", str(tmp_path), truncation=True, top_k=None)(TEXTS)
    scores = [next(label["score"] for label in answer if label["label"] == "hateful") for answer in answers]
    np.testing.assert_allclose(scores, expit(odds.astype(float)), atol=1e-4)


def test_a_tokenizer_of_another_model_is_refused(saved):
    _, folder = saved
    tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    tokenizer.add_tokens([f"more{number}" for number in range(300)])
    other = Path(folder).parent / (Path(folder).name + "-other")
    AutoConfig.from_pretrained(folder).save_pretrained(other)
    tokenizer.save(str(other / "tokenizer.json"))
    with pytest.raises(FoxhoundError, match=r"numbers words up to 315, and the model knows 16.*two different models"):
        load_tokenizer(str(other), 24)
