"""No message lacks its Chinese; every code that a screen or a refusal shows has its words."""

import ast
import importlib
import re
from collections import Counter
from gettext import GNUTranslations
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2 import Environment

from portal.cases import rules
from portal.cases.apply import APPLY
from portal.factory import ROOMS
from portal.identity.actor import ROLES
from tests.house.reading import ROOT, modules, templates

CATALOGUE = ROOT / "portal" / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
HAN = "\u4e00-\u9fff"
HALF_WIDTH = re.compile(rf"[{HAN}][,;:?()]|[,;?()][{HAN}]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|<[^>]*>")
MAY_STAY = re.compile(r"^[\W\d_]*$|^[A-Z0-9 .:/%()\-]+$")  # signs and abbreviations are the same in Chinese
CALLS = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "words"}
ROUTINES = {"Refused", "Forbidden", "Missing", "Stale", "Invalid", "Busy", "NotSignedIn"}


def messages() -> list[Message]:
    with CATALOGUE.open("rb") as file:
        return [m for m in read_po(file, locale="zh_Hans_CN") if m.id]


def half_width(text: str) -> list[str]:
    """Half-width punctuation that stands next to a Chinese sign."""
    return HALF_WIDTH.findall(PLACEHOLDER.sub("＿", text))


def facts_of(text: str) -> list[str]:
    """The places of a message that are filled in."""
    return sorted(set(re.findall(r"%\((\w+)\)", text)))


def used_in_code() -> set[str]:
    """Every message that the program's modules name."""
    found: set[str] = set()
    for _path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in CALLS:
                found.update(a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))
    return found


def used_in_templates() -> set[str]:
    """Every message that the templates name."""
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"])
    found: set[str] = set()
    for path in templates():
        text = path.read_text(encoding="utf-8")
        for _line, function, message in environment.extract_translations(text, gettext_functions=tuple(CALLS)):
            if function in CALLS:
                found.update(m for m in (message if isinstance(message, tuple) else (message,)) if m)
    return found


def raised_codes() -> set[str]:
    """The codes of every refusal in the program."""
    found: set[str] = set()
    for _path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ROUTINES and node.args:
                code = node.args[0]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    found.add(code.value)
    return found


def rooms_words() -> dict[str, tuple[dict[str, object], dict[str, object]]]:
    """Each room's terms and refusals."""
    found = {}
    for room in ROOMS:
        if (ROOT / "portal" / room / "words.py").exists():
            module = importlib.import_module(f"portal.{room}.words")
            found[room] = (module.TERMS, module.REFUSALS)
    return found


def test_every_message_has_its_chinese():
    assert [m.id for m in messages() if not str(m.string).strip()] == []


def test_no_translation_is_a_guess():
    assert [m.id for m in messages() if m.fuzzy] == []


def test_the_catalogue_knows_every_message_in_use():
    known = {m.id if isinstance(m.id, str) else m.id[0] for m in messages()}
    missing = {m for m in used_in_code() | used_in_templates() if m not in known}
    assert sorted(missing) == []


def test_a_message_is_translated_once():
    """Of two translations the second is never shown: two meanings need two English messages."""
    ids = re.findall(r'^msgid ((?:".+"\n)+)', CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [one for one, times in Counter(ids).items() if times > 1] == []


def test_a_translation_fills_the_same_facts():
    assert [m.id for m in messages() if facts_of(str(m.id)) != facts_of(str(m.string))] == []


def test_chinese_has_chinese_punctuation():
    assert {m.id: m.string for m in messages() if half_width(str(m.string))} == {}


def test_chinese_is_chinese():
    """A translation without one Chinese sign is a forgotten one, but for signs and abbreviations."""
    left = [m.id for m in messages() if not re.search(f"[{HAN}]", str(m.string)) and m.string != m.id]
    same = [m.id for m in messages() if m.string == m.id and not MAY_STAY.match(PLACEHOLDER.sub("", str(m.id)))]
    assert [x for x in left + same if not MAY_STAY.match(PLACEHOLDER.sub("", str(x)))] == []


def test_the_compiled_catalogue_is_the_written_one():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        translations = GNUTranslations(file)
    old = [m.id for m in messages() if isinstance(m.id, str) and translations.gettext(m.id) != m.string]
    assert old == []


def test_every_refusal_has_its_sentence():
    known = {code for _terms, refusals in rooms_words().values() for code in refusals}
    assert sorted(raised_codes() - known) == []


def test_a_code_has_one_owner():
    seen: dict[str, str] = {}
    twice = []
    for room, (terms, refusals) in rooms_words().items():
        for code in [*terms, *(f"refusal.{r}" for r in refusals)]:
            if code in seen:
                twice.append((code, seen[code], room))
            seen[code] = room
    assert twice == []


def test_every_code_on_the_screen_has_a_word():
    terms = {code for terms, _ in rooms_words().values() for code in terms}
    wanted = {
        "state": rules.STATES, "level": rules.LEVELS, "channel": rules.CHANNELS, "type": rules.TYPES, "role": ROLES,
        "category": rules.CATEGORIES, "cause": rules.CAUSES, "means": rules.MEANS, "pause": rules.PAUSES,
        "outcome": rules.OUTCOMES, "impact": rules.IMPACTS, "event": [kind.__name__ for kind in APPLY],
        "verdict": ("satisfied", "accepts", "not_satisfied"), "decision": ("adopted", "planned", "not_adopted"),
    }  # fmt: skip
    assert sorted(f"{f}.{c}" for f, codes in wanted.items() for c in codes if f"{f}.{c}" not in terms) == []


def whole_codes(text: str) -> set[str]:
    """Codes that a template or module gives to term() in full."""
    return set(re.findall(r"\bterm\(\s*[\"']([\w.]+\.\w+)[\"']\s*\)", text))


def test_every_term_named_in_full_exists():
    terms = {code for terms, _ in rooms_words().values() for code in terms}
    files: list[Path] = [*templates(), *(ROOT / path for path, _ in modules())]
    missing = {(p.name, c) for p in files for c in whole_codes(p.read_text(encoding="utf-8")) if c not in terms}
    assert sorted(missing) == []


def test_each_check_bites():
    assert half_width("已并入(见另一工单)")
    assert half_width("时间:明天")
    assert not half_width("已并入（见 %(no)s）：%(why)s")
    assert facts_of("%(a)s") != facts_of("%(b)s")
    assert whole_codes("{{ term('state.no_such') }}") == {"state.no_such"}
