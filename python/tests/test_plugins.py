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
    run("datatrove_pipeline.py", tmp_path / "in", tmp_path / "out", tmp_path / "seen")

    def read(folder):
        files = sorted((tmp_path / folder).glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]

    kept = {row["id"]: row for row in read("out/kept")}
    assert set(kept) == {f"own-{n}" for n in range(20)} | {"page"}
    assert kept["page"]["text"] == jingwen.clean_page(rows[-2]["text"]).text
    assert kept["own-3"]["metadata"]["jingwen"]["title"] == notice(3).split("\n")[0]
    dropped = {row["id"]: row["metadata"] for row in read("out/dropped")}
    assert {name: told["filter_reason"] for name, told in dropped.items()} == {
        **{f"copy-{n}": "copy" for n in range(5)},
        "empty": "empty",
    }
    assert dropped["copy-2"]["copy_of"] == "own-2"
    # The next day the same comes under other names; of equals the one with the smaller name stays.
    for row in rows:
        row["id"] = "tomorrow-" + row["id"]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "in/rows.jsonl").write_text(text, encoding="utf-8")
    run("datatrove_pipeline.py", tmp_path / "in", tmp_path / "next", tmp_path / "seen")
    assert read("next/kept") == []
    assert len(read("next/dropped")) == len(rows)


def test_a_pipeline_of_datatrove_without_an_index():
    from datatrove.data import Document

    from jingwen.datatrove import JingwenFilter, JingwenFormatter

    documents = [Document(text, str(n)) for n, text in enumerate([spoilt(notice(1)), "\u200b", notice(1)])]
    kept = list(JingwenFilter().run(JingwenFormatter().run(documents)))
    assert [(doc.id, doc.text) for doc in kept] == [("0", jingwen.clean(spoilt(notice(1)))), ("2", notice(1))]
