"""A pipeline of datatrove that cleans, and drops what is empty.

    python datatrove_pipeline.py in/ out/
"""

import sys

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

from jingwen.datatrove import JingwenFilter, JingwenFormatter

if __name__ == "__main__":
    source, target = sys.argv[1:]
    LocalPipelineExecutor(
        [
            JsonlReader(source),
            JingwenFormatter(fields=True),
            JingwenFilter(exclusion_writer=JsonlWriter(f"{target}/dropped", compression=None)),
            JsonlWriter(f"{target}/kept", compression=None),
        ],
        tasks=2,
        workers=2,
        logging_dir=f"{target}/logs",
    ).run()
