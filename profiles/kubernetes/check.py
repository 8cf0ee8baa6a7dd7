"""Try the profile without a cluster: the plugin talks to an API server of our own, and its pods run here.

Every job that the plugin submits is checked against Kubernetes' schema, and its command is then run as a pod would run
it: in an empty folder, with nothing but the bucket (moto's S3) shared. The first is run twice: told that its run was
planned with other code, it has to refuse. What this cannot try: the image, what a cluster admits, and a GPU.

Usage: python profiles/kubernetes/check.py [TARGET ...]
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import kubernetes_validate
import yaml
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).parents[2]
VERSION = "1.36"
TARGET = "results/tiny/lstm/lstm-word2vec-classic-base/stratified-2/fold-01/seed-1.parquet"
AT_START = "FOXHOUND_CODE_AT_START"
KEYS = ("SNAKEMAKE_STORAGE_S3_ACCESS_KEY", "SNAKEMAKE_STORAGE_S3_SECRET_KEY")

SECRETS: dict[str, dict[str, str]] = {}
JOBS: dict[str, dict[str, Any]] = {}
CODES: dict[str, int] = {}
"""Name -> a secret's data; a job as it was submitted; the exit code of its pod."""
REFUSED: list[bool] = []
"""Whether the first pod refused code that its run was not planned with."""


class Api(BaseHTTPRequestHandler):
    """As much of Kubernetes' API as the plugin asks for."""

    def answer(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self) -> dict[str, Any]:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}")

    def do_POST(self) -> None:
        given = self.body()
        if self.path.endswith("/jobs"):
            name = given["metadata"]["name"]
            given = {"apiVersion": "batch/v1", "kind": "Job", **given}
            kubernetes_validate.validate(given, VERSION, strict=True)
            JOBS[name] = given
            threading.Thread(target=run_pod, args=(name, given)).start()
        elif self.path.endswith("/secrets"):
            SECRETS[given["metadata"]["name"]] = given["data"]
        self.answer(given)

    def do_GET(self) -> None:
        if "/pods" in self.path:
            return self.answer({"kind": "PodList", "apiVersion": "v1", "items": []})
        name = self.path.split("/jobs/")[1].split("/")[0]
        code = CODES.get(name)
        status = {} if code is None else {"failed": 1} if code else {"succeeded": 1}
        self.answer(JOBS[name] | {"status": status})

    def do_DELETE(self) -> None:
        self.body()
        self.answer({"kind": "Status", "apiVersion": "v1"})

    def log_message(self, *_: Any) -> None:
        pass


def run_container(job: dict[str, Any], planned: str | None = None) -> tuple[int, str]:
    """Run the pod's command in an empty folder, with the variables that the pod is given.

    Args:
        planned: what to tell it of the code that its run was planned with, in place of the truth.

    Returns:
        Its exit code, and what it printed.
    """
    [container] = job["spec"]["template"]["spec"]["containers"]
    ours = ("SNAKEMAKE", "KUBE", "FOXHOUND")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    # The image's python is Foxhound's; so is this one.
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    for variable in container["env"]:
        secret = variable["valueFrom"]["secretKeyRef"]
        environment[variable["name"]] = b64decode(SECRETS[secret["name"]][secret["key"]]).decode()
    if AT_START not in environment:
        return 1, f"The pod is not told what code its run was planned with ({AT_START})."
    environment[AT_START] = planned or environment[AT_START]
    with tempfile.TemporaryDirectory() as workdir:
        ran = subprocess.run(
            [*container["command"], *container["args"]],
            cwd=workdir,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    return ran.returncode, ran.stdout.decode()


def run_pod(name: str, job: dict[str, Any]) -> None:
    """Run the pod, and keep its exit code."""
    if not REFUSED:  # not once the run has ended: its code is taken out of the bucket then
        REFUSED.append(False)
        REFUSED[0] = refuses_other_code(job)
    code, printed = run_container(job)
    if code:
        print(printed, flush=True)
    CODES[name] = code


def refuses_other_code(job: dict[str, Any]) -> bool:
    """Say whether a pod refuses to run code that is not what its run was planned with."""
    scripts = ROOT / "scripts"
    other = {path.relative_to(scripts).as_posix(): ("other", "other") for path in scripts.rglob("*.py")}
    code, printed = run_container(job, json.dumps(other))
    return code != 0 and "edited after this run was planned" in printed


def run(folder: Path) -> int:
    """Snakemake's exit code."""
    storage = ThreadedMotoServer(port=0, verbose=False)
    storage.start()
    endpoint = "http://{}:{}".format(*storage.get_host_and_port())
    os.environ |= dict.fromkeys(KEYS, "testing")
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys).create_bucket(Bucket="bucket")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cluster = {"name": "here", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}
    context = {"name": "here", "context": {"cluster": "here", "user": "here"}}
    user = {"name": "here", "user": {}}
    parts = {"clusters": [cluster], "contexts": [context], "users": [user], "current-context": "here"}
    (folder / "kubeconfig").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **parts}))
    os.environ["KUBECONFIG"] = str(folder / "kubeconfig")
    command = [sys.executable, "-m", "snakemake", "--profile", "profiles/kubernetes", "--container-image", "foxhound"]
    command += ["--default-storage-prefix", "s3://bucket/run", "--storage-s3-endpoint-url", endpoint]
    command += ["--configfile", "tests/workflow/tiny.yaml", "--jobs", "2", "--seconds-between-status-checks", "2"]
    code = subprocess.run([*command, "--", *(sys.argv[1:] or [TARGET])], cwd=ROOT).returncode
    server.shutdown()
    storage.stop()
    return code


def main() -> None:
    """Check the files of this folder, run, print the pods."""
    for document in yaml.safe_load_all((Path(__file__).parent / "namespace.yaml").read_text(encoding="utf-8")):
        kubernetes_validate.validate(document, VERSION, strict=True)
    with tempfile.TemporaryDirectory() as folder:
        code = run(Path(folder))
    gpus = 0
    for name, job in JOBS.items():
        [container] = job["spec"]["template"]["spec"]["containers"]
        resources = container["resources"]
        gpus += "nvidia.com/gpu" in resources["limits"]
        print(f"{name}: exit code {CODES.get(name)}, {json.dumps(resources)}")
    print(f"{len(JOBS)} pods fit the schema of Kubernetes {VERSION}; {gpus} asked for a GPU, as requests and limits.")
    if code:
        sys.exit("The run failed.")
    if not gpus:
        sys.exit("No pod asked for a GPU.")
    if not all(REFUSED):
        sys.exit("A pod ran code that its run was not planned with.")
    print("A pod refused code that its run was not planned with.")


if __name__ == "__main__":
    main()
