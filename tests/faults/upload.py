"""An upload in a process that kills itself: ``python -m tests.faults.upload '<case as JSON>'``."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec

from storyarn_pipelines.storage import LocalStore
from storyarn_pipelines.storage.s3 import S3Store, default_client

KEY = "exports/7/run/ö+ mini.json"
PART_BYTES = 64 << 10


class Upload(msgspec.Struct, frozen=True):
    """A file to a bucket or, without one, a directory; killed ``before`` some request."""

    source: str
    bucket: str = ""
    directory: str = ""
    before: str = ""
    at: int = 0


def bucket_store(bucket: str, watch: Callable[[str], None]) -> S3Store:
    """A store that sends small parts and tells ``watch`` of every request."""
    client = default_client()

    def tell(model: Any, **_: object) -> None:
        watch(model.name)

    client.meta.events.register("before-call.s3", tell)
    return S3Store(bucket, "studio", client, part_bytes=PART_BYTES)


def die() -> None:
    """As from outside."""
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Upload until the end comes."""
    case = msgspec.json.decode(sys.argv[1], type=Upload)
    seen: list[str] = []

    def watch(request: str) -> None:
        if request == case.before and seen.count(request) == case.at:
            die()
        seen.append(request)

    if case.bucket:
        bucket_store(case.bucket, watch).put_file(KEY, Path(case.source))
    else:
        patch("os.replace", lambda *_: die()).start()
        LocalStore(case.directory).put_file(KEY, Path(case.source))


if __name__ == "__main__":
    main()
