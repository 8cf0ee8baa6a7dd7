"""Fine-tune a transformer and predict the held-out comments after each epoch.

The recipe is that of Mosbach et al. 2021 (section 6): bias-corrected AdamW, 10 % linear warm-up, linear decay to
zero, gradient clipping at 1, dropout on. The loop is ours because Trainer cannot batch within length windows nor keep
every epoch's predictions from one run; models, optimiser and schedule are the libraries'.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers.optimization import get_constant_schedule_with_warmup, get_linear_schedule_with_warmup

from foxhound.compute.batches import length_batches, pad
from foxhound.compute.device import autocast, describe_device, send, set_seed
from foxhound.compute.out_of_memory import Halving
from foxhound.features.encoder import counted_from, place
from foxhound.models.architectures import ARCHITECTURES, _pretrained
from foxhound.models.pretraining import mask_token, pretrain
from foxhound.models.training import Trained, backward, comment_weights, contrastive_loss, train_epochs, weighted_loss

PREDICTION_BATCH = 32


def hateful_logits(model: nn.Module, ids: Tensor, mask: Tensor) -> Tensor:
    """Log-odds of hateful, (batch,). With two labels that is the difference of their logits (softmax = sigmoid)."""
    output = model(input_ids=ids, attention_mask=mask)
    logits = (output if isinstance(output, Tensor) else output.logits).float()
    return logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]


def _used(model: nn.Module, tokens: list[list[int]]) -> list[int]:
    """The words to keep; what pads keeps its number, and so does all before it."""
    first = range(counted_from(_pretrained(model).config) + 1)
    return sorted({*first, *(word for ids in tokens for word in ids)})


def give_back_words(model: nn.Module, tokens: list[list[int]], whole: Tensor) -> None:
    """Undo `keep_words`: what it left out stands where it was in `whole`, (words, dimensions), untrained."""
    words = _pretrained(model).get_input_embeddings()
    every = whole.clone()
    every[_used(model, tokens)] = words.weight.detach()
    words.weight = nn.Parameter(every)
    words.num_embeddings = len(every)


def keep_words(model: nn.Module, tokens: list[list[int]]) -> list[list[int]]:
    """Shrink the model's word embeddings to the words in `tokens`, and return `tokens` in the new numbering.

    What no comment uses gets no gradient; leaving it out changes no prediction, and saves filling, clipping and
    updating half of a small encoder's parameters at every step (benchmarks/README.md).
    """
    words = _pretrained(model).get_input_embeddings()
    used = _used(model, tokens)
    words.weight = nn.Parameter(words.weight.detach()[used])
    words.num_embeddings = len(used)
    number = {word: position for position, word in enumerate(used)}
    return [[number[word] for word in ids] for ids in tokens]


def start_anew(model: nn.Module, layers: int) -> None:
    """Initialise the encoder's last `layers` again, and BERT's pooler with them (Zhang et al. 2021, section 4)."""
    encoder = _pretrained(model).base_model
    stack = next(module for module in encoder.modules() if isinstance(module, nn.ModuleList))
    pooler = getattr(encoder, "pooler", None)
    for part in [*stack[len(stack) - layers :], *([pooler] if layers and pooler else [])]:
        for module in part.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=getattr(encoder.config, "initializer_range", 0.02))
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.LayerNorm):
                module.reset_parameters()


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Decay matrices only; biases and normalisation weights are vectors and stay as they are."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]


def finetune(
    location: str,
    tokenizer: Tokenizer,
    texts: Sequence[str | tuple[str, str]],
    labels: np.ndarray,
    train: np.ndarray,
    scored: np.ndarray,
    epochs: int,
    learning_rate: float,
    settings: dict[str, Any],
    seed: int,
    device: torch.device,
) -> Trained:
    """Fine-tune on the comments at `train`, predict those at `scored` after each of the `epochs`.

    Args:
        location: folder or hub id of the encoder to start from.
        texts, labels: of all comments; a text may be a pair of title and comment.
        train, scored: positions, disjoint.
        settings: architecture, class_weights, batch_size, warm_up (share of steps), schedule (linear or constant),
            weight_decay, dropout (whether it is on while training), restart (how many of the last layers start anew),
            contrastive (share of the supervised contrastive loss), pretraining (epochs of masked language modelling
            on the comments at `train` beforehand).
    """
    set_seed(seed)
    generator = np.random.default_rng(seed)
    model = ARCHITECTURES[settings["architecture"]](location)
    start_anew(model, settings["restart"])
    place(_pretrained(model), device)
    model.to(device).train(settings["dropout"])
    encodings = tokenizer.encode_batch(texts)
    written = [encoding.ids for encoding in encodings]
    if settings["pretraining"]:
        written.append([mask_token(tokenizer)])  # no text, but a word that is needed
    every_word = _pretrained(model).get_input_embeddings().weight.detach()
    tokens = keep_words(model, written)
    padding = counted_from(_pretrained(model).config)
    if settings["pretraining"]:
        chosen = np.unique(train)
        pretrain(
            _pretrained(model).base_model, [tokens[at] for at in chosen], [encodings[at] for at in chosen],
            tokens[-1][0], padding, settings["pretraining"], generator, device,
        )  # fmt: skip
    lengths = np.array([len(ids) for ids in tokens])
    steps = -(-len(train) // settings["batch_size"]) * epochs
    groups = parameter_groups(model, settings["weight_decay"])
    optimizer = torch.optim.AdamW(groups, lr=learning_rate, fused=True)
    warm_up = round(settings["warm_up"] * steps)
    if settings["schedule"] == "linear":
        schedule = get_linear_schedule_with_warmup(optimizer, warm_up, steps)
    else:
        schedule = get_constant_schedule_with_warmup(optimizer, warm_up)
    weights = torch.from_numpy(comment_weights(labels[train], settings["class_weights"]))
    targets = torch.from_numpy(labels[train].astype(np.float32))
    training, predicting = Halving("fine-tuning"), Halving("predicting")

    def logits(positions: np.ndarray) -> Tensor:
        ids, mask = pad([tokens[position] for position in positions], padding)
        with autocast(device, model):
            return hateful_logits(model, send(ids, device), send(mask, device))

    # What the classifier reads of each comment, for the contrastive loss (of a batch's pieces, where memory is short).
    read: list[Tensor] = []
    share = settings["contrastive"]
    if share:
        model.get_submodule("classifier").register_forward_pre_hook(
            # Some classifiers are given all tokens, and take the first.
            lambda _, inputs: read.append(inputs[0] if inputs[0].dim() == 2 else inputs[0][:, 0])
        )

    def loss(batch: np.ndarray) -> Tensor:
        read.clear()
        right = send(targets[batch], device)
        found = weighted_loss(logits(train[batch]), right, send(weights[batch], device))
        return (1 - share) * found + share * contrastive_loss(read[0].float(), right) if share else found

    def gradients(pieces: list[np.ndarray]) -> Tensor:
        optimizer.zero_grad(set_to_none=True)
        return backward(loss, pieces)

    def step(batch: np.ndarray) -> Tensor:
        total = training(gradients, batch)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        return total

    @torch.inference_mode()
    def predict() -> np.ndarray:
        model.eval()
        probabilities = np.empty(len(scored), np.float32)
        for batch in length_batches(lengths[scored], PREDICTION_BATCH):
            found = predicting.each(lambda piece: logits(scored[piece]).sigmoid().cpu().numpy(), batch)
            probabilities[batch] = np.concatenate(found)
        model.train(settings["dropout"])
        return probabilities

    trained = train_epochs(
        epochs, step, lambda: length_batches(lengths[train], settings["batch_size"], generator), predict
    )
    give_back_words(model, written, every_word)
    trained.model, trained.device = model.eval(), describe_device(device, model)
    return trained
