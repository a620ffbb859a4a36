"""What happens to a case with files."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Attached:
    """添加附件: files were added; of each its name, size in bytes, type and SHA-256, and what was said of them."""

    files: tuple[dict[str, Any], ...]
    words: str = ""
