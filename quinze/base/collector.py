"""Python's collector of cycles, in a process that answers people."""

import gc


def settle() -> None:
    """What is loaded now lives as long as the process: the collector need not walk it again, nor come at each of the
    thousands of objects that a page makes and forgets. Once all that lasts is loaded; again when more was.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
