"""What a step that was killed has left, and what this try of it leaves for the next.

A try's directory holds the growing artifact with the journal of its checkpoints. Where the work
area is a bucket, a step that takes long also stores pieces there (see ``pieces``), under
``{root}/{step}/{run}.checkpoints/{try}/``, so that another machine can go on.
"""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.serializers.checkpoints import JOURNAL, Checkpoints, ignore, read_journal
from storyarn_pipelines.services.pieces import LINES, Pieces, fetch_pieces, read_piece_lines
from storyarn_pipelines.settings import CHECKPOINT_BYTES, CHECKPOINT_SECONDS
from storyarn_pipelines.storage import ObjectStore


@dataclass(frozen=True, slots=True)
class CheckpointLimits:
    """A checkpoint is made after so many ``bytes``; a bucket gets those of a step that has
    worked for so many ``seconds``: before, doing it again is as quick as fetching them."""

    bytes: int = CHECKPOINT_BYTES
    seconds: float = CHECKPOINT_SECONDS


class Tries:
    """The tries of one step: this one, in ``directory``, and those before.

    ``key`` is that of the step, ``runs`` are this run and those that it re-executes.
    """

    def __init__(
        self,
        store: ObjectStore,
        key: str,
        directory: Path,
        runs: tuple[str, ...],
        limits: CheckpointLimits,
    ) -> None:
        self._store, self._key, self._directory = store, key, directory
        self._runs, self._limits = runs, limits
        self._is_local = store.local_path(key) is not None
        self._pieces: Pieces | None = None
        self._begun = False

    def begin(self, binding: str) -> Checkpoints:
        """Checkpoints that go on where the furthest of the earlier tries has stopped."""
        self._begun = True
        stored: list[str] = []
        if not self._is_local:
            stored = [x.key for x in self._store.list(f"{self._key}/") if x.key.endswith(LINES)]
            self._pieces = self._new_pieces(stored)
        offer = self._pieces.offer if self._pieces else ignore
        made = Checkpoints(self._directory, binding, self._limits.bytes, offer)
        ranked = [(_rank(place, binding), place) for place in self._places()]
        local = sorted((x for x in ranked if x[0] > _NOTHING), reverse=True)
        best = local[0][0] if local else _NOTHING
        if not self._adopt_pieces(made, binding, stored, best):
            next((place for _, place in local if made.adopt(place)), None)
        return made

    def stop(self) -> None:
        """No more pieces: the artifact is finished."""
        if self._pieces:
            self._pieces.stop()

    def give_up(self, *, keep: bool) -> None:
        """The step has failed; ``keep`` what has checkpoints, for the next try."""
        keep = keep and (self._directory / JOURNAL).is_file()
        if self._pieces:
            self._pieces.give_up(keep=keep)
        if keep:
            return
        shutil.rmtree(self._directory, ignore_errors=True)
        for place in self._places():
            if place.name.startswith(f"{self._directory.name}~"):
                shutil.rmtree(place, ignore_errors=True)

    def clear(self) -> None:
        """Remove all that this try and the ones that it follows have left."""
        if not self._begun:
            return
        (self._directory / JOURNAL).unlink(missing_ok=True)
        for place in self._places():
            if place.name.partition("~")[0] not in self._runs:
                continue
            if place.with_name(f"{place.name}.json").is_file():
                (place / JOURNAL).unlink(missing_ok=True)
            else:
                shutil.rmtree(place, ignore_errors=True)
        for run in self._runs:
            for name in (f".{run}.json", f".{run}.piece"):
                self._directory.with_name(name).unlink(missing_ok=True)
        # What a bucket that is away keeps now goes with the whole work of the run.
        with suppress(StorageError):
            self._delete_pieces()

    def _places(self) -> list[Path]:
        """Directories of earlier tries on this machine."""
        beside = sorted(self._directory.parent.iterdir())
        return [x for x in beside if x != self._directory and (x / JOURNAL).is_file()]

    def _new_pieces(self, stored: Iterable[str]) -> Pieces:
        prefix = f"{self._key}/{self._runs[0]}.checkpoints"
        tries = {key.rpartition("/")[0] for key in stored if key.startswith(f"{prefix}/")}
        prefix = f"{prefix}/{len(tries) + 1}"
        return Pieces(self._store, prefix, self._directory, self._limits.seconds)

    def _delete_pieces(self) -> None:
        for run in () if self._is_local else self._runs:
            for stored in list(self._store.list(f"{self._key}/{run}.checkpoints/")):
                self._store.delete(stored.key)

    def _adopt_pieces(
        self, made: Checkpoints, binding: str, stored: Iterable[str], best: tuple[bool, int]
    ) -> bool:
        """Go on with pieces of another machine, if they reach further than what is here."""
        place = self._directory.with_name(f"{self._directory.name}~fetched")
        ranked = []
        for prefix, key in {key.rpartition("/")[0]: key for key in stored}.items():
            lines = read_piece_lines(self._store, key, binding)
            ranked += [(lines[-1][0].rank, prefix)] if lines else []
        for rank, prefix in sorted(ranked, reverse=True):
            try:
                if rank > best and fetch_pieces(self._store, prefix, place, binding):
                    return made.adopt(place)
            finally:
                shutil.rmtree(place, ignore_errors=True)
        return False


_NOTHING = (False, 0)


def _rank(place: Path, binding: str) -> tuple[bool, int]:
    lines = read_journal(place, binding)
    return lines[-1][0].rank if lines else _NOTHING


def set_aside(directory: Path) -> None:
    """Make room for a new try in ``directory``: the last one's stays beside it only if it has
    checkpoints."""
    if not (directory / JOURNAL).is_file():
        shutil.rmtree(directory, ignore_errors=True)
        return
    number = 1
    while (aside := directory.with_name(f"{directory.name}~{number}")).exists():
        number += 1
    directory.rename(aside)
