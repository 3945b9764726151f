"""Random numbers in bulk: number `i` of stream `seed` is a function of (seed, i) alone.

A counter and the SplitMix64 mixer (Steele, Lea, Flood, 2014) instead of a state: any element may be drawn without
those before it, two scenarios share their numbers by sharing seeds, and a loop draws four or eight at once. Logarithm,
exponential and sine are polynomials (those of fdlibm and of Taylor, error below 2 units of the last place, 1e-13 for
the sine): a call to the mathematical library would bring the loop back to one element at a time.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled import inlined, kernel

Floats = NDArray[np.float64]
U = np.uint64

EXPONENTIAL, LOGNORMAL, CONSTANT, EMPIRICAL = range(4)

GOLDEN = U(0x9E3779B97F4A7C15)
MIX_1 = U(0xBF58476D1CE4E5B9)
MIX_2 = U(0x94D049BB133111EB)
OTHER = U(0x5851F42D4C957F2D)
ONE = U(0x3FF0000000000000)
TWO_52 = U(0x4330000000000000)
MANTISSA = U(0x000FFFFFFFFFFFFF)
ROOT_HALF = U(0x3FE6A09E00000000)
TO_ROOT_HALF = U(0x00095F6200000000)
LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10


@inlined
def word(seed: Any, i: Any) -> Any:
    z = seed + (U(i) + U(1)) * GOLDEN
    z = (z ^ (z >> U(30))) * MIX_1
    z = (z ^ (z >> U(27))) * MIX_2
    return z ^ (z >> U(31))


@inlined
def unit(z: Any) -> Any:
    """In ]0, 1]: its logarithm exists."""
    return 2.0 - U((z >> U(12)) | ONE).view(np.float64)


@inlined
def log(x: Any) -> Any:
    """Of a positive, normal number (fdlibm's e_log)."""
    moved = np.float64(x).view(U) + TO_ROOT_HALF
    e = U((moved >> U(52)) | TWO_52).view(np.float64) - 4503599627370496.0 - 1023.0
    f = U((moved & MANTISSA) + ROOT_HALF).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860510658591e-01))
    )
    half = 0.5 * f * f
    return e * LN2_HIGH - ((half - (s * (half + even + odd) + e * LN2_LOW)) - f)


@inlined
def exp(x: Any) -> Any:
    """Between -700 and 700; a Taylor polynomial on half an octave."""
    n = np.floor(x * 1.4426950408889634 + 0.5)
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    p = 1.0 + r * (
        1.0
        + r
        * (
            0.5
            + r
            * (
                1 / 6
                + r
                * (
                    1 / 24
                    + r
                    * (
                        1 / 120
                        + r
                        * (
                            1 / 720
                            + r * (1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r / 39916800))))
                        )
                    )
                )
            )
        )
    )
    power = U(np.float64(n + 4503599627370496.0 + 1023.0).view(U) << U(52)).view(np.float64)
    return p * power


@inlined
def minus_sine(turn: Any) -> Any:
    """-sin(2 pi turn) for a quarter of a turn on either side of 0."""
    a = 6.283185307179586 * turn
    t = a * a
    p = -2.505210838544172e-8 + t * (1.6059043836821613e-10 + t * (-7.647163731819816e-13 + t * 2.8114572543455206e-15))
    p = -1.984126984126984e-4 + t * (2.7557319223985893e-6 + t * p)
    return -a * (1.0 + t * (-1.6666666666666666e-1 + t * (8.333333333333333e-3 + t * p)))


@kernel
def fill_units(out: Floats, seed: np.uint64, start: int) -> None:
    for i in range(out.size):
        out[i] = unit(word(seed, start + i))


@kernel
def fill_exponentials(out: Floats, seed: np.uint64, start: int) -> None:
    """Mean 1."""
    for i in range(out.size):
        out[i] = -log(unit(word(seed, start + i)))


@kernel
def fill_normals(out: Floats, seed: np.uint64, start: int) -> None:
    """Box-Muller: the first half of `out` holds the cosines, the second the sines. `start` and the size are even."""
    half = out.size // 2
    base = start // 2
    for i in range(half):
        radius = np.sqrt(-2.0 * log(unit(word(seed, base + i))))
        turn = unit(word(seed ^ OTHER, base + i)) - 0.5
        cosine = minus_sine(abs(turn) - 0.25)
        sine = np.copysign(np.sqrt(max(0.0, 1.0 - cosine * cosine)), turn)
        out[i] = radius * cosine
        out[half + i] = radius * sine


@kernel
def fill_durations(out: Floats, seed: np.uint64, start: int, law: int, sigma: float, table: Floats) -> None:
    """Of mean 1 (the table of an empirical law has a mean of 1): the caller multiplies by the mean of each class."""
    if law == EXPONENTIAL:
        fill_exponentials(out, seed, start)
    elif law == LOGNORMAL:
        fill_normals(out, seed, start)
        for i in range(out.size):
            out[i] = exp(sigma * out[i] - 0.5 * sigma * sigma)
    elif law == CONSTANT:
        out[:] = 1.0
    else:
        fill_units(out, seed, start)
        for i in range(out.size):
            out[i] = table[min(int(out[i] * table.size), table.size - 1)]
