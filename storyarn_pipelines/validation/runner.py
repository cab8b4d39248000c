"""The order of a validation: the index, the parts one by one, and then the whole."""

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.validation.circles import check_circles
from storyarn_pipelines.validation.findings import Entity
from storyarn_pipelines.validation.flows import check_flows, check_line_ids
from storyarn_pipelines.validation.index import StoryIndex, read_index
from storyarn_pipelines.validation.media import check_bytes
from storyarn_pipelines.validation.names import check_duplicates
from storyarn_pipelines.validation.result import ValidationResult
from storyarn_pipelines.validation.run import Run
from storyarn_pipelines.validation.scenes import check_scenes
from storyarn_pipelines.validation.sheets import check_sheets, check_use
from storyarn_pipelines.validation.text_rows import read_text_rows
from storyarn_pipelines.validation.translations import check_translations

_COUNTED = ("blocks", "sheets", "flow_nodes", "scenes", "scene_pins", "scene_zones")
_STATISTICS = ("flows", "pages", "nodes", "connections", "scenes", "translations", "media")
_USE_RULES = ("orphan_pages", "unused_variables")


def validate(
    story: StoryReader,
    options: ExportOptions,
    progress: Progress = silent,
    check_media: bool = False,
) -> ValidationResult:
    """Check a snapshot that was made with ``options``.

    Memory is bounded by the largest flow or sheet and by the names in the project. With
    ``check_media``, all media are opened where ``story`` finds their bytes.
    """
    index = read_index(story, options)
    run = Run(story, options, index, read_text_rows(story, options))
    run.statistics.update({f"checked_{name}": 0 for name in _STATISTICS})
    run.count("variables", index.variables.count)
    counter = Counter(progress, "validate", _total(story, check_media))
    _check_parts(run, counter)
    not_judged = _check_whole(run)
    if check_media and "media" in story.manifest.sections:
        check_bytes(run, counter)
    counter.finish()
    found = run.findings
    return ValidationResult(
        tuple(found.kept), dict(sorted(found.counts.items())), run.statistics, not_judged
    )


def _total(story: StoryReader, check_media: bool) -> int:
    tables = (*_COUNTED, "localized_texts", *(("assets",) if check_media else ()))
    return story.manifest.rows(*tables)


def _check_parts(run: Run, counter: Counter) -> None:
    """Check sheets, flows and scenes before the texts, which have to know the live nodes."""
    steps = {
        "sheets": check_sheets,
        "flows": check_flows,
        "scenes": check_scenes,
        "localization": check_translations,
    }
    for section, check in steps.items():
        if section in run.story.manifest.sections:
            check(run, counter)


def _check_whole(run: Run) -> dict[str, str]:
    """Check what only all parts together can tell; returns the rules that could not judge."""
    for kind in run.index.entities.values():
        check_duplicates(run, kind.values())
    check_circles(run)
    _check_clashes(run, run.index)
    if "flows" in run.story.manifest.sections:
        check_line_ids(run)
    lacking = [name for name in ("sheets", "flows", "scenes") if name not in run.index.whole]
    if lacking:
        reason = f"needs all of the project; this snapshot has not all {' and '.join(lacking)}"
        return dict.fromkeys(_USE_RULES, reason)
    check_use(run)
    return {}


def _check_clashes(run: Run, index: StoryIndex) -> None:
    for name, kind, entity_id in index.variables.clashes:
        word = kind.replace("scene_", "")
        run.add("SA0710", Entity(kind, entity_id, name, None, None, word).itself, name=name)
