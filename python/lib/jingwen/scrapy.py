"""A Scrapy item pipeline: what a spider finds is cleaned, and what was found before is dropped.

    ITEM_PIPELINES = {"jingwen.scrapy.JingwenPipeline": 300}

Settings, all optional:

JINGWEN_TEXT_FIELD   the field with the text: str, or the bytes of a page (`text`)
JINGWEN_ID_FIELD     the field that names the document (`url`)
JINGWEN_FIELDS_FIELD where to put what the document says of itself, as a dict (nowhere)
JINGWEN_PROFILE      `archive`, `standard` or `corpus` (`standard`)
JINGWEN_RULES        a folder with rule tables of your own
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem, NotConfigured

from jingwen import Cleaner, NotTextError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class JingwenPipeline:
    """Cleans the text of each item in place. `stats` counts under `jingwen/`."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.text_field: str = settings.get("JINGWEN_TEXT_FIELD", "text")
        self.id_field: str = settings.get("JINGWEN_ID_FIELD", "url")
        self.fields_field: str | None = settings.get("JINGWEN_FIELDS_FIELD")
        self.cleaner = Cleaner(
            settings.get("JINGWEN_PROFILE", "standard"), rules=settings.get("JINGWEN_RULES")
        )
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> JingwenPipeline:
        return cls(crawler)

    # Scrapy 2.11 hands over the spider, 2.19 no longer does.
    def process_item(self, item: Any, spider: Any = None) -> Any:
        """The item with its text cleaned.

        Raises DropItem for what is no text, or empty, or a copy.
        """
        adapter = ItemAdapter(item)
        found = adapter.get(self.text_field)
        if found is None:
            self._count("without_text")
            return item
        try:
            page = self.cleaner.clean_page(found)
        except NotTextError as error:
            raise self._drop("unreadable", str(error)) from error
        if not page.text.strip():
            raise self._drop("empty", "nothing is left of it")
        adapter[self.text_field] = page.text
        if self.fields_field is not None:
            adapter[self.fields_field] = page.fields
        self._count("cleaned")
        return item

    def _drop(self, reason: str, why: str) -> DropItem:
        self._count("dropped")
        self._count(f"dropped/{reason}")
        return DropItem(f"jingwen: {reason}: {why}")

    def _count(self, name: str) -> None:
        self.stats.inc_value(f"jingwen/{name}")
