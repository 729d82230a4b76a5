"""How images lie in the buffer into which kernels' packing.py copies them, band by band."""

from math import prod
from typing import NamedTuple

import numpy as np

from ...kernels.convolution.packing import CHUNK
from ...kernels.division import ceil_div
from ...kernels.simd import BYTES

LANES = BYTES // 4  # of a vector, at most
BUFFER = 1 << 20  # bytes to pack at a time, where bands of rows can be so small: about a second-level cache
SHARES = 8  # of a job, for threads: forward and dx are cut into so many at least, dw (a total for each) at most


class Source(NamedTuple):
    """How packed images lie in the buffer, band by band.

    A band is `units` steps of the first axis; each moves `step` rows ahead in the buffer, and the taps look up to
    `reach` rows further. It computes `rows` rows of the target for each step, the first `skip` of which do not count.
    """

    size: tuple  # pixels of the images that are packed
    before: tuple  # zeros before them
    length: tuple  # with zeros on both sides (of the first axis: `height`)
    step: int
    reach: int
    target: tuple  # pixels of the images that are computed
    rows: int
    skip: int

    @property
    def all_units(self):
        return ceil_div(self.target[0] + self.skip, self.rows)

    def height(self, units):
        """Rows of the buffer that a band takes."""
        return (units - 1) * self.step + self.reach + 1

    def place(self, a, b, c, pixel):
        """Where all combinations of indices along the three axes are, flat; from a pixel to the next it is `pixel`."""
        a, b, c = np.ix_(a, b, c)
        return (((a * self.length[1] + b) * self.length[2] + c) * pixel).ravel()

    def inside(self, step):
        """Where each pixel of the images goes, filled up to whole vectors."""
        places = self.place(*(np.arange(n) + b for n, b in zip(self.size, self.before, strict=True)), step)
        return np.append(places, np.zeros(LANES, np.int64))

    def units(self, vectors, row_bytes):
        """How many steps a band shall have, when there are so many vectors of images, and a row of the buffer has
        `row_bytes` (for all channels)."""
        fits = max(1, (BUFFER // row_bytes - self.reach - 1) // self.step + 1)
        shares = ceil_div(self.all_units * vectors, SHARES)
        pixels = self.rows * prod(self.target[1:])  # of the target, that a step computes
        least = max(ceil_div(self.reach, self.step), ceil_div(CHUNK, pixels))  # or it does not pay
        units = min(self.all_units, max(min(fits, shares), least))
        return ceil_div(self.all_units, ceil_div(self.all_units, units))  # evenly

    def steps(self, units):
        """How many steps each band has, if all but the last have so many `units`."""
        return np.diff([*range(0, self.all_units, units), self.all_units])

    def bands(self, units, step):
        """The table of bands, whose columns kernels' packing.py names; and the places `outside`, which are zeros.

        An image of 4×4 pixels behind zeros on all sides, 6×6, and a filter of 3 rows, in bands of two rows of y: these
        see 4 rows, of which 3 are pixels. The second band lies two rows, 12 places, further up in the buffer.

        >>> source = Source((4, 4, 1), (1, 1, 0), (6, 6, 1), step=1, reach=2, target=(4, 4, 1), rows=1, skip=0)
        >>> bands, outside = source.bands(2, 1)
        >>> bands[:, :2].tolist(), bands[:, 2].tolist(), bands[:, 5:].tolist()  # pixels, shift, pixels of y
        ([[0, 12], [4, 16]], [0, -12], [[0, 8], [8, 16]])
        >>> [outside[first:end].tolist() for first, end in bands[:, 3:5]]  # a row of zeros above; one below
        [[0, 1, 2, 3, 4, 5, 6, 11, 12, 17, 18, 23], [0, 5, 6, 11, 12, 17, 18, 19, 20, 21, 22, 23]]
        """
        row, target_row = prod(self.size[1:]), prod(self.target[1:])
        place, height = prod(self.length[1:]) * step, self.height(units)
        inside, table, outside = self.inside(1), [], []
        for unit in range(0, self.all_units, units):
            first = unit * self.step - self.before[0]
            start, stop = max(0, first), max(0, first, min(self.size[0], first + height))
            zeros = np.ones(height * prod(self.length[1:]), bool)
            zeros[inside[start * row : stop * row] - unit * self.step * (place // step)] = False
            own = (unit * self.rows - self.skip, (unit + units) * self.rows - self.skip)
            own = (min(max(0, n), self.target[0]) * target_row for n in own)
            known = sum(map(len, outside))
            outside.append(np.flatnonzero(zeros) * step)
            table.append([start * row, stop * row, -unit * self.step * place, known, known + len(outside[-1]), *own])
        return np.array(table, np.int64), np.concatenate(outside)


def source_of_windows(g):
    """x as the source of y, as in the forward pass."""
    reach = (g.kernel[0] - 1) * g.dilation[0]
    return Source(g.size, g.before, g.padded, step=g.stride[0], reach=reach, target=g.out, rows=1, skip=0)
