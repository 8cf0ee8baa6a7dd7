import pytest
import torch
from foxhound.models.architectures import ARCHITECTURES
from foxhound.models.finetuning import hateful_logits
from foxhound.models.vocabulary import restore_vocabulary, shrink_vocabulary
from tiny_models import save_model

IDS = torch.tensor([[2, 5, 6, 7, 3], [2, 12, 3, 0, 0]])
MASK = (IDS != 0).long()


@pytest.fixture(scope="module")
def encoders(tmp_path_factory) -> dict[str, str]:
    return {kind: save_model(tmp_path_factory.mktemp(kind), kind=kind) for kind in ("bert", "distilbert")}


@pytest.fixture
def tiny(architecture, encoders) -> str:
    return encoders["distilbert" if architecture.startswith("DistilBert") else "bert"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_leaving_out_unused_words_changes_no_logit(architecture, tiny):
    model = ARCHITECTURES[architecture](tiny).eval()
    before = hateful_logits(model, IDS, MASK)
    renumbered = torch.tensor(shrink_vocabulary(model, IDS.tolist()))
    assert renumbered.max() == len(set(IDS.flatten().tolist())) - 1
    assert torch.equal(hateful_logits(model, renumbered, MASK), before)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_words_that_were_left_out_come_back_as_they_were(architecture, tiny):
    model = ARCHITECTURES[architecture](tiny).eval()
    words = getattr(model, "encoder", model).get_input_embeddings()
    before, whole = words.weight.detach().clone(), words.weight.detach()
    used = sorted(set(IDS.flatten().tolist()))
    shrink_vocabulary(model, IDS.tolist())
    with torch.no_grad():
        words.weight += 1
    restore_vocabulary(model, IDS.tolist(), whole)
    changed = (words.weight != before).all(dim=1)
    assert torch.equal(changed.nonzero().flatten(), torch.tensor(used))
    assert words.num_embeddings == len(before)
