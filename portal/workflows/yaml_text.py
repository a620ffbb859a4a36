"""Definitions as YAML text: read strictly, written as people would write them."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import yaml

LONGEST = 200_000  # characters of one file


class Unreadable(ValueError):
    """Not a YAML text that a definition can be in; `line` counts from 1, 0 = unknown."""

    def __init__(self, line: int = 0) -> None:
        super().__init__(f"unreadable at line {line}")
        self.line = line


class _Loader(yaml.SafeLoader):
    """Knows only text, whole numbers, true and false: a code `no` or a limit `2h` stays what was typed."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """One node; repeated ones (`*name`) are refused, for a few lines of them can fill the memory."""
        if self.check_event(yaml.AliasEvent):
            raise Unreadable(self.peek_event().start_mark.line + 1)
        return super().compose_node(parent, index)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("(0|[1-9][0-9]{0,8})$"), list("0123456789"))


class _Dumper(yaml.SafeDumper):
    """Short lists and mappings of plain values on one line, everything else in blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is written as a repetition."""
        return True

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> Any:
        """A list of codes on one line."""
        return super().represent_sequence(tag, sequence, all(isinstance(v, str) for v in sequence))

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> Any:
        """A name, a limit on one line."""
        short = len(mapping) < 4 and all(isinstance(v, str | int | bool) for v in mapping.values())
        return super().represent_mapping(tag, mapping, short)


def read(text: str) -> Any:
    """The data of a YAML text. Raises Unreadable with the line."""
    if len(text) > LONGEST:
        raise Unreadable
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(error.problem_mark.line + 1 if error.problem_mark else 0) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Unreadable(getattr(error, "line", 0)) from error


def write(data: Mapping[str, Any]) -> str:
    """The YAML text of a definition's data, keys in the order they have."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
