"""Run the ONNX graphs of a kept model."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from foxhound.errors import FoxhoundError
from foxhound.files import raise_system_error

Graph = Callable[[dict[str, np.ndarray]], np.ndarray]
"""Inputs by name -> the only output."""


def load_graph(file: Path, threads: int, remedy: str = "Make the model again.") -> Graph:
    """Return a function that computes the graph in a file by ONNX Runtime, and raises FoxhoundError where it cannot.

    Args:
        remedy: what to do where it is damaged.

    Raises:
        FoxhoundError: the file is missing or damaged, or the system refuses to read it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no class
        raise_system_error(error, file)
        raise FoxhoundError(f"{file}: damaged ({str(error).splitlines()[0]}). {remedy}") from error
    names = [session.get_outputs()[-1].name]

    def compute(inputs: dict[str, np.ndarray]) -> np.ndarray:
        try:
            result: np.ndarray = session.run(names, inputs)[0]
        except Exception as error:  # it is the graph of another model, say
            raise FoxhoundError(f"{file}: cannot be run ({str(error).splitlines()[0]}). {remedy}") from error
        return result

    return compute
