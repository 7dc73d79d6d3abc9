"""A spider over a real site; this file runs on the oldest and the newest Scrapy that we name."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import notice
from small_site import COPIES, N_NOTICES, pages, served

import jingwen

EXAMPLE = Path(__file__).parent.parent / "examples/scrapy_crawl.py"


def rows_of(out):
    """What a crawl wrote, the last line of a killed one left out where it is broken."""
    text = out.read_text(encoding="utf-8") if out.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def crawl(start, out, *more):
    """Runs the example; answers its rows by path, and its counts."""
    command = [sys.executable, str(EXAMPLE), start, str(out), *map(str, more)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    # Old Scrapy warns of itself; of ours there is nothing to warn.
    assert not re.search("Deprecat.*[Jj]ingwen|[Jj]ingwen.*[Dd]eprecat", done.stderr), done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return {row["url"].removeprefix(start): row for row in rows_of(out)}, json.loads(done.stdout)


def test_pages_are_cleaned_and_the_rest_is_dropped(tmp_path):
    with served() as start:
        rows, counts = crawl(start, tmp_path / "out.jsonl")
    assert counts == {
        # The list of links comes twice: Scrapy does not remember where it started.
        "jingwen/kept": N_NOTICES + len(COPIES) + 2,
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


def survivors(rows):
    """The paths of the notices that stay: what was superseded later is taken back."""
    gone = {name for row in rows.values() for name in row["verdict"]["ids"]}
    return {path for path, row in rows.items() if row["url"] not in gone and path}


def test_copies_are_dropped_and_a_killed_crawl_goes_on(tmp_path):
    index = tmp_path / "seen"
    crawling = None
    asked = []

    def listen(path):
        asked.append(path)
        if crawling is not None and len(asked) == N_NOTICES // 2:
            crawling.kill()

    with served(listen) as start:
        command = [sys.executable, str(EXAMPLE), start, str(tmp_path / "killed.jsonl"), "--index", str(index)]
        crawling = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        said = crawling.communicate(timeout=120)[1]
        assert crawling.returncode == -9, said
        crawling = None
        rows, counts = crawl(start, tmp_path / "whole.jsonl", "--index", index)
        again, _ = crawl(start, tmp_path / "again.jsonl", "--index", index)

    assert counts["jingwen/dropped/empty"] == counts["jingwen/dropped/unreadable"] == 1
    for found in (rows, again):
        # Each notice once, under one of its addresses.
        assert sorted(int(re.search(r"\d+", path)[0]) for path in survivors(found)) == list(range(N_NOTICES))
    with jingwen.Index.open(index) as seen:
        assert seen.verify() == []
        documents = N_NOTICES + len(COPIES) + 1
        assert seen.stats()["documents"] == documents
        kept = {one.id for one in seen.resolve() if one.kind is None}
    crawled = [
        (start + path[1:], jingwen.decode(body).text) for path, (kind, body) in pages().items() if kind == "text/html"
    ]
    decisions = jingwen.dedup(crawled)
    assert kept == {decisions[row].id for row in decisions.kept}
    # What the killed crawl told of is known.
    told = {row["url"] for row in rows_of(tmp_path / "killed.jsonl")}
    assert told <= {row["url"] for row in rows.values()} | {
        name for row in rows.values() for name in row["verdict"]["ids"]
    }


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
    assert (stats.get_value("jingwen/kept"), stats.get_value("jingwen/without_text")) == (3, 1)


def test_what_is_dropped_says_why():
    from scrapy.exceptions import DropItem

    ours, _ = pipeline()
    for found, why in ((b"\x89PNG\r\n\x1a\n" + bytes(64), "unreadable: not text: PNG image"), (" \u200b ", "empty")):
        with pytest.raises(DropItem, match=why):
            ours.process_item({"url": "a", "text": found})


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"JINGWEN_PROFILE": "best"}, "archive, standard, corpus"), ({"JINGWEN_DROP": "copies,news"}, "and not news")],
)
def test_wrong_settings_stop_the_crawl(settings, said):
    with pytest.raises(jingwen.UsageError, match=said):
        pipeline(**settings)


@pytest.mark.parametrize("drops", [["copies"], ["copies", "variants"], []])
def test_what_is_dropped_is_chosen(tmp_path, drops):
    from scrapy.exceptions import DropItem

    settings = {"JINGWEN_INDEX": str(tmp_path / "seen"), "JINGWEN_DROP": drops, "JINGWEN_VERDICT_FIELD": "verdict"}
    ours, stats = pipeline(**settings)
    ours.open_spider()
    text = notice(5)
    items = [("a", text), ("b", text.replace("，", ",")), ("c", text.replace("个村", "0个村", 1))]
    kept = {}
    for name, text in items:
        try:
            kept[name] = ours.process_item({"url": name, "text": text})["verdict"]["kind"]
        except DropItem as dropped:
            assert "of a" in str(dropped)
    ours.close_spider()
    wanted = {"a": "new", "b": "copy", "c": "variant"}
    wanted = {n: k for n, k in wanted.items() if {"copy": "copies", "variant": "variants"}.get(k) not in drops}
    assert kept == wanted
    assert stats.get_value("jingwen/dropped", 0) == 3 - len(wanted)
    assert (stats.get_value("jingwen/copy"), stats.get_value("jingwen/variant")) == (1, 1)


def test_an_item_needs_a_name(tmp_path):
    ours, _ = pipeline(JINGWEN_INDEX=str(tmp_path / "seen"), JINGWEN_ID_FIELD="link")
    ours.open_spider()
    with pytest.raises(jingwen.UsageError, match="JINGWEN_ID_FIELD"):
        ours.process_item({"url": "a", "text": "字"})
    ours.close_spider()
