"""EM1: the words of a report propose its class, in both languages."""

import pytest

from portal.incidents import grading_rules, plans

SAID = (
    ("hotline", "The hotline is down"),
    ("hotline", "The hotline system is down, callers hear nothing"),
    ("hotline", "All phone lines are dead"),
    ("hotline", "Our call centre cannot be reached"),
    ("hotline", "Customers cannot get through, they hear a busy tone"),
    ("hotline", "Hotline: login of the agents' phones fails"),
    ("system", "Customers cannot log in to the app"),
    ("system", "It happened after the update: payments are not booked"),
    ("disaster", "Power outage in the east hall"),
    ("opinion", "A journalist asks about the price change, it is going viral"),
    ("hotline", "热线打不进来"),
    ("hotline", "客户反映电话打不进"),
    ("hotline", "客服热线中断，全部忙音"),
    ("hotline", "电话系统故障，坐席听不到声音"),
    ("hotline", "呼叫中心话务平台瘫痪"),
    ("hotline", "热线坐席登录不了，客户打不进电话"),
    ("system", "计费系统异常，充值缴费未到账"),
    ("system", "客户端打不开，验证码收不到"),
    ("disaster", "机房停电，暴雨倒灌"),
    ("complaint", "企业客户投诉并要求赔偿"),
)


@pytest.mark.parametrize(("kind", "said"), SAID)
def test_a_sentence_proposes_its_class(app, kind, said):
    assert grading_rules.likely_class(plans.latest(), said) == kind
