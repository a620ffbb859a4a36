"""How entries about departments working together read in the history."""

from collections.abc import Mapping
from typing import Any

from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant

Facts = Mapping[str, Any]
Told = tuple[str, str, str, bool]


def _given(f: Facts) -> Told:
    who = f"{f['unit']} · {f['person']}" if f["person"] else f["unit"]
    return who, _("Due %(at)s", at=instant(f["due"])), f["text"], False


def _again(f: Facts) -> Told:
    return f["text"], _("Due %(at)s", at=instant(f["due"])), f["words"], False


TELLERS: dict[str, Any] = {
    "DutyNamed": lambda f: (f["unit"], "", f["duty"], False),
    "TaskGiven": _given,
    "TaskReported": lambda f: (f["text"], "", f["words"], False),
    "TaskFinished": lambda f: (f["text"], "", f["evidence"], False),
    "TaskReturned": lambda f: (f["text"], "", f["words"], False),
    "TaskReopened": _again,
    "TaskChased": lambda f: (f["text"], "", f["words"], False),
    "TaskHanded": lambda f: (f["person"], _("in place of %(name)s", name=f["instead_of"]), f["text"], False),
    "DelayAnswered": lambda f: ("", "", f["words"], False),
}
