"""Fine-tune a transformer and predict the held-out comments after each epoch.

The recipe is that of Mosbach et al. 2021 (section 6): bias-corrected AdamW, 10 % linear warm-up, linear decay to
zero, gradient clipping at 1, dropout on. The loop is ours because Trainer cannot batch within length windows nor keep
every epoch's predictions from one run; models, optimiser and schedule are the libraries'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers.optimization import get_constant_schedule_with_warmup, get_linear_schedule_with_warmup

from foxhound.compute.batches import length_batches, pad
from foxhound.compute.device import autocast, describe_device, send, set_seed
from foxhound.compute.out_of_memory import Halving
from foxhound.features.encoder import place, position_offset_id
from foxhound.models.architectures import ARCHITECTURES, pretrained_part
from foxhound.models.training import (
    Trained,
    TrainingSettings,
    comment_weights,
    count_weights,
    set_gradients,
    train_epochs,
    weighted_loss,
)
from foxhound.models.vocabulary import restore_vocabulary, shrink_vocabulary

PREDICTION_BATCH = 32


@dataclass(frozen=True)
class FinetuneSettings(TrainingSettings):
    """Settings of fine-tuning, as under `finetune.training` in config.yaml.

    architecture: one of `foxhound.models.architectures.ARCHITECTURES`.
    class_weights: `none`, or `balanced`: a class weighs inversely to its share.
    batch_size: comments per step.
    warm_up: share of the steps with a rising learning rate.
    schedule: `linear`, in which the learning rate then decays to zero, or `constant`.
    weight_decay: of AdamW, on matrices only.
    dropout: whether it is on while training.
    """

    architecture: str
    class_weights: str = "balanced"
    batch_size: int = 16
    warm_up: float = 0.1
    schedule: str = "linear"
    weight_decay: float = 0.01
    dropout: bool = True


def hateful_logits(model: nn.Module, ids: Tensor, mask: Tensor) -> Tensor:
    """Return the log-odds of hateful, (batch,), of token ids and their mask, both (batch, steps).

    With two labels that is the difference of their logits (softmax = sigmoid).
    """
    output = model(input_ids=ids, attention_mask=mask)
    logits = (output if isinstance(output, Tensor) else output.logits).float()
    return logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]


def build_classifier(location: str, settings: FinetuneSettings, device: torch.device) -> nn.Module:
    """Build the classifier to be trained, on `device`; it starts from the encoder at `location`."""
    model = ARCHITECTURES[settings.architecture](location)
    place(pretrained_part(model), device)
    return model.to(device).train(settings.dropout)


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Split the parameters for AdamW: matrices decay; biases and normalisation weights are vectors and do not."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]


def build_optimizer(
    model: nn.Module, settings: FinetuneSettings, learning_rate: float, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Build AdamW and the schedule of its learning rate over a run of `steps`."""
    groups = parameter_groups(model, settings.weight_decay)
    optimizer = torch.optim.AdamW(groups, lr=learning_rate, fused=True)
    warm_up = round(settings.warm_up * steps)
    if settings.schedule == "linear":
        return optimizer, get_linear_schedule_with_warmup(optimizer, warm_up, steps)
    return optimizer, get_constant_schedule_with_warmup(optimizer, warm_up)


class FineTuner:
    """Train a classifier step by step, and predict with it as it is. Comments are named by their positions.

    Args:
        model: as `build_classifier` makes it.
        tokens: of every comment its token ids.
        labels: (comments,) 0 or 1.
        weights: (comments,) of each comment in the loss.
        optimizer, schedule: as `build_optimizer` makes them.
    """

    def __init__(
        self,
        model: nn.Module,
        tokens: list[list[int]],
        labels: np.ndarray,
        weights: np.ndarray,
        optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        settings: FinetuneSettings,
        device: torch.device,
    ) -> None:
        self.model, self.settings, self.device = model, settings, device
        self.optimizer, self.schedule = optimizer, schedule
        self.tokens, self.lengths = tokens, np.array([len(ids) for ids in tokens])
        self.padding = position_offset_id(pretrained_part(model).config)
        self.labels, self.weights = torch.from_numpy(labels.astype(np.float32)), torch.from_numpy(weights)
        self.training, self.predicting = Halving("fine-tuning"), Halving("predicting")

    def logits(self, positions: np.ndarray) -> Tensor:
        """Return the log-odds of hateful, (positions,)."""
        ids, mask = pad([self.tokens[position] for position in positions], self.padding)
        with autocast(self.device, self.model):
            return hateful_logits(self.model, send(ids, self.device), send(mask, self.device))

    def loss(self, positions: np.ndarray) -> Tensor:
        """Return the mean loss of a batch, or of a piece of one."""
        labels = send(self.labels[positions], self.device)
        weights = send(self.weights[positions], self.device)
        return weighted_loss(self.logits(positions), labels, weights)

    def step(self, positions: np.ndarray) -> Tensor:
        """Update the model by one batch, and return its loss."""
        loss = set_gradients(self.loss, positions, self.optimizer, self.training)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        return loss

    @torch.inference_mode()
    def predict(self, positions: np.ndarray) -> np.ndarray:
        """Return the probability of hateful, (positions,) float32."""
        self.model.eval()
        probabilities = np.empty(len(positions), np.float32)
        for batch in length_batches(self.lengths[positions], PREDICTION_BATCH):
            pieces = self.predicting.each(lambda piece: self.logits(positions[piece]).sigmoid().cpu().numpy(), batch)
            probabilities[batch] = np.concatenate(pieces)
        self.model.train(self.settings.dropout)
        return probabilities


def finetune(
    location: str,
    tokenizer: Tokenizer,
    texts: Sequence[str | tuple[str, str]],
    labels: np.ndarray,
    train: np.ndarray,
    scored: np.ndarray,
    epochs: int,
    learning_rate: float,
    settings: FinetuneSettings,
    seed: int,
    device: torch.device,
) -> Trained:
    """Fine-tune on the comments at `train`, predict those at `scored` after each of the `epochs`.

    Args:
        location: folder or hub id of the encoder to start from.
        texts, labels: of all comments; a text may be a pair of title and comment.
        train, scored: positions, disjoint.
    """
    set_seed(seed)
    generator = np.random.default_rng(seed)
    model = build_classifier(location, settings, device)
    original_tokens = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    original_embeddings = pretrained_part(model).get_input_embeddings().weight.detach()
    tokens = shrink_vocabulary(model, original_tokens)
    steps = -(-len(train) // settings.batch_size) * epochs
    optimizer, schedule = build_optimizer(model, settings, learning_rate, steps)
    weights = np.zeros(len(labels), np.float32)
    weights[train] = comment_weights(labels[train], settings.class_weights)
    tuner = FineTuner(model, tokens, labels, weights, optimizer, schedule, settings, device)
    trained = train_epochs(
        epochs,
        step=lambda batch: tuner.step(train[batch]),
        batches=lambda: length_batches(tuner.lengths[train], settings.batch_size, generator),
        predict=lambda: tuner.predict(scored),
    )
    restore_vocabulary(model, original_tokens, original_embeddings)
    trained.model, trained.device = model.eval(), describe_device(device, model)
    trained.weights = count_weights(model)
    return trained
