"""How images lie in the buffer into which kernels' images.py (channels.py, winograd.py) packs them, band by band."""

from math import prod
from typing import NamedTuple

import numpy as np

from ...kernels.convolution.images import CHUNK
from ...kernels.simd import BYTES

BUFFER = 1 << 20  # bytes to pack at a time, where bands of rows can be so small: about a second-level cache
PIECES = 8  # shares of a job: forward and dx are cut into so many at least, dw (a total for each) at most


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
        return -(-(self.target[0] + self.skip) // self.rows)

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
        return np.append(places, np.zeros(BYTES, np.int64))

    def units(self, vectors, row_bytes):
        """How many steps a band shall have, when there are so many vectors of images, and a row of the buffer has
        `row_bytes` (for all channels)."""
        fits = max(1, (BUFFER // row_bytes - self.reach - 1) // self.step + 1)
        shares = -(-self.all_units * vectors // PIECES)
        least = max(-(-self.reach // self.step), -(-CHUNK // (self.rows * prod(self.target[1:]))))  # or it does not pay
        units = min(self.all_units, max(min(fits, shares), least))
        return -(-self.all_units // -(-self.all_units // units))  # evenly

    def steps(self, units):
        """How many steps each band has, if all but the last have so many `units`."""
        return np.diff([*range(0, self.all_units, units), self.all_units])

    def bands(self, units, step):
        """The table of bands, whose columns kernels' images.py names, up to END_TARGET; and the places `outside`, which
        are zeros. Of an image of 4 rows behind one of padding, in bands of two: pixels 0 to 8 and 4 to 16 are packed,
        those of the second band two rows further up; outside are the first and the last row."""
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
    return Source(g.size, g.before, g.padded, g.stride[0], (g.kernel[0] - 1) * g.dilation[0], g.out, 1, 0)
