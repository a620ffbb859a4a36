"""The pool of connections: who writes gets one that wrote before, who reads one that read before."""

import threading

from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.util.queue import Queue

this_thread = threading.local()  # `.write`: whether this thread is inside transaction()


class Fitting(Queue[ConnectionPoolEntry]):
    """Idle connections, of which the one used last for the same purpose is taken, its pages still warm; else none.

    SQLite makes every prepared statement of a connection anew once `PRAGMA query_only` has changed, a fifth of what a
    deed costs; the pool makes a further connection instead.
    """

    def _place(self) -> int | None:
        """Where it stands. A connection that has begun nothing yet fits everybody."""
        wanted = getattr(this_thread, "write", False)
        for place in range(len(self.queue) - 1, -1, -1):
            if self.queue[place].info.get("writes", wanted) is wanted:
                return place
        return None

    def _empty(self) -> bool:
        return self._place() is None

    def _get(self) -> ConnectionPoolEntry:
        place = self._place()
        if place is None:
            raise LookupError("asked for a connection where none fits")
        found = self.queue[place]
        del self.queue[place]
        return found


class Pool(QueuePool):
    """Connections by purpose."""

    _queue_class = Fitting
