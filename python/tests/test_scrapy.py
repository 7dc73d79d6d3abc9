"""A spider over a real site; this file runs on the oldest and the newest Scrapy that we name."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import notice
from small_site import COPIES, N_NOTICES, served

import jingwen

EXAMPLE = Path(__file__).parent.parent / "examples/scrapy_crawl.py"


def crawl(start, out, *more):
    """Runs the example; answers its rows by path, and its counts."""
    command = [sys.executable, str(EXAMPLE), start, str(out), *map(str, more)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    # Old Scrapy warns of itself; of ours there is nothing to warn.
    assert not re.search("Deprecat.*[Jj]ingwen|[Jj]ingwen.*[Dd]eprecat", done.stderr), done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return {row["url"].removeprefix(start): row for row in rows}, json.loads(done.stdout)


def test_pages_are_cleaned_and_the_rest_is_dropped(tmp_path):
    with served() as start:
        rows, counts = crawl(start, tmp_path / "out.jsonl")
    assert counts == {
        # The list of links comes twice: Scrapy does not remember where it started.
        "jingwen/cleaned": N_NOTICES + len(COPIES) + 2,
        "jingwen/dropped": 2,
        "jingwen/dropped/empty": 1,
        "jingwen/dropped/unreadable": 1,
    }
    for n in range(N_NOTICES):
        row = rows[f"notice/{n}.html"]
        title, number, *rest = notice(n).split("\n")
        assert "\n".join(rest) in row["text"]
        assert (row["jingwen"]["title"], row["jingwen"]["number"]) == (title, number)
    assert "logo.png" not in rows and "empty.html" not in rows


def pipeline(**settings):
    from scrapy.utils.test import get_crawler

    from jingwen.scrapy import JingwenPipeline

    crawler = get_crawler(settings_dict=settings)
    return JingwenPipeline.from_crawler(crawler), crawler.stats


def test_items_of_any_kind():
    from dataclasses import dataclass

    import scrapy

    class Bulletin(scrapy.Item):
        body = scrapy.Field()

    @dataclass
    class Record:
        body: str

    ours, stats = pipeline(JINGWEN_TEXT_FIELD="body", JINGWEN_PROFILE="archive")
    for item in ({"body": "编者按:近期"}, Bulletin(body="编者按:近期"), Record("编者按:近期")):
        done = ours.process_item(item)
        assert done is item
        assert (done.body if isinstance(done, Record) else done["body"]) == "编者按：近期"
    assert ours.process_item({"title": "无"}) == {"title": "无"}
    assert (stats.get_value("jingwen/cleaned"), stats.get_value("jingwen/without_text")) == (3, 1)


def test_what_is_dropped_says_why():
    from scrapy.exceptions import DropItem

    ours, _ = pipeline()
    for found, why in ((b"\x89PNG\r\n\x1a\n" + bytes(64), "unreadable: not text: PNG image"), (" \u200b ", "empty")):
        with pytest.raises(DropItem, match=why):
            ours.process_item({"url": "a", "text": found})


def test_wrong_settings_stop_the_crawl():
    with pytest.raises(jingwen.UsageError, match="archive, standard, corpus"):
        pipeline(JINGWEN_PROFILE="best")
