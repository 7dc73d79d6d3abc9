"""Hugging Face datasets and datatrove, by the examples that we ship."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
from conftest import notice, spoilt

import jingwen

EXAMPLES = Path(__file__).parent.parent / "examples"


def run(example, *arguments):
    command = [sys.executable, str(EXAMPLES / example), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_rows(place):
    rows = [{"id": f"own-{n}", "text": notice(n)} for n in range(20)]
    rows += [{"id": f"copy-{n}", "text": spoilt(notice(n))} for n in range(5)]
    rows += [{"id": "page", "text": f"<html><body><p>{notice(30)}</p></body></html>".replace("\n", "</p><p>")}]
    rows += [{"id": "empty", "text": "\u200b"}]
    place.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return rows


def test_datasets(tmp_path):
    rows = write_rows(tmp_path / "rows.jsonl")
    said = run("datasets_map.py", tmp_path / "rows.jsonl", tmp_path / "clean.parquet")
    assert said.strip().endswith("27 rows, 21 kept")
    kept = pq.read_table(tmp_path / "clean.parquet").to_pylist()
    texts = {row["id"]: row["text"] for row in rows}
    assert [row["id"] for row in kept] == [f"own-{n}" for n in range(20)] + ["page"]
    assert all(row["text"] == jingwen.clean(texts[row["id"]]) for row in kept)


def test_datatrove(tmp_path):
    (tmp_path / "in").mkdir()
    rows = write_rows(tmp_path / "in/rows.jsonl")
    run("datatrove_pipeline.py", tmp_path / "in", tmp_path / "out")
    read = lambda folder: [  # noqa: E731
        json.loads(line)
        for file in sorted((tmp_path / "out" / folder).glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    kept = {row["id"]: row for row in read("kept")}
    assert set(kept) == {row["id"] for row in rows} - {"empty"}
    assert kept["page"]["text"] == jingwen.clean_page(rows[-2]["text"]).text
    assert kept["own-3"]["metadata"]["jingwen"]["title"] == notice(3).split("\n")[0]
    assert [(row["id"], row["metadata"]["filter_reason"]) for row in read("dropped")] == [("empty", "empty")]
