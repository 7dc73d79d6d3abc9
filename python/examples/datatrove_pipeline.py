"""A pipeline of datatrove that cleans, and drops what is empty or known already.

    python datatrove_pipeline.py in/ out/ seen
"""

import sys

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

from jingwen.datatrove import JingwenFilter, JingwenFormatter

if __name__ == "__main__":
    source, target, index = sys.argv[1:]
    LocalPipelineExecutor(
        [
            JsonlReader(source),
            JingwenFormatter(fields=True),
            JingwenFilter(index, exclusion_writer=JsonlWriter(f"{target}/dropped", compression=None)),
            JsonlWriter(f"{target}/kept", compression=None),
        ],
        # One process writes to an index.
        tasks=1,
        logging_dir=f"{target}/logs",
    ).run()
