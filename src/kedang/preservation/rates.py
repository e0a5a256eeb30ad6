"""How fast bytes may flow, and how far a long work has come."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock


class RateLimiter:
    """A bucket of bytes that fills at a steady rate. `clock` gives seconds that never run backwards.

    Any number of threads may share one. `burst_bytes` may flow at once after a pause, one second's worth
    unless said otherwise.
    """

    def __init__(
        self, bytes_per_second: float, *, clock: Callable[[], float], burst_bytes: float | None = None
    ) -> None:
        if bytes_per_second <= 0:
            raise ValueError("a rate is more than nothing")
        self._rate = bytes_per_second
        self._burst = bytes_per_second if burst_bytes is None else burst_bytes
        self._clock = clock
        self._lock = Lock()  # level and time are changed together
        self._level = self._burst
        self._at = clock()

    def wait_seconds(self, count: int) -> float:
        """Take `count` bytes; how long to wait before sending them.

        More than the burst may be taken at once: whoever comes next waits the longer.
        """
        with self._lock:
            now = self._clock()
            self._level = min(self._burst, self._level + max(0.0, now - self._at) * self._rate) - count
            self._at = max(self._at, now)
            return max(0.0, -self._level / self._rate)
