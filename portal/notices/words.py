"""What a notice says, by kind."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "notice.p1_proposed": _l("P1 proposed, not yet judged"),
    "notice.p1_judged": _l("Judged P1"),
    "notice.landed": _l("A pressing case has come to your department"),
    "notice.assigned": _l("Assigned to you"),
    "notice.transferred": _l("Transferred to your department"),
    "notice.returned": _l("Returned to your department"),
    "notice.ping_pong": _l("Handed to and fro a third time: decide who does it"),
    "notice.next_line": _l("Escalated to the next line"),
    "notice.extension_asked": _l("A new time waits for your decision"),
    "notice.extension_refused": _l("The new time was refused; the old one stands"),
    "notice.level_disputed": _l("Level disputed: verdict within 30 minutes"),
    "notice.dispute_settled": _l("The level is final"),
    "notice.dispute_lapsed": _l("No verdict within 30 minutes: the stricter level stands"),
    "notice.lowered_late": _l("Level lowered in the last quarter of its limit"),
    "notice.chased": _l("Chased"),
    "notice.result_written": _l("The result is in hand; tell the customer"),
    "notice.warn": _l("Due soon"),
    "notice.due": _l("Time has run out"),
    "notice.escalated": _l("Late for long"),
    "notice.unanswered": _l("Not acknowledged in time, passed on"),
    "notice.digest": _l("While the deadline watch was stopped"),
    "notice.storm": _l("Many deadlines in one minute"),
    "notice.mentioned": _l("You are named in a note"),
    "notice.daily": _l("Digest of the day"),
    "notice.test": _l("A test: whoever reads this can be reached"),
    "channel_out.mail": _l("Mail"),
    "channel_out.robot": _l("Chat robot"),
    "robot.wecom": _l("WeCom"),
    "robot.dingtalk": _l("DingTalk"),
    "robot.feishu": _l("Feishu"),
    "notice.incident_reported": _l("An incident was reported"),
    "notice.incident_declared": _l("The emergency plan is active"),
    "notice.incident_role": _l("You hold a role in an incident"),
    "notice.incident_task": _l("A task in an incident is yours"),
    "notice.incident_ended": _l("The incident has ended"),
}
REFUSALS: dict[str, object] = {
    "no_such_notice": _l("There is no such notice for you."),
    "no_such_robot": _l("There is no such robot."),
    "robot_taken": _l("This group has a robot already; change that one."),
    "robot_address_bad": _l("Write the whole webhook address, as the chat service shows it."),
    "robot_address_https": _l("The address has to begin with https://."),
    "robot_host_unknown": _l(
        "This host is not the service's (%(hosts)s), and the operator has not named it in PORTAL_ROBOT_HOSTS."
    ),
    "no_mail_to_test": _l("Mail needs PORTAL_SMTP_HOST, and your own address under My notices."),
}
