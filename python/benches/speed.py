"""`clean_batch` on Arrow strings beside the Rust library, in turns, with the same threads and texts.

    cargo build --release -p jingwen-python --example library_speed
    python python/benches/speed.py target/release/examples/library_speed ROWS.jsonl [MEGABYTES] [JOBS] [ROUNDS]

Prints the medians of wall and CPU time of both, their ratio, and how often the main thread went
round a loop while another one was in `clean_batch`.
"""

import json
import resource
import statistics
import subprocess
import sys
import threading
import time

import pyarrow as pa
import pyarrow.compute as pc

import jingwen

library, rows = sys.argv[1:3]
megabytes, jobs, rounds = (int(n) for n in (sys.argv[3:] + ["200", "2", "5"][len(sys.argv) - 3 :]))


def cpu(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def texts():
    total = 0
    with open(rows, encoding="utf-8") as file:
        for row in file:
            text = json.loads(row)["text"]
            total += len(text.encode())
            if total > megabytes * 1_000_000:
                return
            yield text


column = pa.array(texts(), pa.large_string())
n_bytes = pc.sum(pc.binary_length(column)).as_py()
cleaner = jingwen.Cleaner()
ours, its, ours_cpu, its_cpu = [], [], [], []
for _ in range(rounds):
    began, began_cpu = time.perf_counter(), cpu(resource.RUSAGE_SELF)
    clean = cleaner.clean_batch(column, jobs=jobs)
    ours.append(time.perf_counter() - began)
    ours_cpu.append(cpu(resource.RUSAGE_SELF) - began_cpu)
    assert len(clean) == len(column)
    # The first round warms up, the difference of one and two rounds is one.
    spent = []
    for n in ("1", "2"):
        began_cpu = cpu(resource.RUSAGE_CHILDREN)
        said = subprocess.run([library, rows, str(megabytes), str(jobs), n], capture_output=True, text=True, check=True)
        spent.append(cpu(resource.RUSAGE_CHILDREN) - began_cpu)
        total, count, *_ = said.stdout.split("\n")[0].split()
        assert (int(total), int(count)) == (n_bytes, len(column)), said.stdout
        its.extend(float(line.split()[2]) for line in said.stdout.splitlines())
    its_cpu.append(spent[1] - spent[0])

done = threading.Event()


def work():
    cleaner.clean_batch(column, jobs=jobs)
    done.set()


thread = threading.Thread(target=work)
began = time.perf_counter()
thread.start()
turns = 0
while not done.is_set():
    turns += 1
seconds = time.perf_counter() - began
thread.join()

for name, wall, cpus in (("clean_batch", ours, ours_cpu), ("library", its, its_cpu)):
    wall, spent = statistics.median(wall), statistics.median(cpus)
    print(f"{name}: {n_bytes / wall / 1e6:.0f} MB/s ({wall:.2f} s), {n_bytes / spent / 1e6:.0f} MB a CPU second")
ratio = statistics.median(its) / statistics.median(ours)
print(f"ratio {ratio:.2f} by wall time, {statistics.median(its_cpu) / statistics.median(ours_cpu):.2f} by CPU time")
print(f"the main thread went round {turns} times in {seconds:.2f} s meanwhile")
