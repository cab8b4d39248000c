"""The numbers at the end of the file, counted while the rows go by."""

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table

_COUNTS = {
    "page_count": t.SHEETS,
    "block_count": t.BLOCKS,
    "flow_count": t.FLOWS,
    "node_count": t.FLOW_NODES,
    "connection_count": t.FLOW_CONNECTIONS,
    "map_count": t.SCENES,
    "pin_count": t.SCENE_PINS,
    "asset_count": t.ASSETS,
}


class Statistics(msgspec.Struct):
    """Counts rows, words and final translations of the rows in the file.

    It is plain data, so that a checkpoint holds the numbers up to it.
    """

    rows: dict[str, int] = {}
    source_words: int = 0
    words: dict[str, int] = {}
    texts: dict[str, int] = {}
    final: dict[str, int] = {}
    locales: list[str] = []
    source_language: str | None = None

    def watch(self, table: Table, batch: pa.RecordBatch) -> None:
        """Take note of a batch of any table."""
        _add(self.rows, table.name, batch.num_rows)
        if table in (t.FLOW_NODES, t.BLOCKS):
            self.source_words += pc.sum(batch.column("word_count")).as_py() or 0
        elif table is t.LOCALIZED_TEXTS:
            self._watch_texts(batch)
        elif table is t.PROJECT_LANGUAGES:
            self._watch_languages(batch)

    def as_dict(self) -> dict[str, object]:
        """The ``statistics`` object, per cent rounded down."""
        by_language: dict[str, int] = {}
        progress: dict[str, int] = {}
        for locale in self.locales:
            if locale == self.source_language:
                by_language[locale] = self.source_words
            else:
                by_language[locale] = self.words.get(locale, 0)
                texts = self.texts.get(locale, 0)
                progress[locale] = 100 * self.final.get(locale, 0) // texts if texts else 0
        counts = {name: self.rows.get(table.name, 0) for name, table in _COUNTS.items()}
        words = {"total": self.source_words, "by_language": by_language}
        return {**counts, "word_count": words, "localization_progress": progress}

    def _watch_languages(self, batch: pa.RecordBatch) -> None:
        columns = ("locale_code", "is_source", "archived_at")
        codes, sources, archived = (batch.column(name) for name in columns)
        live = archived.is_null()
        for row in range(batch.num_rows):
            self.locales.append(codes[row].as_py())
            if sources[row].as_py() and live[row].as_py():
                self.source_language = codes[row].as_py()

    def _watch_texts(self, batch: pa.RecordBatch) -> None:
        translated = pc.fill_null(pc.not_equal(batch.column("translated_text"), ""), False)
        words = pc.if_else(translated, pc.fill_null(batch.column("word_count"), 0), 0)
        final = pc.equal(batch.column("status"), "final").cast(pa.int64())
        table = pa.table({"locale": batch.column("locale_code"), "words": words, "final": final})
        sums = table.group_by("locale").aggregate(
            [("words", "sum"), ("final", "sum"), ("final", "count")]
        )
        for row in sums.to_pylist():
            _add(self.words, row["locale"], row["words_sum"])
            _add(self.final, row["locale"], row["final_sum"])
            _add(self.texts, row["locale"], row["final_count"])


def _add(counts: dict[str, int], name: str, number: int) -> None:
    counts[name] = counts.get(name, 0) + number
