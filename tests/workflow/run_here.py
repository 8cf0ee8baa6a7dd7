"""Run a module as `python -m` does, in a process that has imported already what the run and its jobs import.

Snakemake takes a second and a half to import, and PyTorch with transformers seven; the tests make hundreds of runs.
`Checkout.fork` gives the `folder`, the `module`, its `arguments`, the `environment`, `output`, a file for both streams,
and `server`, the address of the forkserver that this process comes from, and that its jobs come from too.
"""

import os
import runpy
import sys
from multiprocessing import context, forkserver

given = globals()
os.chdir(given["folder"])
os.environ.clear()
os.environ.update(given["environment"])
sys.argv = [given["module"], *given["arguments"]]
installed = [path for path in sys.path if "-packages" in path or path.startswith(sys.base_prefix)]
sys.path[:] = [str(given["folder"]), *given["environment"]["PYTHONPATH"].split(os.pathsep), *installed]

from tests.workflow.forked_job import ForkedJob, write_to  # noqa: E402 (the folder's own)

write_to(given["output"])
ForkedJob.output = given["output"]
context.ForkServerContext.Process = ForkedJob
forkserver._forkserver._forkserver_address = given["server"]
forkserver._forkserver.ensure_running = lambda: None
runpy.run_module(given["module"], run_name="__main__", alter_sys=True)
