"""The guide, the README and the docstrings: each example gives what is shown."""

import doctest
from pathlib import Path

import jingwen

ROOT = Path(__file__).parents[2]


def test_the_guide(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = doctest.testfile(str(ROOT / "docs/python.md"), module_relative=False, encoding="utf-8")
    assert found.attempted > 25 and found.failed == 0


def test_docstrings():
    found = doctest.testmod(jingwen)
    assert found.attempted > 4 and found.failed == 0


def test_the_readme():
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("jingwen.clean("))
    call, said = line.split("#")
    assert repr(eval(call)) == said.strip()
