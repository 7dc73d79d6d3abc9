"""A Scrapy item pipeline: what a spider finds is cleaned, and what is known already is dropped.

    ITEM_PIPELINES = {"jingwen.scrapy.JingwenPipeline": 300}
    JINGWEN_INDEX = "seen"

Settings, all optional:

JINGWEN_TEXT_FIELD    the field with the text: str, or the bytes of a page (`text`)
JINGWEN_ID_FIELD      the field that names the document (`url`)
JINGWEN_FIELDS_FIELD  where to put what the document says of itself, as a dict (nowhere)
JINGWEN_VERDICT_FIELD where to put what the index says of it, as a dict (nowhere)
JINGWEN_INDEX         the folder of the index, made where there is none; without it nothing is
                      known, and items are cleaned only
JINGWEN_SYNC          `each`: an item goes on when the disk knows it; `batch` (the default): a crash
                      forgets a thousand at most
JINGWEN_DROP          what to drop: `copies`, `variants` (`["copies"]`)
JINGWEN_PROFILE       `archive`, `standard` or `corpus` (`standard`); an index keeps its own
JINGWEN_RULES         a folder with rule tables of your own
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem

from jingwen import Cleaner, Index, NotTextError, UsageError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from jingwen import Verdict

DROPPABLE = {"copies": "copy", "variants": "variant"}


class JingwenPipeline:
    """Cleans the text of each item in place, and asks the index whether it is known.

    `stats` counts under `jingwen/`; an item that is dropped says why.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.text_field: str = settings.get("JINGWEN_TEXT_FIELD", "text")
        self.id_field: str = settings.get("JINGWEN_ID_FIELD", "url")
        self.fields_field: str | None = settings.get("JINGWEN_FIELDS_FIELD")
        self.verdict_field: str | None = settings.get("JINGWEN_VERDICT_FIELD")
        self.profile = settings.get("JINGWEN_PROFILE", "standard")
        self.rules: str | None = settings.get("JINGWEN_RULES")
        self.place: str | None = settings.get("JINGWEN_INDEX")
        self.durability = settings.get("JINGWEN_SYNC", "batch")
        wanted = settings.getlist("JINGWEN_DROP", ["copies"])
        unknown = sorted(set(wanted) - set(DROPPABLE))
        if unknown:
            raise UsageError(f"JINGWEN_DROP knows {', '.join(DROPPABLE)}, and not {', '.join(unknown)}")
        self.drops = {DROPPABLE[name] for name in wanted}
        self.cleaner = Cleaner(self.profile, rules=self.rules)
        self.index: Index | None = None
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> JingwenPipeline:
        return cls(crawler)

    # Scrapy 2.11 hands over the spider, 2.19 no longer does.
    def open_spider(self, spider: Any = None) -> None:
        if self.place is None:
            return
        if not (Path(self.place) / "index.json").exists():
            Index.create(self.place, profile=self.profile, rules=self.rules).close()
        self.index = Index.open(self.place, rules=self.rules, sync=self.durability)

    def close_spider(self, spider: Any = None) -> None:
        if self.index is not None:
            self.index.close()

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
        if self.index is not None:
            verdict = self.index.check_and_add(self._name(adapter), found)
            self._heed(verdict, adapter)
        adapter[self.text_field] = page.text
        if self.fields_field is not None:
            adapter[self.fields_field] = page.fields
        self._count("kept")
        return item

    def _name(self, adapter: ItemAdapter) -> str:
        name = adapter.get(self.id_field)
        if name is None:
            raise UsageError(f"the item has no {self.id_field}: set JINGWEN_ID_FIELD to the field that names it")
        return str(name)

    def _heed(self, verdict: Verdict, adapter: ItemAdapter) -> None:
        """Drops the item if that is what the verdict means, or notes it."""
        self._count(verdict.kind)
        if verdict.kind in self.drops:
            how = f", {verdict.how}" if verdict.how else ""
            raise self._drop(verdict.kind, f"of {verdict.of}{how}")
        if self.verdict_field is not None:
            adapter[self.verdict_field] = {
                "kind": verdict.kind,
                "of": verdict.of,
                "ids": verdict.ids,
                "restored": verdict.restored,
            }

    def _drop(self, reason: str, why: str) -> DropItem:
        self._count("dropped")
        self._count(f"dropped/{reason}")
        return DropItem(f"jingwen: {reason}: {why}")

    def _count(self, name: str) -> None:
        self.stats.inc_value(f"jingwen/{name}")
