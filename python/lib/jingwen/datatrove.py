"""Steps of a datatrove pipeline: a formatter that cleans, and a filter that drops what is empty.

    from jingwen.datatrove import JingwenFilter, JingwenFormatter

    LocalPipelineExecutor([JsonlReader("in"), JingwenFormatter(), JingwenFilter(), JsonlWriter("out")])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from datatrove.pipeline.filters.base_filter import BaseFilter
    from datatrove.pipeline.formatters.base import BaseFormatter
except ImportError as error:
    raise ImportError(
        f"jingwen.datatrove needs datatrove and what its formatters import ({error}): "
        "pip install datatrove regex"
    ) from error

from jingwen import Cleaner

if TYPE_CHECKING:
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
    """Drops documents of which cleaning leaves fewer than `min_letters` letters and digits."""

    name = "净 jingwen"

    def __init__(
        self,
        profile: Profile = "standard",
        *,
        min_letters: int = 1,
        exclusion_writer: DiskWriter | None = None,
        **choice: Any,
    ) -> None:
        super().__init__(exclusion_writer)
        self.cleaner = Cleaner(profile, **choice)
        self.min_letters = min_letters

    def filter(self, doc: Document) -> bool | tuple[bool, str]:
        text = self.cleaner.clean_page(doc.text).text
        if sum(map(str.isalnum, text)) < self.min_letters:
            return False, "empty"
        return True
