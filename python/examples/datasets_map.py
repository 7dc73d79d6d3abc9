"""Cleans a data set of Hugging Face, by lists and by Arrow, and drops what is a copy.

    python datasets_map.py rows.jsonl clean.parquet
"""

import sys

import datasets

import jingwen

source, target = sys.argv[1:]
rows = datasets.Dataset.from_json(source)

# By lists: a batch is a dict of lists.
by_lists = rows.map(lambda batch: {"text": jingwen.clean_batch(batch["text"])}, batched=True)

# By Arrow: a batch is a pyarrow.Table, whose other columns pass through without a copy. The cleaner
# is pickled for the workers of num_proc.
cleaner = jingwen.Cleaner()
by_arrow = rows.with_format("arrow").map(
    lambda table: cleaner.clean_batch(table, column="text").to_pyarrow(),
    batched=True,
    num_proc=2,
)
assert by_arrow.with_format(None)[:] == by_lists[:]

# The texts are clean already; what is compared is the whole set.
decisions = jingwen.dedup(by_arrow.data.table, clean=False)
kept = by_lists.select(decisions.kept)
kept.to_parquet(target)
print(f"{len(rows)} rows, {len(kept)} kept")
