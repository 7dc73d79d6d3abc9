"""What type checkers are told is what there is."""

import subprocess
import sys
import textwrap

import jingwen


def mypy(*arguments):
    done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stubs_fit_the_module():
    mypy("mypy.stubtest", "jingwen._jingwen", "--ignore-positional-only")


def test_the_package_and_its_users_check(tmp_path):
    user = tmp_path / "user.py"
    user.write_text(
        textwrap.dedent(
            """
            import polars as pl
            import pyarrow as pa
            import jingwen

            texts: list[str] = jingwen.clean_batch(["a"])
            some: list[str | None] = jingwen.Cleaner().clean_batch(["a", None])
            column: jingwen.ChunkedArray = jingwen.clean_batch(pl.Series(["a"]))
            title: str = jingwen.clean_page(b"a").fields["title"]
            kept: list[int] = jingwen.dedup(texts, keep="first").kept
            try:
                jingwen.decode(b"a").encode()
            except jingwen.JingwenError as error:
                print(error)
            """
        )
    )
    mypy("mypy", "--strict", "--ignore-missing-imports", "--cache-dir", str(tmp_path / "cache"), str(user))


def test_all_names_are_there():
    assert all(getattr(jingwen, name).__doc__ or name == "__version__" for name in jingwen.__all__)
