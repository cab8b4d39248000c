"""Makes the next item while the last one is worked on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def read_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, each made by a thread while the caller works on the one before.

    Worth it where both sides leave the interpreter: Arrow's kernels and writes to a file do.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="storyarn-ahead") as worker:
        future = worker.submit(next, items, None)
        while (item := future.result()) is not None:
            future = worker.submit(next, items, None)
            yield item
