"""Images cut into strips of rows that overlap, and what was computed strip by strip put together again.

Shapes: images (N, C, pixels) · strips (N · count, C, pixels): those of an image follow each other. Index t owns one
channel of what is written.
"""

from ..running.jit import jit


@jit
def cut(start, stop, images, count, step, first, strips):
    """Strip s is the pixels from s · step + first on; 0 where the image has none."""
    C = images.shape[1]
    for t in range(start, stop):
        v, c = divmod(t, C)
        n, s = divmod(v, count)
        image, strip, begin = images[n, c], strips[v, c], s * step + first
        low = min(max(0, -begin), strip.size)
        high = max(low, min(strip.size, image.size - begin))
        inside, seen = strip[low:high], image[begin + low : begin + high]
        for i in range(low):
            strip[i] = 0
        for i in range(inside.size):
            inside[i] = seen[i]
        for i in range(high, strip.size):
            strip[i] = 0


@jit
def join(start, stop, strips, count, images):
    """Strip after strip, which do not overlap here; the last one may be too long."""
    C, size = images.shape[1], strips.shape[2]
    for t in range(start, stop):
        n, c = divmod(t, C)
        for s in range(count):
            image, strip = images[n, c, s * size :], strips[n * count + s, c]
            for i in range(min(size, image.size)):
                image[i] = strip[i]
