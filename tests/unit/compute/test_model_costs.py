import logging
from pathlib import Path

from foxhound.compute.model_costs import ModelCost, log_cost, read_cost


def write(path: Path, *costs: tuple[float, float, int]) -> None:
    """Log these costs into a file, as jobs do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logging.info("epoch 1: loss .5")
    for cost in costs:
        log_cost(*cost)
    logger.removeHandler(handler)
    logger.setLevel(level)
    handler.close()


def test_a_model_of_several_parts_costs_their_means_added_up(tmp_path):
    write(tmp_path / "lstm/m/folds/fold-01/seed-1.log", (10, 2, 1_000_000))
    write(tmp_path / "lstm/m/folds/fold-02/seed-1.log", (20, 4, 1_000_000))
    write(tmp_path / "embeddings/e/none.log", (0, 5, 22_000_000))
    cost = read_cost(tmp_path, ["lstm/m/folds", "embeddings/e/none.log"])
    assert cost == ModelCost(15, 8, 92)


def test_nothing_is_said_where_a_part_was_not_logged(tmp_path):
    write(tmp_path / "lstm/m/folds/fold-01/seed-1.log")
    assert read_cost(tmp_path, ["lstm/m/folds"]) is None
    assert read_cost(tmp_path, ["not/there"]) is None
    assert read_cost(tmp_path, []) is None
