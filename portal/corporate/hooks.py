"""What rooms above put on a customer's page: the orders that run for it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from portal.identity.actor import Actor


class Order(NamedTuple):
    """An order as the page shows it: number, what, where it stands (in words), until when, its address."""

    no: str
    title: str
    state: str
    due_at: datetime | None
    url: str


OrdersOf = Callable[[Actor, Sequence[int]], Sequence[Order]]
Address = Callable[[str], str]
_orders: list[OrdersOf] = []
_addresses: list[Address] = []


def orders(call: OrdersOf) -> None:
    """Lets a room name the open orders of customers (their numbers), as far as the person may see them."""
    _orders[:] = [call]


def order_address(call: Address) -> None:
    """Lets a room say where the page of an order is; empty where there is none."""
    _addresses[:] = [call]


def orders_of(actor: Actor, customer_ids: Sequence[int]) -> list[Order]:
    """The open orders of these customers."""
    return [order for call in _orders for order in call(actor, customer_ids)]


def address_of(no: str) -> str:
    """Where an order's page is, or nothing."""
    return next((found for call in _addresses if (found := call(no))), "")
