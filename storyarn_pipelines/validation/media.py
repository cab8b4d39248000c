"""Whether the bytes of media are where they should be."""

from functools import partial

from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.progress import Counter
from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.validation.findings import Entity
from storyarn_pipelines.validation.run import Run


def check_bytes(run: Run, counter: Counter) -> None:
    """Open all live media; their bytes are not read."""
    for medium in run.story.media():
        counter.add(1)
        if medium.id not in run.index.media:
            continue
        run.count("media")
        try:
            run.story.media_source.open_read(medium.key).close()
        except StorageError as error:
            run.add("SA1002", partial(_entity, medium), key=medium.key, reason=error)


def _entity(medium: Media) -> Entity:
    return Entity("asset", medium.id, None, medium.filename, word="medium")
