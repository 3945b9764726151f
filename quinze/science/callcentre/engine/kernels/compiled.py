"""How a kernel is compiled, and where what was compiled is kept.

numba keeps compiled code under the date of the file of the outer function only: a change in a function it calls, in
another file, would go unseen. Kept code therefore lies in a folder named after the text of all the kernels.
"""

import fcntl
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])
HERE = Path(__file__).parent
# Python never calls them: what would let it do so takes as long to compile as they do.
INSIDE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@cache
def cache_folder() -> str:
    """Beside Python's own compiled files when these have a folder of their own; empty: numba's choice."""
    base = os.environ.get("NUMBA_CACHE_DIR") or sys.pycache_prefix
    if not base:
        return ""
    texts = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
    return str(Path(base) / f"numba-{hashlib.sha256(texts).hexdigest()[:12]}")


def kernel(function: F) -> F:
    """Compiled at its first call, or read back. Divisions by zero give inf or nan; sums are never re-ordered."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = cache_folder() or before
    try:
        compiled = numba.njit(cache=True, error_model="numpy", nogil=True)(function)
    finally:
        numba.config.CACHE_DIR = before
    return cast("F", compiled)


def inlined(function: F) -> F:
    """Copied into the kernels that call it, so that their loops can work on several elements at once."""
    return cast("F", numba.njit(inline="always", error_model="numpy")(function))


def helper(function: F) -> F:
    """Called by kernels; makes no array: it then does without counting who still uses those it was given.

    Copied into its callers: handing an array over is seven values, which took a third of the time of a call.
    """
    return cast("F", numba.njit(error_model="numpy", _nrt=False, forceinline=True, **INSIDE)(function))


def shared(function: F) -> F:
    """The same, not copied: where functions call one another from several places, copies of copies take minutes to
    compile."""
    return cast("F", numba.njit(error_model="numpy", _nrt=False, **INSIDE)(function))


def call(function: Callable[..., Any], *arguments: object) -> Any:
    """From Python. Of several processes that need it for the first time, one compiles and the others read."""
    dispatcher = cast("Any", function)
    if not dispatcher.signatures:
        with _alone():
            dispatcher.compile(tuple(numba.typeof(argument) for argument in arguments))
    return function(*arguments)


@contextmanager
def _alone() -> Iterator[None]:
    folder = cache_folder()
    if not folder:
        yield
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    with (Path(folder) / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
