"""How images are copied ("packed") into a buffer, side by side behind their padding: what several ways share.

A vector of the buffer is the same pixel of `lanes` images. Large images are packed band by band: a *band* is some rows
of them. Where a vector shall be channels of one image, the caller says that each channel is an image.
"""

from numba.extending import register_jitable

from ..simd import BYTES, clear, interleave

CHUNK = 48  # windows, or tiles of them, that are computed together: whole tiles, whole vectors; about

# Columns of a table of bands
FIRST_PIXEL, END_PIXEL = 0, 1  # of the image, that are packed
SHIFT = 2  # what to add to their places in the buffer, which are those in an image that is not cut
FIRST_ZERO, END_ZERO = 3, 4  # of the table `outside`: where zeros go
FIRST_TARGET, END_TARGET = 5, 6  # pixels that are computed from the band
MORE = 7  # here begin the columns of one way alone


@register_jitable
def pack(x, first, images, band, inside, outside, channel, shift, buffer):
    """Copy a band of some images, all channels, to the places `inside` the padding, shifted; band: a row of bands."""
    _, C, P = x.shape
    lanes = BYTES // x.itemsize
    for c in range(C):
        start = c * channel + shift
        for k in range(band[FIRST_ZERO], band[END_ZERO]):
            clear(buffer, start + outside[k])
        for q in range(band[FIRST_PIXEL], band[END_PIXEL], lanes):
            x_at, n = (first * C + c) * P + q, min(lanes, band[END_PIXEL] - q)
            interleave(x, x_at, C * P, images, n, buffer, start + band[SHIFT], inside, q, buffer.size - lanes)
