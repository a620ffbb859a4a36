"""Templates and style sheets: nothing inline, every link works without script, partials fit where they are swapped."""

import re
from itertools import pairwise

import pytest

from tests.house.reading import ROOT, bare, templates

VOID = ("area", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "path", "rect", "circle", "line")
# what never stands in a template: pattern and why
FORBIDDEN = {
    r"\bhx-on\b": "script in an attribute",
    r"\bjs:|javascript:": "script in an attribute",
    r"hx-trigger=\"[^\"]*\[": "a filter is script",
    r"\bhx-vals=\"js": "script in an attribute",
    r"\sstyle=": "inline style",
    r"<style\b": "inline style",
    r"<[a-z-]+\b[^>{]*\son[a-z]+=": "script in an attribute",
    r"<script(?![^>]*\bsrc=)": "inline script",
    r"(?<!')\|\s*safe\b(?!\|format)": "unescaped text",
    r"https?://(?!www\.w3\.org/)": "an address outside",
}
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?!\s*[{,>.])|\b(?:rgba?|hsla?|oklch|lab)\(")
PRINTED = ("print/",)  # printed pages carry their style with them: nothing else reaches the PDF


def inline(text: str) -> list[str]:
    """What must not stand in a template."""
    return [why for pattern, why in FORBIDDEN.items() if re.search(pattern, bare(text))]


def links_without_address(text: str) -> list[str]:
    """Anchors that only the script can follow."""
    tags = re.findall(r"<a\b(?:[^>{]|{{.*?}}|{%.*?%}|{(?![{%]))*>", bare(text), flags=re.DOTALL)
    return [tag for tag in tags if "hx-" in tag and "href=" not in tag]


def forms_without_address(text: str) -> list[str]:
    """Forms that only the script can send (macros write address and method themselves)."""
    tags = re.findall(r"<form\b(?:[^>{]|{{.*?}}|{%.*?%}|{(?![{%]))*>", bare(text), flags=re.DOTALL)
    return [t for t in tags if "hx-post" in t and not ("action=" in t and 'method="post"' in t)]


def roots(text: str) -> list[str]:
    """The outermost tags of a partial, its Jinja statements taken away."""
    text = re.sub(r"{%-?\s*macro\b.*?endmacro\s*-?%}", "", bare(text), flags=re.DOTALL)
    text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL)
    depth, found = 0, []
    for closing, tag, rest in re.findall(r"<(/?)([a-z][a-z0-9-]*)((?:[^>\"]|\"[^\"]*\")*)>", text):
        if closing:
            depth -= 1
            continue
        if depth == 0:
            found.append(f"{tag} {rest.strip()}")
        if tag not in VOID and not rest.rstrip().endswith("/"):
            depth += 1
    return found


def partials() -> list[str]:
    return [str(p.relative_to(ROOT / "templates")) for p in templates() if p.name.startswith("_")]


def read(name: str) -> str:
    return (ROOT / "templates" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [str(p.relative_to(ROOT / "templates")) for p in templates()])
def test_nothing_inline_and_no_dead_links(name):
    text = read(name)
    found = inline(text.replace("PAPER[name]|safe", ""))
    if name.startswith(PRINTED):
        found = [why for why in found if why != "inline style"]
    assert found + links_without_address(text) + forms_without_address(text) == []


# swapped into an element that has the id, so they bring only what stands inside it
INSIDES = {"desk/_body.html", "desk/_row.html", "desk/_filters.html", "desk/_keys.html", "archive/_options.html",
           "archive/_search_help.html", "archive/_search_head.html", "archive/_search_deeds.html",
           "archive/_search_days.html",
           "incidents/_board.html", "incidents/_head.html", "incidents/_bar.html",
           "incidents/_wall.html", "workflows/_orders_body.html",
           "workflows/_ledger_rows.html", "incidents/_status_body.html",
           "incidents/_wall_head.html", "incidents/_done.html", "desk/_case_why.html"}  # fmt: skip
INCLUDED = (
    "layout/",
    "incidents/_macros.html",
    "incidents/_closing.html",
    "incidents/_after.html",
    "incidents/_calls.html",
    "incidents/_measures.html",
    "incidents/_drill.html",
    "print/_",
    "incidents/_news.html",
    "reports/_parts.html",
    "desk/_news.html",
    "corporate/_",
)  # never swapped


@pytest.mark.parametrize("name", partials())
def test_a_partial_says_who_renders_it_and_is_one_element_with_an_id(name):
    text = read(name)
    if not name.startswith("layout/"):
        assert re.match(r"{# (Rendered|Extended|Included|Macro|Shared|The )", text), "the first line says who and what"
    if name in INSIDES or name.startswith(INCLUDED):
        return
    found = roots(text)
    if found and all(tag.startswith("hx-partial") for tag in found):
        assert all("hx-target=" in tag for tag in found)
        return
    if not found and re.search(r"{%\s*(include|call)|{{\s*\w+\(", bare(text)):
        return  # a bundle of other partials
    assert len(found) == 1
    assert re.search(r'\bid="', found[0])


def declarations(css: str) -> str:
    """A style sheet without comments."""
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def colours(css: str) -> list[str]:
    """Colour values in declarations, selectors and tokens given anew (for paper) apart."""
    found = []
    for line in declarations(css).splitlines():
        line = line.rsplit("{", 1)[-1] if "}" in line else line
        if ":" in line and not line.strip().startswith("--c-") and not line.rstrip().endswith(("{", ",")):
            found += COLOUR.findall(line.split(":", 1)[1])
    return found


def test_colour_values_stand_in_the_tokens_alone():
    sheets = [p for p in sorted((ROOT / "static").glob("*.css")) if p.name != "tokens.css"]
    assert {p.name: found for p in sheets if (found := colours(p.read_text(encoding="utf-8")))} == {}


def dark_lists() -> list[dict[str, str]]:
    """The two lists of dark values: chosen by the person, and by the system."""
    css = declarations((ROOT / "static" / "tokens.css").read_text(encoding="utf-8"))
    blocks = re.findall(r'\[data-bs-theme="(?:dark|auto)"\]\s*{(.*?)}', css, flags=re.DOTALL)
    return [dict(re.findall(r"([\w-]+):\s*(.+?);", block)) for block in blocks]


def test_the_dark_values_stand_twice_and_are_equal():
    lists = dark_lists()
    assert len(lists) == 2
    assert all(a == b and len(a) > 20 for a, b in pairwise(lists))


def test_dark_and_light_name_the_same_tokens():
    css = declarations((ROOT / "static" / "tokens.css").read_text(encoding="utf-8"))
    light = re.search(r':root,\s*\[data-bs-theme="light"\]\s*{(.*?)}', css, flags=re.DOTALL)
    assert light
    assert set(re.findall(r"(--[\w-]+):", light[1])) == {n for n in dark_lists()[0] if n.startswith("--")}


def test_every_token_used_is_defined():
    sheets = [p.read_text(encoding="utf-8") for p in (ROOT / "static").glob("*.css")]
    defined = {name for css in sheets for name in re.findall(r"(--[\w-]+)\s*:", css)}
    used = {name for css in sheets for name in re.findall(r"var\((--[\w-]+)\s*\)", css)}
    assert sorted(n for n in used - defined if not n.startswith("--bs-")) == []


BAD = [
    (inline, '<p style="color: red">x</p>'),
    (inline, '<button onclick="go()">x</button>'),
    (inline, "<script>go()</script>"),
    (inline, '<a hx-trigger="keyup[key==1]">x</a>'),
    (inline, '<b hx-on:click="x">'),
    (inline, "{{ text|safe }}"),
    (inline, "{{ text | safe | trim }}"),
    (inline, '<img src="https://elsewhere.example/x.png">'),
    (links_without_address, '<a class="x" hx-get="{{ url }}">x</a>'),
    (forms_without_address, '<form hx-post="/x">'),
    (colours, "a { b:\n  color: #fff;\n}"),
    (colours, ".x {\n  background: rgb(0 0 0);\n}"),
]


@pytest.mark.parametrize(("check", "sample"), BAD)
def test_each_check_bites(check, sample):
    assert check(sample)


def test_two_roots_are_seen():
    assert len(roots('{# x #}<p id="a">x</p>{% if y %}<p>z</p>{% endif %}')) == 2
