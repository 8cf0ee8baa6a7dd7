from foxhound.report.vector_sections import NONE_PRETRAINED, OF_PUBLISHED, vector_sections
from made_up_report import tables

MODELS = [
    {"model": "a", "vectors": "own", "cleaning": "classic"},
    {"model": "b", "vectors": "own", "cleaning": "classic"},
    {"model": "c", "vectors": "pretrained", "cleaning": "minimal"},
    {"model": "d", "encoder": "minilm"},
]


def footer(vectors: str, dimensions: int, **coverage: tuple[float, float]) -> dict:
    shares = {name: {"different": both[0], "running": both[1]} for name, both in coverage.items()}
    return {"vectors": vectors, "dimensions": dimensions, "coverage": shares}


FOOTERS = [
    footer("own", 100, classic=(0.2, 0.6)),
    footer("own", 100, classic=(0.4, 0.8)),
    footer("resources/glove|100.gz", 50, classic=(0.7, 0.9), minimal=(0.5, 0.95)),
]


def test_name_dimensions_and_shares_of_words_are_told_for_what_is_read():
    title, _, found = vector_sections(MODELS, FOOTERS, False)
    assert title == "## Word vectors"
    assert tables(found)[0][1:] == [
        ["own", "classic", "100", ".300", ".700"],  # the mean of both folds
        ["pretrained: resources/glove|100.gz", "minimal", "50", ".500", ".950"],
    ]


def test_without_pretrained_vectors_it_says_so():
    assert NONE_PRETRAINED in vector_sections(MODELS[:2], FOOTERS[:2], False)
    assert NONE_PRETRAINED not in vector_sections(MODELS, FOOTERS, False)
    assert OF_PUBLISHED in vector_sections(MODELS, FOOTERS, True)
    assert OF_PUBLISHED not in vector_sections(MODELS, FOOTERS, False)


def test_where_no_model_reads_words_there_is_no_section():
    assert vector_sections(MODELS[3:], [], False) == []
