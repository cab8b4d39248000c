"""The table that the README quotes."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    anchor: str
    result: str
    target: str
    met: bool


def ratio(what: str, seconds: float, anchor: str, anchor_seconds: float, limit: float) -> Row:
    """A time beside an anchor's, at most ``limit`` times as long."""
    found = seconds / anchor_seconds
    return Row(
        what, f"{seconds:.2f} s", f"{anchor} {anchor_seconds:.2f} s", f"{found:.2f} x",
        f"<= {limit:g} x", found <= limit,
    )  # fmt: skip


def print_table(rows: Iterable[Row]) -> None:
    """The rows as Markdown, under the machine that they were measured on."""
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
          f"Python {platform.python_version()}\n")  # fmt: skip
    print("| what | measured | anchor | result | target |\n|---|---|---|---|---|")
    for row in rows:
        mark = "" if row.met else " (missed)"
        print(f"| {row.what} | {row.measured} | {row.anchor} | {row.result} | {row.target}{mark} |")
