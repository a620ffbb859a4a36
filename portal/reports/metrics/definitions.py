"""The definitions of all figures: one each, with what it counts, what it leaves out, and which facts it needs.

A definition reads one relation of rows (case, instant, dimensions, hit): its denominator are the rows, its numerator
the hits. Names, formulas and reasons are words (`kpi.*`, `formula.*`); docs/kpi.md is their table, kept by a test.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from portal.reports.rules import ATTAINMENT_TARGET, SATISFACTION_TARGET

GROUPS = ("volume", "time", "attainment", "rate", "satisfaction", "hotline", "corporate", "quality")
LIMITS = (
    "entry", "acknowledgement", "judgement", "first_response", "lead_contact", "start_of_work", "progress",
    "next_reply", "answer", "department_result", "result", "acceptance", "callback", "confirmation", "promise",
    "dispute", "approval", "tier",
)  # fmt: skip
CASES = ("exercise", "void", "merged")
CLOCKS = (*CASES, "cancelled", "paused")


@dataclass(frozen=True)
class Kpi:
    """One figure. `mode`: count (rows), hits, hit or miss (share), length (seconds in hit), elsewhere, calls."""

    code: str
    group: str
    clause: str
    relation: str = ""
    mode: str = "count"
    only: str = ""  # keeps the rows of one code: a kind of limit, an outcome
    unit: str = "cases"
    target: float | None = None
    more_is_better: bool = True
    leaves: tuple[str, ...] = CASES
    pinned: bool = False  # each case by the version of the policy it began with; else no limit is in it
    fact: str = ""  # the fact it needs, in code: what stands in docs/kpi.md
    source: str = ""  # where the fact comes from
    written: bool = False  # without the live channels
    absent: str = ""  # the reason why its fact is not there

    @property
    def name(self) -> tuple[str, ...]:
        """Terms that name it, to be put side by side."""
        if self.group == "attainment" and self.only:
            return f"kpi.{self.code.partition('.')[0]}", f"clock.{self.only}"
        return (f"kpi.{self.code}",)

    @property
    def formula(self) -> str:
        """The term of its formula in words."""
        return f"formula.{self.code.partition('.')[0]}"


class Key(NamedTuple):
    """What a figure is kept under: its code and what was asked for."""

    code: str
    want: tuple[tuple[str, str], ...]


JOURNAL, CASE, CLOCK = "journal", "cases", "clock"

_VOLUMES = (
    Kpi("received", "volume", "RE2", "received", leaves=("exercise",), fact="Case.received_at", source=CASE),
    Kpi("closed", "volume", "RE2", "closings", fact="Closed", source=JOURNAL),
    Kpi("reopened", "volume", "QU9", "moves", only="reopened", leaves=("exercise",), fact="Reopened", source=JOURNAL),
    Kpi("taken_over", "volume", "QU2", "moved", only="in", leaves=("exercise",), fact="clock_segment", source=CLOCK),
    Kpi("handed_on", "volume", "QU2", "moved", only="out", leaves=("exercise",), fact="clock_segment", source=CLOCK),
    Kpi("merged", "volume", "QU9", "moves", only="merged", leaves=("exercise",), fact="Merged", source=JOURNAL),
    Kpi("void", "volume", "SL11", "moves", only="void", leaves=("exercise",), fact="Voided", source=JOURNAL),
    Kpi("opening", "volume", "RE2", "opening", leaves=("exercise",), fact="received, ended, reopened", source=JOURNAL),
    Kpi("closing", "volume", "RE2", "closing", leaves=("exercise",), fact="received, ended, reopened", source=JOURNAL),
    Kpi("waiting", "volume", "SL11", "closing", "hits", leaves=("exercise",), fact="clock confirmation", source=CLOCK),
)
_LENGTHS = (
    Kpi("first_response", "time", "SL1", "first_response", "length", unit="s",
        fact="clock first_response", source=CLOCK),
    Kpi("staff_solved", "time", "SL1", "staff_solved", "length", unit="s", fact="Told", source=JOURNAL),
    Kpi("final_solved", "time", "SL1", "final_solved", "length", unit="s", fact="Case.confirmed_at, Reopened",
        source=JOURNAL),
    Kpi("confirmed_wall", "time", "SL1", "confirmed_wall", "length", unit="s", fact="Case.confirmed_at", source=CASE),
    Kpi("reply", "time", "SL1", "reply", "length", unit="s", fact="clock next_reply", source=CLOCK),
    Kpi("backlog", "time", "QU11", "age", "length", unit="s", leaves=("exercise",), fact="Case.received_at",
        source=CASE),
)  # fmt: skip
_ATTAINED = (
    Kpi("attainment", "attainment", "QA2", "agreed", "hit", unit="%", target=ATTAINMENT_TARGET, leaves=CLOCKS,
        pinned=True, fact="clock due_at, agreed_at, stopped_at", source=CLOCK),
    Kpi("attainment_original", "attainment", "QA2", "original", "hit", unit="%", target=ATTAINMENT_TARGET,
        leaves=CLOCKS, pinned=True, fact="clock due_at, met_original", source=CLOCK),
    Kpi("attainment_written", "attainment", "SL1", "agreed", "hit", unit="%", target=ATTAINMENT_TARGET,
        leaves=(*CLOCKS, "live"), pinned=True, written=True, fact="clock due_at, agreed_at; Case.channel",
        source=CLOCK),
    Kpi("original_written", "attainment", "SL1", "original", "hit", unit="%", target=ATTAINMENT_TARGET,
        leaves=(*CLOCKS, "live"), pinned=True, written=True, fact="clock due_at, met_original; Case.channel",
        source=CLOCK),
)  # fmt: skip
_LESS = {"unit": "%", "more_is_better": False}
_RATES = (
    Kpi("late_entry", "rate", "IN4", "original", "miss", "entry", leaves=CLOCKS, pinned=True, fact="clock entry",
        source=CLOCK, unit="%", more_is_better=False),
    Kpi("resolution", "rate", "QA2", "resolved", "hit", unit="%", fact="Closed.outcome", source=JOURNAL),
    Kpi("first_contact", "rate", "QA2", "first_contact", "hit", unit="%", fact="Told, clock first_response",
        source=JOURNAL),
    Kpi("first_contact_net", "rate", "QA2", "first_contact_net", "hit", unit="%",
        fact="Told, Reopened, later cases of the customer", source=JOURNAL),
    Kpi("first_call", "rate", "QA2", "first_contact_net", "hit", "hotline", unit="%",
        fact="Told, Reopened, Case.channel", source=JOURNAL),
    Kpi("reopen", "rate", "QA2", "solved", "hit", fact="Closed, Reopened", source=JOURNAL, **_LESS),  # type: ignore[arg-type]
    Kpi("repeat", "rate", "IN8", "repeated", "hit", fact="Told, later cases of the customer", source=JOURNAL,
        **_LESS),  # type: ignore[arg-type]
    Kpi("question_repeat", "rate", "IN8", "questions", "hit", fact="Case.category, request_type", source=CASE,
        **_LESS),  # type: ignore[arg-type]
    Kpi("chase", "rate", "QA2", "chased", "hit", fact="Chased.by_customer", source=JOURNAL, **_LESS),  # type: ignore[arg-type]
    Kpi("extension", "rate", "SL7", "extended", "hit", fact="Case.extensions, clock result", source=CLOCK,
        pinned=True, **_LESS),  # type: ignore[arg-type]
    Kpi("promise_kept", "rate", "SL7", "agreed", "hit", "promise", unit="%", leaves=CLOCKS, fact="clock promise",
        source=CLOCK),
    Kpi("returned", "rate", "QU2", "returned", "hit", fact="Case.transfers, returns", source=CASE, **_LESS),  # type: ignore[arg-type]
    Kpi("level_accuracy", "rate", "SL5", "judged", "hit", unit="%", fact="Judged.basis", source=JOURNAL),
)  # fmt: skip
_SATISFIED = (
    Kpi("satisfaction", "satisfaction", "SA1", "rated", "hit", unit="%", target=SATISFACTION_TARGET,
        fact="Rated.overall", source=JOURNAL),
    Kpi("rating_response", "satisfaction", "SA1", "asked", "hit", unit="%", fact="Rated", source=JOURNAL),
    Kpi("nps", "satisfaction", "SA1", unit="points", fact="recommendation 0-10", source="-", leaves=(),
        absent="not_asked"),
    Kpi("effort", "satisfaction", "SA1", unit="points", fact="effort question", source="-", leaves=(),
        absent="not_asked"),
)  # fmt: skip
_CALLED = {"mode": "calls", "source": "call_record", "leaves": ()}
_CALLS = (
    Kpi("service_level", "hotline", "QA2", unit="%", fact="call offered, answered, ended", **_CALLED),  # type: ignore[arg-type]
    Kpi("busy_level", "hotline", "SL1", unit="%", fact="call offered, answered, ended, busy", **_CALLED),  # type: ignore[arg-type]
    Kpi("answer_rate", "hotline", "QA2", unit="%", fact="call offered, answered", **_CALLED),  # type: ignore[arg-type]
    Kpi("abandon", "hotline", "QA2", fact="call offered, ended", **_LESS, **_CALLED),  # type: ignore[arg-type]
    Kpi("asa", "hotline", "QA2", unit="s", more_is_better=False, fact="call offered, answered", **_CALLED),  # type: ignore[arg-type]
    Kpi("aht", "hotline", "QA2", unit="s", more_is_better=False, fact="call answered, ended, after", **_CALLED),  # type: ignore[arg-type]
    Kpi("call_transfer", "hotline", "QA2", fact="call answered, handed", **_LESS, **_CALLED),  # type: ignore[arg-type]
)  # fmt: skip
_CORPORATE = (
    Kpi("on_time.verification", "corporate", "QA2", mode="elsewhere", only="verification", unit="%",
        leaves=("cancelled", "paused"), fact="work_order due, ended", source="workflows"),
    Kpi("on_time.provisioning", "corporate", "QA2", mode="elsewhere", only="provisioning", unit="%",
        leaves=("cancelled", "paused"), fact="work_order due, ended", source="workflows"),
    Kpi("on_time.fault", "corporate", "QA2", mode="elsewhere", only="fault", unit="%",
        leaves=("cancelled", "paused"), fact="work_order due, ended", source="workflows"),
    Kpi("provisioning_cycle", "corporate", "QA2", mode="elsewhere", unit="s", leaves=("paused",),
        fact="work_order started, ended, pauses", source="workflows"),
    Kpi("service_reports", "corporate", "WF6", mode="elsewhere", unit="%", leaves=("cancelled",),
        fact="corporate_due due, ended", source="corporate"),
)  # fmt: skip
_QUALITY = (
    Kpi("record_accuracy", "quality", "QA1", unit="%", fact="sampled records", source="-", leaves=(),
        absent="no_samples"),
    Kpi("inspection_pass", "quality", "QA1", unit="%", fact="scored samples", source="-", leaves=(),
        absent="no_samples"),
    Kpi("report_on_time", "quality", "RE2", mode="elsewhere", unit="%", leaves=(), fact="paper due, published",
        source="reports"),
    Kpi("major_complaint", "quality", "EM11", mode="elsewhere", unit="%", leaves=("exercise", "merged"),
        fact="incident_task due, done", source="incidents"),
)  # fmt: skip
FAMILIES = (*_VOLUMES, *_LENGTHS, *_ATTAINED, *_RATES, *_SATISFIED, *_CALLS, *_CORPORATE, *_QUALITY)


def _expanded(one: Kpi) -> tuple[Kpi, ...]:
    """An attainment stands for all limits together and for each kind of them."""
    if one.group != "attainment":
        return (one,)
    return (one, *(replace(one, code=f"{one.code}.{kind}", only=kind) for kind in LIMITS))


KPIS: dict[str, Kpi] = {kpi.code: kpi for one in FAMILIES for kpi in _expanded(one)}


def of_link(figure: str, code: str) -> Kpi | None:
    """The definition a link names: `figure=attainment&code=result` is `attainment.result`."""
    return KPIS.get(f"{figure}.{code}") if code and f"{figure}.{code}" in KPIS else KPIS.get(figure)
