"""Two files of one customer: proposed by one person, merged by another, parted again exactly as before.

Merging only points: the merged file keeps its identities, its cases and its journal, and reading follows the pointer.
So nothing has to be taken apart when files are parted; what came after the merging was written into the main file
and stays there.
"""

from datetime import datetime

from portal.directory import events as e
from portal.directory import queries, rules
from portal.directory.apply import record
from portal.directory.models import Customer, CustomerPair
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.errors import Refused


def propose(
    actor: Actor, now: datetime, main: Customer, other: Customer, *, reason: str = ""
) -> CustomerPair:  # fmt: skip
    """Proposes that `other` is merged into `main`; a pair that was refused or parted may be proposed again."""
    allow(actor, "customer.merge")
    event = rules.propose_pair(main, other, rules.grounds(main, other), reason)
    pair = queries.pair_of(main.id, other.id)
    if pair is None:
        pair = CustomerPair(low_id=min(main.id, other.id), high_id=max(main.id, other.id))
        db.session.add(pair)
    elif pair.state == "proposed":
        raise Refused("pair_waits")
    pair.main_id, pair.state, pair.grounds, pair.reason = main.id, "proposed", list(event.grounds), event.reason
    pair.proposed_by, pair.proposed_at, pair.decided_by, pair.decided_at = actor.id, now, None, None
    for file, its in ((main, other), (other, main)):
        record(file, e.PairProposed(its.code, event.grounds, event.reason), by=actor, at=now)
    return pair


def merge(actor: Actor, now: datetime, pair: CustomerPair) -> None:
    """A second person confirms: the other file leads to the main one from now on."""
    allow(actor, "customer.merge")
    main, other = _files(pair)
    _to_decide(pair, actor)
    rules.propose_pair(main, other, (), pair.reason)
    record(other, e.FileMerged(main.id, main.code, pair.proposed_by), by=actor, at=now)
    record(main, e.FileTaken(other.code, pair.proposed_by), by=actor, at=now)
    _decided(pair, "merged", actor, now)


def refuse(actor: Actor, now: datetime, pair: CustomerPair, *, reason: str) -> None:
    """They are two customers; the system does not propose the pair again."""
    allow(actor, "customer.merge")
    if pair.state != "proposed":
        raise Refused("pair_decided")
    words = rules.say(reason, "reason")
    for file, other in (_files(pair), _files(pair)[::-1]):
        record(file, e.PairRefused(other.code, words), by=actor, at=now)
    _decided(pair, "refused", actor, now)


def part(actor: Actor, now: datetime, file: Customer, *, reason: str) -> None:
    """Parts a merged file from its main one: identities, cases and history are as before the merging."""
    allow(actor, "customer.merge")
    if not file.merged_into:
        raise Refused("not_merged")
    words, main = rules.say(reason, "reason"), db.session.get_one(Customer, file.merged_into)
    record(file, e.FileParted(main.code, words), by=actor, at=now)
    record(main, e.FileGiven(file.code, words), by=actor, at=now)
    pair = queries.pair_of(file.id, main.id)
    if pair:
        _decided(pair, "parted", actor, now)


def _files(pair: CustomerPair) -> tuple[Customer, Customer]:
    """Main file and other file, locked in the order of their ids."""
    found = {
        n: db.session.get_one(Customer, n, with_for_update=True, populate_existing=True)
        for n in (pair.low_id, pair.high_id)
    }
    return found[pair.main_id], found[pair.low_id + pair.high_id - pair.main_id]


def _to_decide(pair: CustomerPair, actor: Actor) -> None:
    if pair.state != "proposed":
        raise Refused("pair_decided")
    if pair.proposed_by == actor.id:
        raise Refused("own_proposal")


def _decided(pair: CustomerPair, state: str, actor: Actor, now: datetime) -> None:
    pair.state, pair.decided_by, pair.decided_at = state, actor.id, now
    db.session.flush()
