"""Keep, among the results, what each of them was made with, so that they say so wherever they are copied.

Snakemake's own memory (.snakemake) stays behind where results are renamed, copied or cloned. Then these records answer.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

NAME = "records.jsonl"
KEPT = ("rule", "params", "input", "input_checksums", "endtime")
LONG = 200  # characters
UNKNOWN = "not known"
"""The only param in the record of a result of which nobody knows what it was made with: it differs from every other."""


class Records:
    """The records of one folder of results: a line of JSON per result that was made, the last one of each counts.

    Paths are kept relative to the folder of results, or to that of private files, so that either can be renamed.
    """

    def __init__(self, results: str, private: str) -> None:
        self.results, self.path = results, Path(results) / NAME
        self.folders = {f"{private}/": "<private>/", f"{results}/": "<results>/"}
        self._known: dict[str, dict[str, Any]] | None = None
        self._texts: dict[str, str] = {}

    def holds(self, path: str) -> bool:
        """Say whether a file is one of the results."""
        return path.startswith(f"{self.results}/")

    def _relative(self, path: str) -> str:
        for folder, mark in self.folders.items():
            if path.startswith(folder):
                return mark + path.removeprefix(folder)
        return path

    def _absolute(self, path: str) -> str:
        for folder, mark in self.folders.items():
            if path.startswith(mark):
                return folder + path.removeprefix(mark)
        return path

    def add(self, path: str, record: dict[str, Any]) -> None:
        """Write down what the result at `path` was made with, and when: the names in KEPT."""
        known = self._read()
        lines: list[dict[str, Any]] = []

        def shortened(param: Any) -> Any:
            # Hundreds of jobs share the same long params (digests of code): each stands in the file once.
            if not isinstance(param, str) or len(param) < LONG:
                return param
            name = hashlib.sha256(param.encode()).hexdigest()[:16]
            if name not in self._texts:
                self._texts[name] = param
                lines.append({"text": name, "value": param})
            return {"text": name}

        known[self._relative(path)] = moved = record | {
            "params": [shortened(param) for param in record["params"] or []],
            "input": [self._relative(name) for name in record["input"] or []],
            "input_checksums": {self._relative(name): sum for name, sum in (record["input_checksums"] or {}).items()},
        }
        lines.append({"result": self._relative(path), "record": moved})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read() != b"\n":  # a kill cut the last line short
                    file.write(b"\n")
            file.write("".join(json.dumps(line) + "\n" for line in lines).encode())

    def find(self, path: str) -> dict[str, Any] | None:
        """Return what the result at `path` was made with; None where that is not known."""
        record = self._read().get(self._relative(path))
        if record is None:
            return None
        return record | {
            "params": [self._texts[param["text"]] if isinstance(param, dict) else param for param in record["params"]],
            "input": [self._absolute(name) for name in record["input"]],
            "input_checksums": {self._absolute(name): sum for name, sum in record["input_checksums"].items()},
        }

    def _read(self) -> dict[str, dict[str, Any]]:
        """Read all records once; a line that a kill cut short, or that is damaged, tells nothing."""
        if self._known is not None:
            return self._known
        self._known = {}
        lines = self.path.read_bytes().splitlines() if self.path.is_file() else []
        for line in lines:
            try:
                row = json.loads(line)
                if "text" in row:
                    self._texts[row["text"]] = str(row["value"])
                    continue
                record = row["record"]
                params = [
                    param if isinstance(param, str) else {"text": str(param["text"])} for param in record["params"]
                ]
                inputs, sums = list(map(str, record["input"])), dict(record["input_checksums"])
                if all(isinstance(param, str) or param["text"] in self._texts for param in params):
                    read = {"params": params, "input": inputs, "input_checksums": sums}
                    about = {"rule": str(record["rule"]), "endtime": record.get("endtime")}
                    self._known[str(row["result"])] = about | read
            except (ValueError, KeyError, TypeError):
                continue
        return self._known
