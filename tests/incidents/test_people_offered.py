"""People to choose from stand in an order that a reader knows."""

from portal.incidents import queries
from portal.kernel.collation import by_name


def test_people_to_choose_from_stand_by_pinyin(app, at, staff):
    offered = [label.partition(" · ")[0] for _id, label in queries.candidates()]
    assert offered == by_name(offered, str)
    assert offered.index("陈浩") < offered.index("刘洋") < offered.index("周建国")  # their code points order otherwise
