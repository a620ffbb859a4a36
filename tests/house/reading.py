"""How the house tests read the program: its modules as syntax trees, its templates as text."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_OURS = ("migrations", "vendor")


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Every module of portal/ but the migrations: (path from the root, syntax tree)."""
    found = []
    for path in sorted((ROOT / "portal").rglob("*.py")):
        if not set(NOT_OURS) & set(path.parts):
            found.append((str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


def room_of(dotted: str) -> str:
    """`portal.cases.rules` -> `cases`; `portal` itself -> empty."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of this program's modules that a tree imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "portal":
            yield from (f"portal.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("portal."):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("portal."))


def packages(tree: ast.AST) -> set[str]:
    """The outermost names of everything a tree imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
    return found


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Every function and method of a tree."""
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))


def top_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The public functions of a module."""
    return (n for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_"))


def first_deed(function: ast.FunctionDef) -> str:
    """The first statement of a function that is neither its docstring nor gives a value a name."""
    for statement in function.body:
        named = isinstance(statement, ast.Assign) and all(isinstance(t, ast.Name) for t in statement.targets)
        said = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not named and not said:
            return ast.unparse(statement)
    return ""


def templates() -> list[Path]:
    """All templates."""
    return sorted((ROOT / "templates").rglob("*.html"))


def bare(text: str) -> str:
    """A template without its comments."""
    return re.sub(r"{#.*?#}", "", text, flags=re.DOTALL)
