import numpy as np
import onnx
import pytest
from foxhound.errors import FoxhoundError
from foxhound.inference.onnx_graph import load_graph
from onnx import TensorProto, helper


def test_the_last_output_of_a_graph_is_what_it_computes(tmp_path):
    one, both = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [None]) for name in ("one", "both"))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None])
    nodes = [helper.make_node("Neg", ["x"], ["one"]), helper.make_node("Add", ["x", "x"], ["both"])]
    graph = helper.make_graph(nodes, "g", [x], [one, both])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), tmp_path / "g.onnx")
    compute = load_graph(tmp_path / "g.onnx", threads=1)
    np.testing.assert_array_equal(compute({"x": np.array([1, 2], np.float32)}), [2, 4])
    for other in ({"x": np.zeros((2, 2), np.float32)}, {"y": np.zeros(2, np.float32)}, {"x": np.zeros(2)}):
        with pytest.raises(FoxhoundError, match=r"g\.onnx: cannot be run .*Make the model again\.$"):
            compute(other)


@pytest.mark.parametrize("content", [None, b"", b"no graph"])
def test_what_is_no_graph_is_named(content, tmp_path):
    if content is not None:
        (tmp_path / "g.onnx").write_bytes(content)
    with pytest.raises(FoxhoundError, match=r"g\.onnx: damaged .*Do this\.$"):
        load_graph(tmp_path / "g.onnx", 1, "Do this.")
