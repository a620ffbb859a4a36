"""How customers are recognised and how their data is masked. Pure."""

import re


def digits(phone: str) -> str:
    """The digits of a telephone number, +86 and 0086 dropped."""
    found = re.sub(r"\D", "", phone)
    for prefix in ("0086", "86"):
        if found.startswith(prefix) and len(found) == len(prefix) + 11:
            return found[len(prefix) :]
    return found


def masked_phone(phone: str) -> str:
    """`138****0013`; short numbers keep their last two digits."""
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}"
    return "*" * max(0, len(phone) - 2) + phone[-2:]


def masked_name(name: str, category: str = "person") -> str:
    """`王**` for a person; a company keeps its name."""
    if category == "company" or len(name) > 5:
        return name
    return name[:1] + "**" if name else ""
