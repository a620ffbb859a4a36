"""How customers are recognised, what may happen to their files, and how their data is masked. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from portal.directory import events as e
from portal.kernel.errors import Invalid, Refused

KINDS = ("phone", "email", "number", "name", "document", "other")
LONGEST_MARK = timedelta(days=365)
LEAST_FRAGMENT = 3  # characters of a number that are searched as a fragment
COMPANY_WORDS = re.compile(r"(股份有限公司|有限责任公司|有限公司|公司|集团|co|ltd|inc|company|limited)+$")


def digits(phone: str) -> str:
    """The digits of a telephone number, +86 and 0086 dropped."""
    found = re.sub(r"\D", "", phone)
    for prefix in ("0086", "86"):
        if found.startswith(prefix) and len(found) == len(prefix) + 11:
            return found[len(prefix) :]
    return found


def kind_of(text: str) -> str:
    """What an identity is that was typed without saying so: address, telephone number, or customer number."""
    phone = digits(text)
    if "@" in text:
        return "email"
    return "phone" if len(phone) >= 7 and len(phone) >= len(text) - 6 else "number"


def folded(kind: str, value: str) -> str:
    """The form in which an identity is compared and found: digits of a telephone number, else lower case, no gaps."""
    if kind == "phone":
        return digits(value) or value.strip().lower()
    text = "".join(unicodedata.normalize("NFKC", value).lower().split())
    return re.sub(r"[\W_]+", "", text) if kind in ("name", "document") else text


def company_name(name: str) -> str:
    """A firm's name without its legal form, so that 望湖超市 and 望湖超市有限公司 meet."""
    return COMPANY_WORDS.sub("", folded("name", name))


def dial(contact: str) -> str:
    """The address that a tap calls, `tel:13800130013`; empty for what is no whole telephone number."""
    number = re.sub(r"[\s()\-—]", "", contact)
    return f"tel:{number}" if re.fullmatch(r"\+?\d{5,16}", number) else ""


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


def masked(kind: str, value: str) -> str:
    """An identity as somebody reads it who does not need it."""
    return masked_name(value) if kind == "name" else masked_phone(value)


def say(text: str, field: str, least: int = 2) -> str:
    """The text without blanks around it. Raises Invalid when it says nothing."""
    found = text.strip()
    if len(found) < least:
        raise Invalid("text_missing", field=field)
    return found


def standing(file: Any) -> None:
    """Raises Refused for a file that was merged: the other one is changed instead."""
    if file.merged_into:
        raise Refused("file_merged", file=f"KH{file.merged_into:06d}")


def change(file: Any, *, name: str, prefers: str, prefers_time: str) -> e.FileChanged:
    """Another name, means or time."""
    standing(file)
    was = (file.name, file.prefers, file.prefers_time)
    if (name.strip(), prefers, prefers_time.strip()) == was:
        raise Invalid("nothing_changed", field="name")
    return e.FileChanged(say(name, "name", 1), prefers, prefers_time.strip(), was)


def add_contact(file: Any, *, kind: str, value: str, note: str) -> e.ContactAdded:
    """Another identity; each once."""
    standing(file)
    if kind not in KINDS:
        raise Invalid("choose_kind", field="kind")
    text = say(value, "value")
    if kind == "phone" and len(digits(text)) < 5:
        raise Invalid("phone_short", field="value")
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise Invalid("email_unreadable", field="value")
    if any(c.kind == kind and c.folded == folded(kind, text) for c in file.contacts):
        raise Invalid("contact_known", field="value")
    return e.ContactAdded(kind, text, note.strip())


def drop_contact(file: Any, *, contact_id: int, reason: str) -> e.ContactDropped:
    """Takes an identity away; the last one that is no name stays, or nobody would find the file."""
    standing(file)
    row = next((c for c in file.contacts if c.id == contact_id), None)
    if row is None:
        raise Refused("contact_gone")
    if row.kind != "name" and sum(c.kind != "name" for c in file.contacts) == 1:
        raise Refused("last_contact")
    return e.ContactDropped(row.kind, row.value, say(reason, "reason"))


def set_class(file: Any, *, category: str, reason: str, known: Iterable[str]) -> e.ClassSet:
    """Another class, with its reason."""
    standing(file)
    if category not in known or category == file.category:
        raise Invalid("choose_class", field="category")
    return e.ClassSet(category, file.category, say(reason, "reason"))


def propose_mark(file: Any, now: datetime, *, reason: str, until: datetime | None) -> e.NuisanceProposed:
    """A nuisance mark to be approved; it ends by itself within a year (IN14 [H])."""
    standing(file)
    if file.nuisance:
        raise Refused("mark_there")
    if until is None or not now < until <= now + LONGEST_MARK:
        raise Invalid("mark_until", field="until")
    return e.NuisanceProposed(say(reason, "reason"), int(until.timestamp()))


def decide_mark(file: Any, *, by: int, approved: bool, words: str) -> e.NuisanceDecided:
    """Somebody else than who asked decides."""
    if not file.nuisance or file.nuisance["state"] != "proposed":
        raise Refused("mark_absent")
    if file.nuisance["by"] == by:
        raise Refused("own_proposal")
    return e.NuisanceDecided(approved, words.strip() if approved else say(words, "words"))


def lift_mark(file: Any, *, reason: str) -> e.NuisanceLifted:
    """Takes the mark away."""
    if not file.nuisance:
        raise Refused("mark_absent")
    return e.NuisanceLifted(say(reason, "reason"))


def marked(file: Any, now: datetime) -> dict[str, Any] | None:
    """The approved mark that holds now, or None; it has no effect but to be shown."""
    mark = file.nuisance
    return mark if mark and mark["state"] == "marked" and now.timestamp() < mark["until"] else None


def propose_pair(main: Any, other: Any, grounds: tuple[str, ...], reason: str) -> e.PairProposed:
    """Two files of one customer; two identity documents that differ need a reason."""
    if main.id == other.id:
        raise Invalid("pair_itself", field="other")
    for file in (main, other):
        if file.merged_into:
            raise Invalid("pair_merged", field="other", file=f"KH{file.id:06d}")
    if documents_differ(main, other) and len(reason.strip()) < 8:
        raise Invalid("pair_documents", field="reason")
    return e.PairProposed("", grounds, reason.strip())


def documents_differ(one: Any, two: Any) -> bool:
    """Whether both files hold identity documents and none is the same."""
    first, second = ({c.folded for c in f.contacts if c.kind == "document"} for f in (one, two))
    return bool(first and second and not first & second)


def grounds(one: Any, two: Any) -> tuple[str, ...]:
    """Why two files are likely one customer's: what both hold, and a name that is not enough by itself."""
    both = {(c.kind, c.folded) for c in one.contacts} & {(c.kind, c.folded) for c in two.contacts}
    found = [kind for kind in ("phone", "email", "number", "document") if any(k == kind for k, _ in both)]
    names = any(k == "name" for k, _ in both)
    tails = [{c.folded[-4:] for c in f.contacts if c.kind == "phone"} for f in (one, two)]
    if names and (tails[0] & tails[1]):
        found.append("name_tail")
    firm = any(f.category == "company" or company_name(f.name) != folded("name", f.name) for f in (one, two))
    if firm and company_name(one.name) == company_name(two.name) and len(company_name(one.name)) >= 4:
        found.append("name_company")
    return tuple(found)
