"""Words of the metrics room: names and formulas of figures, what they leave out, why one is not there, periods."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "call_outcome.answered": _l("answered"),
    "call_outcome.handed": _l("answered and handed on"),
    "call_outcome.abandoned": _l("abandoned"),
    "call_outcome.short": _l("hung up at once"),
    "kpi.received": _l("Received"),
    "kpi.closed": _l("Cases closed"),
    "kpi.reopened": _l("Reopened"),
    "kpi.taken_over": _l("Taken over from another department"),
    "kpi.handed_on": _l("Handed on to another department"),
    "kpi.merged": _l("Merged"),
    "kpi.void": _l("Void"),
    "kpi.opening": _l("Open at the start"),
    "kpi.closing": _l("Open at the end"),
    "kpi.waiting": _l("Told and waiting for confirmation"),
    "kpi.first_response": _l("Time to the first response"),
    "kpi.staff_solved": _l("Time until the result was told"),
    "kpi.final_solved": _l("Time until the customer confirmed"),
    "kpi.confirmed_wall": _l("Time until confirmed, closed time included"),
    "kpi.reply": _l("Time to the next reply"),
    "kpi.backlog": _l("Age of what is open"),
    "kpi.attainment": _l("Attainment, agreed limit"),
    "kpi.attainment_original": _l("Attainment, original limit"),
    "kpi.attainment_written": _l("Attainment, agreed limit, without live channels"),
    "kpi.original_written": _l("Attainment, original limit, without live channels"),
    "kpi.late_entry": _l("Late-entry rate"),
    "kpi.resolution": _l("Resolution rate"),
    "kpi.first_contact": _l("First-contact resolution, gross"),
    "kpi.first_contact_net": _l("First-contact resolution, net"),
    "kpi.first_call": _l("First-call resolution"),
    "kpi.reopen": _l("Reopen rate"),
    "kpi.repeat": _l("Repeat-contact rate"),
    "kpi.question_repeat": _l("Question repetition"),
    "kpi.chase": _l("Chase rate"),
    "kpi.extension": _l("Extension rate"),
    "kpi.promise_kept": _l("Promises kept"),
    "kpi.returned": _l("Return rate"),
    "kpi.level_accuracy": _l("Level accuracy"),
    "kpi.satisfaction": _l("Satisfaction rate"),
    "kpi.rating_response": _l("Response rate of ratings"),
    "kpi.nps": _l("Net promoter score"),
    "kpi.effort": _l("Customer effort score"),
    "kpi.service_level": _l("Hotline service level"),
    "kpi.busy_level": _l("Hotline service level while busy"),
    "kpi.answer_rate": _l("Hotline answer rate"),
    "kpi.abandon": _l("Hotline abandon rate"),
    "kpi.asa": _l("Average speed of answer"),
    "kpi.aht": _l("Average handle time"),
    "kpi.call_transfer": _l("Calls handed on"),
    "kpi.on_time.verification": _l("Resource verification on time"),
    "kpi.on_time.provisioning": _l("Provisioning on time"),
    "kpi.on_time.fault": _l("Fault handling on time"),
    "kpi.provisioning_cycle": _l("Provisioning cycle"),
    "kpi.service_reports": _l("Service reports on time"),
    "kpi.record_accuracy": _l("Record accuracy"),
    "kpi.inspection_pass": _l("Inspection pass rate"),
    "kpi.report_on_time": _l("Reports on time"),
    "kpi.major_complaint": _l("Major complaints answered by plan"),
    "formula.merged": _l("Mergings in the period."),
    "formula.waiting": _l(
        "Of the cases open when the period ended, those whose result was told and not yet confirmed."
    ),
    "formula.confirmed_wall": _l(
        "From receipt to the customer's last confirmation, everything included: what the customer felt."
    ),
    "formula.reply": _l("From the first unanswered message of the customer to the next contact by a person."),
    "formula.backlog": _l("From receipt to the end of the period, of the cases open then."),
    "formula.attainment_written": _l(
        "Met / (met + missed) of limits due in the period, by the time that binds; hotline, chat, account "
        "manager, walk-in and backup channel left out."
    ),
    "formula.original_written": _l(
        "Met / (met + missed) of limits due in the period, by the first limit; hotline, chat, account "
        "manager, walk-in and backup channel left out."
    ),
    "formula.resolution": _l("Closings confirmed by the customer / all closings."),
    "formula.first_contact": _l(
        "Cases whose result was told in the first contact / cases whose result was told in the period."
    ),
    "formula.first_contact_net": _l(
        "Cases whose result was told in the first contact, neither reopened nor asked again within 7 days "
        "[H] / cases whose result was told in the period."
    ),
    "formula.first_call": _l("As the net first-contact resolution, of the hotline alone."),
    "formula.repeat": _l(
        "Cases after whose telling the same customer asked the same again within 7 days [H], as a new case / "
        "cases whose result was told in the period."
    ),
    "formula.question_repeat": _l(
        "Cases whose category and type at least 3 cases of the period share / cases received."
    ),
    "formula.promise_kept": _l("Promises kept / promises due in the period."),
    "formula.returned": _l("Cases a department gave back at least once / cases received that were handed on."),
    "formula.level_accuracy": _l("Cases whose level was never corrected as misjudged / cases received and judged."),
    "formula.nps": _l("Per cent of 9 and 10 less per cent of 0 to 6."),
    "formula.effort": _l("Mean of the effort question."),
    "formula.service_level": _l(
        "Variant 3: answered within 20 s / (answered + abandoned); rings, queue and abandoned calls count."
    ),
    "formula.busy_level": _l(
        "Calls while the line was busy (as the telephone system says, or a declared period): answered within 60 s /"
        " (answered + abandoned)."
    ),
    "formula.answer_rate": _l("Calls answered / calls offered."),
    "formula.abandon": _l("Calls abandoned after more than 5 s [H] / calls offered; shorter ones are listed apart."),
    "formula.asa": _l("Seconds to answer of answered calls / answered calls; announcements left out."),
    "formula.aht": _l("Talk, hold and after-call work / calls answered."),
    "formula.call_transfer": _l("Calls handed on / calls answered."),
    "formula.on_time": _l(
        "Orders ended by their due instant / orders decided in the period; late ones count at their due instant."
    ),
    "formula.provisioning_cycle": _l("Working time from raising to the end, less waiting for the customer."),
    "formula.service_reports": _l("Reports for group customers done by their day / reports that fell due."),
    "formula.record_accuracy": _l("Sampled records with all four elements right / sampled records."),
    "formula.inspection_pass": _l("Samples passed without a fatal error / samples scored."),
    "formula.report_on_time": _l(
        "Reports published by their day / reports that fell due by the calendar; first editions."
    ),
    "formula.major_complaint": _l(
        "Plans of action (2 h [H]) and solutions (24 h [H]) given by their due instant / those that fell due, of major"
        " complaints led as incidents."
    ),
    "absent.not_asked": _l("The question is not asked when customers rate."),
    "absent.no_calls": _l("No call of the telephone system is recorded in this period."),
    "kpi.calls": _l("Calls of the hotline"),
    "absent.no_samples": _l("Records are not scored yet; what an auditor ticks of a sample is no score."),
    "absent.no_milestones": _l("No plan or solution for a major complaint fell due in this period."),
    "absent.whole": _l("Counted for the whole house only, not by these filters."),
    "leaves.exercise": _l("exercises"),
    "leaves.void": _l("void cases"),
    "leaves.merged": _l("merged cases"),
    "leaves.cancelled": _l("cancelled limits"),
    "leaves.paused": _l("limits that are paused now"),
    "leaves.live": _l("live channels"),
    "kpi.leaves": _l("Left out: %(what)s."),
    "kpi.col.figure": _l("Figure"),
    "kpi.col.value": _l("Value"),
    "kpi.col.numerator": _l("Numerator"),
    "kpi.col.denominator": _l("Denominator"),
    "kpi.col.mean": _l("Mean, seconds"),
    "kpi.col.p90": _l("90th percentile, seconds"),
    "kpi.col.response": _l("Response rate, per cent"),
    "kpi.col.before": _l("Period before"),
    "kpi.col.target": _l("Target, per cent"),
    "kpi.col.note": _l("Remark"),
    "kpi.col.formula": _l("How it is counted"),
    "kpi.pinned": _l("By the version of the limits with which each case began."),
    "kpi.small": _l("few"),
    "kpi.small_why": _l("Fewer than %(n)s stand behind this figure: one more would move it much."),
    "kpi.not_there": _l("not reckoned"),
    "kpi.mean": _l("Mean"),
    "kpi.median": _l("Median"),
    "kpi.p90": _l("90th percentile"),
    "kpi.group.volume": _l("Volumes"),
    "kpi.group.time": _l("Lengths of time"),
    "kpi.group.attainment": _l("Attainment of limits"),
    "kpi.group.rate": _l("Rates"),
    "kpi.group.satisfaction": _l("Satisfaction"),
    "kpi.group.hotline": _l("Hotline"),
    "kpi.group.corporate": _l("Group customers"),
    "kpi.group.quality": _l("Quality and reports"),
    "kpi.unit.%": _l("per cent"),
    "kpi.unit.s": _l("seconds"),
    "kpi.unit.cases": _l("cases"),
    "kpi.unit.points": _l("points"),
    "period.day": _l("Day %(code)s"),
    "period.week": _l("Week %(code)s"),
    "period.month": _l("Month %(code)s"),
    "period.year": _l("Year %(code)s"),
    "period.running": _l(" (still running, up to %(instant)s)"),
    "period.kind.day": _l("Day"),
    "period.kind.week": _l("Week"),
    "period.kind.month": _l("Month"),
    "period.kind.quarter": _l("Quarter"),
    "period.kind.year": _l("Year"),
    "kpi.all_limits": _l("All limits"),
    "balance.waiting": _l("of which told and waiting for confirmation"),
}
PARTS = {
    "resolution": (_l("Confirmed"), _l("Ended otherwise")),
    "first_contact": (_l("In the first contact"), _l("Later")),
    "first_contact_net": (_l("In the first contact"), _l("Later")),
    "first_call": (_l("In the first contact"), _l("Later")),
    "repeat": (_l("Asked again"), _l("Not asked again")),
    "question_repeat": (_l("Often asked"), _l("Seldom asked")),
    "promise_kept": (_l("Kept"), _l("Broken")),
    "returned": (_l("Given back"), _l("Not given back")),
    "level_accuracy": (_l("Right at first"), _l("Misjudged")),
    "attainment_written": (_l("Met"), _l("Missed")),
    "original_written": (_l("Met"), _l("Missed")),
    "waiting": (_l("Told and waiting"), _l("Not told")),
}
TERMS |= {
    f"part.{code}.{side}": word
    for code, pair in PARTS.items()
    for side, word in zip(("hit", "miss"), pair, strict=True)
}
FIGURES = (
    "waiting", "confirmed_wall", "reply", "backlog", "attainment_written", "original_written", "resolution",
    "first_contact", "first_contact_net", "first_call", "repeat", "question_repeat", "promise_kept", "returned",
    "level_accuracy",
)  # fmt: skip
TERMS |= {f"figure.{code}": TERMS[f"kpi.{code}"] for code in FIGURES}
REFUSALS = {
    "no_such_period": _l("“%(period)s” is not a period. Write it like 2026-11-24, 2026W48, 2026-11, 2026Q4 or 2026."),
    "period_ahead": _l("Period %(period)s has not begun yet."),
}
