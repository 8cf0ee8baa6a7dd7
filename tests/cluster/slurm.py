"""A real Slurm on this machine: a controller and two nodes, one with a GPU that is an empty file. Nothing is installed."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "srun")
MARK = "FOXHOUND_TEST_NODE"  # in the environment of a node's daemon, and so of what it starts
CONFIGURATION = """
ClusterName=foxhound
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmdSpoolDir={folder}/spool.%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
GresTypes=gpu
ReturnToService=2
SlurmdTimeout=6
MinJobAge=3600
KillWait=2
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
NodeName=cpu-node NodeHostname={host} NodeAddr=127.0.0.1 Port={cpu} CPUs=2 RealMemory=64000
NodeName=gpu-node NodeHostname={host} NodeAddr=127.0.0.1 Port={gpu} CPUs=1 RealMemory=64000 Gres=gpu:1
PartitionName=cpus Nodes=cpu-node Default=YES
PartitionName=accelerated Nodes=gpu-node
"""


def why_not() -> str | None:
    """Why there can be no cluster here; None if there can."""
    if os.geteuid() != 0:
        return "a Slurm of one's own needs root"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"no {', '.join(missing)}: apt-get install slurm-wlm munge (make cluster-test does it where it can)"
    return None


def without_cgroups() -> str:
    """What cgroup.conf has to say, for nodes where no cgroups are mounted: nothing to Slurms that do not know the word."""
    version = re.search(r"(\d+)\.(\d+)", subprocess.run(["slurmd", "-V"], capture_output=True, text=True).stdout)
    return "CgroupPlugin=disabled\n" if version and (int(version[1]), int(version[2])) >= (23, 2) else ""


def wait_until(what: str, holds: Callable[[], object], seconds: float = 120) -> None:
    """Wait for something that must come about."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} seconds until {what}")
        time.sleep(0.2)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a daemon to end, and insist after ten seconds."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Cluster:
    """Daemons in a folder, started and ended by their process ids."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}
        folder.chmod(0o755)
        for name in ("munge", "state", "bin"):
            (folder / name).mkdir(mode=0o755)
        key = folder / "munge" / "key"
        key.touch(mode=0o400)
        key.write_bytes(secrets.token_bytes(128))
        (folder / "gpu0").touch()
        (folder / "gres.conf").write_text(f"NodeName=gpu-node Name=gpu File={folder}/gpu0\n")
        (folder / "cgroup.conf").write_text(without_cgroups())
        ports = dict(zip(("controller", "cpu", "gpu"), free_ports(3), strict=True))
        settings = CONFIGURATION.format(host=socket.gethostname(), folder=folder, **ports)
        (folder / "slurm.conf").write_text(settings)
        # Within a job the executor forgets where Slurm's configuration is, if it is not in /etc/slurm.
        srun = folder / "bin" / "srun"
        srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun")} "$@"\n')
        srun.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        """What a user of this cluster has in the environment."""
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return {"SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": path}

    def start(self) -> None:
        munge = {name: self.folder / "munge" / name for name in ("socket", "key", "log", "seed", "pid")}
        options = [f"--{name}{'' if name == 'socket' else '-file'}={path}" for name, path in munge.items()]
        # By force: folders of pytest are closed to others, and nobody else is here to complain.
        self._start("munged", "munged", "--foreground", "--force", *options)
        wait_until("munged listens", munge["socket"].exists, 20)
        self.start_controller()
        for node in ("cpu-node", "gpu-node"):
            self.start_node(node)
        wait_until(
            "both nodes are idle", lambda: self.ask("sinfo", "-h", "-N", "-o", "%T").split() == ["idle", "idle"], 60
        )

    def stop(self) -> None:
        self.ask("scancel", "--user=root")
        for name in reversed(self.daemons):
            end(self.daemons[name])
        for node in ("cpu-node", "gpu-node"):
            self._kill(node)

    def start_controller(self) -> None:
        self._start("slurmctld", "slurmctld", "-D")

    def stop_controller(self) -> None:
        end(self.daemons.pop("slurmctld"))

    def start_node(self, node: str) -> None:
        self._start(node, "slurmd", "-D", "-N", node)

    def kill_node(self, node: str) -> None:
        """As in a power cut: the daemon and all its jobs are gone at once."""
        self._kill(node)
        self.daemons.pop(node).wait()

    def ask(self, *command: str) -> str:
        """What a command of Slurm says; nothing while no controller answers."""
        return subprocess.run(command, env=os.environ | self.environment, capture_output=True, text=True).stdout

    def _kill(self, node: str) -> None:
        """Kill whatever a node's daemon started, jobs included: they are its own or descend from them."""
        marked, parents = set(), {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
                if f"{MARK}={self.folder}:{node}\0".encode() in (process / "environ").read_bytes():
                    marked.add(int(process.name))
            except OSError:
                continue  # it has ended
        grown = True
        while grown:
            children = {process for process, parent in parents.items() if parent in marked} - marked
            marked |= children
            grown = bool(children)
        for process in marked:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def _start(self, name: str, *command: str) -> None:
        with open(self.folder / f"{name}.out", "ab") as out:
            environment = os.environ | self.environment | {MARK: f"{self.folder}:{name}"}
            streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": subprocess.STDOUT}
            # Should the tests themselves be killed, so is the daemon.
            mortal = ("setpriv", "--pdeathsig", "TERM", *command)
            self.daemons[name] = subprocess.Popen(mortal, env=environment, start_new_session=True, **streams)
