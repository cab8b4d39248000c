"""How long work tells how far it is."""

import time
from typing import Protocol

REPORT_SECONDS = 0.5


class Progress(Protocol):
    """Told ``done`` of ``total`` rows of a step, at most twice a second and once at its end."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Take one report."""


def silent(step: str, done: int, total: int) -> None:
    """Take a report and tell nobody."""
    del step, done, total


class Counter:
    """Counts the rows of one step and reports them, but not too often."""

    def __init__(self, progress: Progress, step: str, total: int) -> None:
        self.done = 0
        self._progress, self._step, self._total = progress, step, total
        self._next_report = 0.0

    def add(self, rows: int) -> None:
        """Count ``rows`` more."""
        self.done += rows
        now = time.monotonic()
        if now >= self._next_report:
            self._next_report = now + REPORT_SECONDS
            self._progress(self._step, self.done, max(self._total, self.done))

    def finish(self) -> None:
        """Report the end, whatever the clock says."""
        self._progress(self._step, self.done, self.done)
