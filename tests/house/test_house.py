"""The shape of the house: floors, doors and names. Each check bites on a bad sample, shown beside it."""

import ast
import re

import pytest

from portal import factory
from tests.house.reading import (
    ROOT,
    first_deed,
    functions,
    imports,
    modules,
    packages,
    room_of,
    top_functions,
)

# from the ground up; a room imports only rooms that stand lower
FLOORS = (
    ("kernel",), ("journal",), ("identity",), ("clocks", "notices"), ("navigation",), ("shell",), ("frame",),
    ("directory", "knowledge", "roster"), ("cases",), ("proposals", "attachments"),
    ("intake", "collaboration", "satisfaction", "incidents", "workflows"), ("corporate", "backup"),
    ("desk", "archive", "reports"), ("api",), ("demo",), ("jobs",),
    ("factory",), ("cli",),
)  # fmt: skip
FLOOR = {room: n for n, rooms in enumerate(FLOORS) for room in rooms}
# pango may be missing: only reports need it, and what fonts have; joserfc is an extra for the company's accounts
LATE_IMPORTS = {"weasyprint", "fontTools", "joserfc"}
LONGEST_FILE, LONGEST_FUNCTION = 300, 45
# actions without a right of their own, each with its reason
NEED_NO_RIGHT = {
    "portal/cases/answers.py": {
        "by_deed": "follows a deed that asked",
        "asked": "reads",
        "step_of": "takes a key apart",
    },
    "portal/collaboration/tasks.py": {"tell_overdue": "the worker tells what time has brought"},
    "portal/identity/actions.py": {
        "allow_self_or_manage": "is itself the question",
        "open_session": "the password was the right",
        "touch_session": "bookkeeping of the person's own session",
        "drop_password": "follows a sign-in by the company's account",
        "end_session": "everybody may sign out",
        "end_sessions": "follows a replaced password or a disabled account, which asked",
        "use_step": "nobody is signed in yet",
        "note_failure": "nobody is signed in yet",
        "set_fact": "start of an installation, before anybody has an account",
        "new_identity": "makes a random text, changes nothing",
    },
}


def floors_broken(path: str, tree: ast.Module) -> list[str]:
    """Imports of this module that do not run downstairs."""
    here = path.split("/")[1].removesuffix(".py")
    found = []
    for module in imports(tree):
        there = room_of(module)
        if not there or there == here:
            continue
        if there == "shell" and path.endswith(("/wiring.py", "factory.py")):
            continue
        if FLOOR[there] >= FLOOR[here]:
            found.append(f"{path} imports {module}")
    return found


def late_imports(path: str, tree: ast.Module) -> list[str]:
    """Imports inside functions."""
    found = []
    for function in functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom) and not packages(ast.Module([node], [])) <= LATE_IMPORTS:
                found.append(f"{path}:{node.lineno} {ast.unparse(node)}")
    return found


def impurities(path: str, tree: ast.Module) -> list[str]:
    """What a rule must not know: the web, the store, the clock."""
    bad = packages(tree) & {"flask", "sqlalchemy", "flask_login", "flask_wtf", "flask_babel", "os", "time", "random"}
    bad |= {m for m in imports(tree) if m in ("portal.kernel.db", "portal.kernel.clock", "portal.kernel.feed")}
    bad |= {m for m in imports(tree) if m.endswith((".models", ".queries", ".actions", ".routes"))}
    return [f"{path} knows {name}" for name in sorted(bad)]


CLOCKS = re.compile(
    r"\b(datetime|dt)\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.(time|time_ns|localtime|gmtime|monotonic)\("
)


def clock_reads(path: str, tree: ast.Module) -> list[str]:
    """Calls that read the machine's clock."""
    calls = (ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Call))
    return [f"{path}: {call}" for call in calls if CLOCKS.match(call)]


def commits(path: str, tree: ast.Module) -> list[str]:
    """Calls that commit."""
    calls = (n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute))
    return [f"{path}: {ast.unparse(c)}" for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == "commit"]


def unasked(path: str, tree: ast.Module) -> list[str]:
    """Public actions that do something before they ask policy; naming a value for the question is not doing."""
    spared = NEED_NO_RIGHT.get(path, {})
    return [
        f"{path}:{f.name}"
        for f in top_functions(tree)
        if not first_deed(f).startswith(("allow(", "allow_self_or_manage(")) and f.name not in spared
    ]


def undocumented(path: str, tree: ast.Module) -> list[str]:
    """The module, its public classes, functions and methods without a docstring."""
    inner = {id(n) for f in functions(tree) for n in ast.walk(f) if n is not f}
    found = [] if ast.get_docstring(tree) else [path]
    for node in ast.walk(tree):
        named = isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
        if named and id(node) not in inner and not ast.get_docstring(node):
            found.append(f"{path}:{node.name}")
    return found


def too_long(path: str, tree: ast.Module, lines: int) -> list[str]:
    """Files and functions beyond their length."""
    found = [f"{path}: {lines} lines"] if lines > LONGEST_FILE else []
    for function in functions(tree):
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > LONGEST_FUNCTION:
            found.append(f"{path}:{function.name}: {length} lines")
    return found


def swallowed(path: str, tree: ast.Module) -> list[str]:
    """Places that catch anything and go on."""
    handlers = (n for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler))
    wide = (h for h in handlers if not h.type or ast.unparse(h.type) in ("Exception", "BaseException"))
    return [f"{path}:{h.lineno}" for h in wide if not any(isinstance(n, ast.Raise) for n in ast.walk(h))]


def test_imports_only_run_downstairs():
    assert [x for path, tree in modules() for x in floors_broken(path, tree)] == []


def test_every_room_stands_on_a_floor():
    rooms = {path.split("/")[1].removesuffix(".py") for path, _ in modules()} - {"__init__"}
    assert rooms <= set(FLOOR)
    assert set(factory.ROOMS) <= set(FLOOR)


def test_nothing_is_imported_inside_a_function():
    assert [x for path, tree in modules() for x in late_imports(path, tree)] == []


def test_rules_are_pure():
    assert [x for path, tree in modules() if path.endswith("/rules.py") for x in impurities(path, tree)] == []


def test_one_place_commits():
    assert {x.split(":")[0] for path, tree in modules() for x in commits(path, tree)} == {"portal/kernel/db.py"}


def test_one_place_reads_the_clock():
    assert {x.split(":")[0] for path, tree in modules() for x in clock_reads(path, tree)} == {"portal/kernel/clock.py"}


# actions that stand in files of another name; telling.py of the incidents is what is written down and said there
MORE_ACTIONS = (
    "portal/cases/answers.py", "portal/collaboration/chasing.py", "portal/collaboration/corrections.py",
    "portal/collaboration/disputes.py", "portal/collaboration/endings.py", "portal/collaboration/handing.py",
    "portal/collaboration/matters.py", "portal/collaboration/tasks.py", "portal/incidents/telling.py",
)  # fmt: skip


def acts(path: str) -> bool:
    """Whether a module holds actions."""
    return path.endswith(("/actions.py", "_actions.py")) or path in MORE_ACTIONS


def test_every_action_asks_policy_first():
    assert [x for path, tree in modules() if acts(path) for x in unasked(path, tree)] == []


def test_every_file_of_actions_is_known_by_its_name_or_listed():
    asking = {path for path, tree in modules() for f in top_functions(tree) if _writes(f)}
    assert {path for path in asking if not acts(path)} == set()
    assert set(MORE_ACTIONS) <= {path for path, _ in modules()}


def _writes(function: ast.FunctionDef) -> bool:
    """Whether a function takes an actor, asks policy and then records something."""
    takes = bool(function.args.args) and function.args.args[0].arg == "actor"
    calls = {ast.unparse(n.func) for n in ast.walk(function) if isinstance(n, ast.Call)}
    return takes and "allow" in calls and bool(calls & {"record", "record_case", "stream.append"})


def test_no_exception_from_asking_is_left_over():
    known = {path: {f.name for f in top_functions(tree)} for path, tree in modules()}
    assert [(p, n) for p, names in NEED_NO_RIGHT.items() for n in names if n not in known[p]] == []


def test_everything_public_says_what_it_is_for():
    assert [x for path, tree in modules() for x in undocumented(path, tree)] == []


def test_files_and_functions_stay_small():
    found = []
    for path, tree in modules():
        found += too_long(path, tree, len((ROOT / path).read_text(encoding="utf-8").splitlines()))
    assert found == []


# `except Exception` that goes on, each with its reason
GOES_ON = {
    "portal/jobs/drafter.py": "a report that cannot be drafted is logged and tried again; the thread goes on",
    "portal/jobs/rolling.py": "a period that cannot be counted is logged and tried again; the thread goes on",
    "portal/jobs/deliverer.py": "a receiver that cannot be served is logged and rests; the thread goes on",
    "portal/jobs/news.py": "a case that an announcement cannot be passed to is logged, parked, and stops no other",
    "portal/jobs/watch.py": "a case that cannot be announced is logged, parked, and stops no other",
    "portal/jobs/webworker.py": "what fails in the loop would end the process; it is logged, and a thread answers",
    "portal/jobs/deliver.py": "a notice that cannot be put together is logged, parked, and stops no other",
}


def test_nothing_is_swallowed():
    assert [x for path, tree in modules() if path not in GOES_ON for x in swallowed(path, tree)] == []


def test_the_map_of_the_rooms_is_the_house_itself():
    page = ROOT / "docs" / "architecture.md"
    if not page.exists():
        pytest.skip("docs/architecture.md is not there yet")
    named = set(re.findall(r"`(?:portal/)?([a-z]+)/`", page.read_text(encoding="utf-8")))
    rooms = {p.name for p in (ROOT / "portal").iterdir() if (p / "__init__.py").exists()}
    assert rooms - named == set()


BAD = [
    (unasked, "portal/collaboration/handing.py", "def give(actor):\n    record(1)\n    allow(actor, 'case.return')"),
    (floors_broken, "portal/cases/rules.py", "from portal.desk import views"),
    (floors_broken, "portal/kernel/web.py", "import portal.identity.policy"),
    (floors_broken, "portal/clocks/keeper.py", "from portal.notices import tell"),
    (floors_broken, "portal/identity/routes.py", "from portal import shell"),
    (late_imports, "portal/x.py", "def f():\n    import json"),
    (late_imports, "portal/x.py", "def f():\n    from portal.cases import rules"),
    (impurities, "portal/cases/rules.py", "from flask import g"),
    (impurities, "portal/cases/rules.py", "from portal.kernel import clock\nimport sqlalchemy"),
    (impurities, "portal/cases/rules.py", "from portal.cases.models import Case"),
    (clock_reads, "portal/x.py", "now = datetime.now(UTC)"),
    (clock_reads, "portal/x.py", "import time\nt = time.time()"),
    (clock_reads, "portal/x.py", "d = date.today()"),
    (commits, "portal/x.py", "db.session.commit()"),
    (unasked, "portal/x/actions.py", "def close(actor, now, case):\n    '''Ends it.'''\n    record(case)"),
    (unasked, "portal/x/actions.py", "def close(actor, now, case):\n    case.state = 1\n    allow(actor, 'x')"),
    (undocumented, "portal/x.py", "'''A module.'''\ndef f():\n    return 1"),
    (undocumented, "portal/x.py", "def f():\n    '''Says.'''"),
    (swallowed, "portal/x.py", "try:\n    f()\nexcept Exception:\n    pass"),
    (lambda path, tree: too_long(path, tree, 301), "portal/x.py", ""),
    (lambda path, tree: too_long(path, tree, 9), "portal/x.py", "def f():\n" + "    x = 1\n" * 45),
]


@pytest.mark.parametrize(("check", "path", "sample"), BAD)
def test_each_check_bites(check, path, sample):
    assert check(path, ast.parse(sample))
