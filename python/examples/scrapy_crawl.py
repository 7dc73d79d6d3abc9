"""Crawls a site, cleans every page, and writes each document once.

    python scrapy_crawl.py http://127.0.0.1:8000/ pages.jsonl --index seen
"""

import argparse
import json

import scrapy
from scrapy.crawler import CrawlerProcess


class SiteSpider(scrapy.Spider):
    """Follows all links of one site. The pipeline does the rest."""

    name = "site"

    def __init__(self, start, **more):
        super().__init__(**more)
        self.start_urls = [start]

    def parse(self, response):
        # The whole page as bytes: its encoding and its frame are the pipeline's concern.
        yield {"url": response.url, "text": response.body}
        if isinstance(response, scrapy.http.HtmlResponse):
            yield from response.follow_all(css="a")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("start")
    arguments.add_argument("out")
    arguments.add_argument("--index", help="what was seen before, also by crawls that were killed")
    arguments = arguments.parse_args()
    process = CrawlerProcess(
        {
            "ITEM_PIPELINES": {"jingwen.scrapy.JingwenPipeline": 300},
            "JINGWEN_FIELDS_FIELD": "jingwen",
            "JINGWEN_INDEX": arguments.index,
            "JINGWEN_VERDICT_FIELD": "verdict",
            "JINGWEN_SYNC": "each",
            "FEEDS": {arguments.out: {"format": "jsonlines", "encoding": "utf8", "overwrite": True}},
            "LOG_LEVEL": "WARNING",
        }
    )
    crawler = process.create_crawler(SiteSpider)
    process.crawl(crawler, start=arguments.start)
    process.start()
    counts = crawler.stats.get_stats()
    print(json.dumps({name: n for name, n in counts.items() if name.startswith("jingwen/")}, sort_keys=True))


if __name__ == "__main__":
    main()
