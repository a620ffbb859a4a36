"""The form of the escalation ladder: its fields are made for as many steps as there are, and one more."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectMultipleField, StringField

from portal.clocks import ladder_view
from portal.clocks.ladder import CHAIN, DUE, LEVELS, load_ladder
from portal.clocks.ladder_drafts import ladder_of, sealed
from portal.kernel.errors import Invalid
from portal.kernel.forms import Form

MOST_STEPS = 8
LONGEST = 43_200  # minutes: thirty days


class LadderForm(Form):
    """What stands beside the steps: warning point, times to acknowledge, quiet hours."""

    share = StringField(_l("Warning point, per cent of the limit"))
    quiet_from = StringField(_l("Quiet from"))
    quiet_until = StringField(_l("Quiet until"))
    quiet_levels = SelectMultipleField(_l("Levels that have quiet hours"), choices=LEVELS, validate_choice=False)
    seen = HiddenField()
    count = 0
    numbers: list[int]

    def step(self, name: str, number: int) -> Any:
        """The field of this name of a step."""
        return self[f"{name}_{number}"]

    def offer(self) -> None:
        """Fills the lists of people."""
        for number in range(1, self.count + 1):
            self.step("to", number).choices = [(name, ladder_view.role(name)) for name in CHAIN]

    def put(self, data: Mapping[str, Any]) -> None:
        """Shows the ladder of a document as it is."""
        ladder = load_ladder(ladder_of(data))
        for number, one in enumerate(ladder.steps, 1):
            self.step("to", number).data, self.step("waits", number).data = list(one.to), one.waits
            if number > DUE:
                self.step("share", number).data = ladder_view.per_cent(one.share)
                for level in LEVELS:
                    self.step(f"minutes_{level}", number).data = str(one.minutes.get(level, ""))
        for level, answer in ladder.answers.items():
            self[f"answer_{level}"].data, self[f"working_{level}"].data = str(answer.seconds // 60), answer.working
        self.share.data = ladder_view.per_cent(data["warn_share"])
        self.quiet_from.data, self.quiet_until.data = map(ladder_view.hour, ladder.quiet)
        self.quiet_levels.data = sorted(ladder.quiet_levels)
        self.seen.data = sealed(data)

    def typed(self) -> tuple[dict[str, Any], float]:
        """The ladder in its raw form and the warning point. Raises Invalid at a field that cannot be read."""
        kept = [n for n in range(1, self.count + 1) if n <= DUE or not self._dropped(n)]
        self.numbers = kept
        ladder = {
            "steps": [self._step(n) for n in kept],
            "acknowledge": {level: self._answer(level) for level in LEVELS if self._text(f"answer_{level}")},
            "quiet": {
                "levels": [level for level in LEVELS if level in (self.quiet_levels.data or ())],
                "from": self._text("quiet_from"),
                "until": self._text("quiet_until"),
            },
        }
        share = self._text("share").rstrip("%％ ")
        if not re.fullmatch(r"[1-9]\d?", share):
            raise Invalid("ladder_share_unreadable", field="share")
        return ladder, int(share) / 100

    def place(self, refused: Any) -> None:
        """Names the step as the page does: those that were left out are counted there."""
        found = re.fullmatch(r"(.+)_(\d+)", refused.facts.get("field", ""))
        if found and "step" in refused.facts:
            number = self.numbers[int(found[2]) - 1]
            refused.facts |= {"field": f"{found[1]}_{number}", "step": number}

    def _dropped(self, number: int) -> bool:
        """Left out by its box; the empty one at the end is no step."""
        names = (f"share_{number}", *(f"minutes_{level}_{number}" for level in LEVELS))
        typed = any(self._text(name) for name in names) or self.step("to", number).data
        return bool(self.step("drop", number).data) or (number == self.count and not typed)

    def _step(self, number: int) -> dict[str, Any]:
        chosen = self.step("to", number).data or []
        known = [name for name in CHAIN if name in chosen]
        to = known + sorted(set(chosen) - set(known))
        waits = {"waits": True} if self.step("waits", number).data else {}
        if number <= DUE:
            return {"at": ("warn", "due")[number - 1], "to": to} | waits
        minutes = {level: self._minutes(f"minutes_{level}_{number}") for level in LEVELS}
        found: dict[str, Any] = {"at": "after", "share": self._share(f"share_{number}"), "to": to} | waits
        given = {level: n for level, n in minutes.items() if n is not None}
        return found | ({"minutes": given} if given else {})

    def _answer(self, level: str) -> dict[str, int]:
        minutes = self._minutes(f"answer_{level}") or 0
        return {"working_minutes" if self[f"working_{level}"].data else "minutes": minutes}

    def _share(self, name: str) -> float:
        text = self._text(name).rstrip("%％ ")
        if not re.fullmatch(r"-?\d{1,4}(\.\d{1,2})?", text, re.ASCII):
            raise Invalid("ladder_number_unreadable", field=name)
        return round(float(text) / 100, 6)

    def _minutes(self, name: str) -> int | None:
        text = self._text(name)
        if text and not (re.fullmatch(r"-?\d{1,5}", text, re.ASCII) and int(text) <= LONGEST):
            raise Invalid("ladder_minutes_unreadable", field=name)
        return int(text) if text else None

    def _text(self, name: str) -> str:
        return (self[name].data or "").strip()


@lru_cache(maxsize=MOST_STEPS)
def form_of(count: int) -> type[LadderForm]:
    """The form for so many steps, the last of them a new one."""
    fields: dict[str, Any] = {"count": count}
    for number in range(1, count + 1):
        fields[f"to_{number}"] = SelectMultipleField(_l("Who is told"), validate_choice=False)
        fields[f"waits_{number}"] = BooleanField(_l("Waits in quiet hours"))
        if number > DUE:
            fields[f"share_{number}"] = StringField(_l("After due, per cent of the limit"))
            fields[f"drop_{number}"] = BooleanField(_l("Leave this step out"))
            for level in LEVELS:
                fields[f"minutes_{level}_{number}"] = StringField(_l("%(level)s: minutes instead", level=level))
    for level in LEVELS:
        fields[f"answer_{level}"] = StringField(_l("%(level)s: minutes to acknowledge", level=level))
        fields[f"working_{level}"] = BooleanField(_l("of working time"))
    return type("LadderForm", (LadderForm,), fields)
