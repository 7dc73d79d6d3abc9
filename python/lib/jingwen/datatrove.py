"""Steps of a datatrove pipeline: a formatter that cleans, and a filter that drops empty documents and
copies.

    from jingwen.datatrove import JingwenFilter, JingwenFormatter

    steps = [JsonlReader("in"), JingwenFormatter(), JingwenFilter("seen"), JsonlWriter("out")]
    LocalPipelineExecutor(steps).run()
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

try:
    from datatrove.pipeline.filters.base_filter import BaseFilter
    from datatrove.pipeline.formatters.base import BaseFormatter
except ImportError as error:
    raise ImportError(
        f"jingwen.datatrove needs datatrove and what its formatters import ({error}): "
        "pip install datatrove regex"
    ) from error

from jingwen import Cleaner, Index

if TYPE_CHECKING:
    from os import PathLike

    from datatrove.data import Document
    from datatrove.pipeline.writers.disk_base import DiskWriter

    from jingwen.types import Profile


class JingwenFormatter(BaseFormatter):  # type: ignore[misc]
    """Cleans the text of each document; an HTML page becomes the document that it carries.

    With `fields`, what the document says of itself goes to its metadata under `jingwen`.
    """

    name = "净 jingwen"

    def __init__(self, profile: Profile = "standard", *, fields: bool = False, **choice: Any) -> None:
        super().__init__()
        self.cleaner = Cleaner(profile, **choice)
        self.fields = fields

    def format(self, text: str) -> str:
        return self.cleaner.clean_page(text).text

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Any:
        if not self.fields:
            yield from super().run(data, rank, world_size)
            return
        for document in data:
            self.stat_update("total")
            with self.track_time():
                page = self.cleaner.clean_page(document.text)
                document.text = page.text
                document.metadata["jingwen"] = dict(page.fields)
            yield document


class JingwenFilter(BaseFilter):  # type: ignore[misc]
    """Drops documents that are empty, and with an index those that are copies.

    `index` is the folder of an index, made where there is none. One process writes to an index: give
    the executor `tasks=1`, or each of its tasks an index of its own.
    """

    name = "净 jingwen"

    def __init__(
        self,
        index: str | PathLike[str] | None = None,
        *,
        drop_variants: bool = False,
        exclusion_writer: DiskWriter | None = None,
        batch_size: int = 1000,
    ) -> None:
        super().__init__(exclusion_writer, batch_size)
        self.index = index
        self.drops = {"copy", "empty"} | ({"variant"} if drop_variants else set())
        self._open: Index | None = None

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Any:
        if self.index is None:
            yield from super().run(data, rank, world_size)
            return
        if not (Path(self.index) / "index.json").exists():
            Index.create(self.index).close()
        # Here and not before: an index does not cross into another process.
        with Index.open(self.index) as self._open:
            try:
                yield from super().run(data, rank, world_size)
            finally:
                self._open = None

    def filter(self, doc: Document) -> bool | tuple[bool, str]:
        return self.filter_batch([doc])[0]

    def filter_batch(self, batch: list[Document]) -> list[bool | tuple[bool, str]]:
        if self._open is None:
            return [(True if doc.text.strip() else (False, "empty")) for doc in batch]
        verdicts = self._open.add_batch([(doc.id, doc.text) for doc in batch])
        for doc, verdict in zip(batch, verdicts, strict=True):
            if verdict.of is not None:
                doc.metadata[f"{verdict.kind}_of"] = verdict.of
        return [(False, verdict.kind) if verdict.kind in self.drops else True for verdict in verdicts]
