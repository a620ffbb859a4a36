"""A folder as BagIt (RFC 8493) wants it: payload under data/, checksums of every file, packed into one zip."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PIECE = 1 << 20


class Bag:
    """A bag that is being filled; what lay in its folder before is gone."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        self.folder, self.sums, self.size = folder, dict[str, str](), 0

    def add(self, path: str, content: bytes) -> None:
        """Writes a file; its path is made by the program, of letters that every system takes."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.sums[path] = hashlib.sha256(content).hexdigest()
        self.size += len(content) if path.startswith("data/") else 0

    def back_to(self, files: int) -> None:
        """Takes out again whatever came in after the first so many files."""
        for path in list(self.sums)[files:]:
            del self.sums[path]
            self.size -= (self.folder / path).stat().st_size if path.startswith("data/") else 0
            (self.folder / path).unlink()

    def add_json(self, path: str, value: Any) -> None:
        """Writes a value as JSON that people can read."""
        self.add(path, (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode())

    def close(self, info: dict[str, str]) -> str:
        """Writes the tag files; returns SHA-256 of the manifest in hex."""
        payload = sum(path.startswith("data/") for path in self.sums)
        facts = {"Payload-Oxum": f"{self.size}.{payload}"} | info
        self.add("bagit.txt", BAGIT)
        self.add("bag-info.txt", "".join(f"{name}: {said}\n" for name, said in facts.items()).encode())
        self.add("manifest-sha256.txt", self._listed(True))
        self.add("tagmanifest-sha256.txt", self._listed(False))
        return self.sums["manifest-sha256.txt"]

    def remove(self) -> None:
        """Removes the folder: what counts is the zip."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _listed(self, payload: bool) -> bytes:
        paths = sorted(path for path in self.sums if path.startswith("data/") is payload)
        return "".join(f"{self.sums[path]}  {path}\n" for path in paths).encode()


def zipped(folder: Path, target: Path) -> Iterator[None]:
    """Packs a folder into a zip file, a file a step; the zip is there when it is whole."""
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                packed.write(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
                yield
    part.replace(target)


def digest(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
