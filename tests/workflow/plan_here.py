"""Run a module as `python -m` does, in a process that has imported Snakemake already.

A plan takes three seconds, half of which are imports, and the tests make more than a hundred. `Checkout.planning` gives
the `folder`, the `module`, its `arguments`, the `environment` and `output`, a file for both streams.
"""

import os
import runpy
import sys

given = globals()
os.chdir(given["folder"])
os.environ.clear()
os.environ.update(given["environment"])
with open(given["output"], "wb", buffering=0) as file:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(file.fileno(), stream.fileno())
sys.argv = [given["module"], *given["arguments"]]
installed = [path for path in sys.path if "-packages" in path or path.startswith(sys.base_prefix)]
sys.path[:] = [str(given["folder"]), *given["environment"]["PYTHONPATH"].split(os.pathsep), *installed]
runpy.run_module(given["module"], run_name="__main__", alter_sys=True)
