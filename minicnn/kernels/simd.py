"""Micro-kernels: the few loops that decide how fast convolutions and matrix products are, on vector registers by hand.

A CPU core multiplies and adds whole vectors (AVX-512: 16 float32 at once), and has few registers to keep them in
(AVX-512 and NEON 32, AVX2 16). A load takes as long as a multiply-add, even from the nearest cache. So a micro-kernel
keeps a block of sums in registers, and uses everything that it loads many times:

    tile       sums[i, j] = Σ_k numbers[k, i] · vectors[places[j] + offsets[k]]      i: some rows, j: some vectors
    multiply   sums[i, j] = Σ_k numbers[k, i] · vectors[k, j]                        the same of a matrix product
    dots       sums[i, j] += Σ_q left[i, q] · right[places[q] + offsets[j]]          i: some rows, j: some columns

In the first two, each of the `numbers` is spread to all lanes of a register, and meets some of the `vectors`; dots
multiply vector by vector, q, and add the lanes up. On AVX-512 a tile has 8 rows of 3 vectors: 8 numbers and 3 vectors
are loaded for 24 multiply-adds. Compilers do not find this by themselves. So an `@intrinsic` writes the instructions,
once, when the kernel that uses it is compiled; `b`, LLVM's builder, appends them. Micro-kernels that one way alone
needs stand in its file.

Arrays are flat, and an argument x_at says where in x the part begins that is meant: formulas count from there, and
leave it out. Tables count numbers, not vectors. Nothing is checked here.
"""

import os
from inspect import signature

from llvmlite import binding, ir
from numba.core import config, types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

# What fits into the registers: bytes of a vector; rows and vectors of a tile; rows and columns of dots.
SHAPES = {"avx512": (64, 8, 3, 4, 6), "avx2": (32, 4, 3, 3, 4), "neon": (16, 8, 3, 4, 6)}
NEEDS = {"avx512": {"+avx512f"}, "avx2": {"+avx2", "+fma"}, "neon": {"+neon"}}


def _choose():
    """The best that this machine can do, or what MINICNN_SIMD says."""
    wanted = os.environ.get("MINICNN_SIMD", "auto")
    if wanted not in (*SHAPES, "plain", "auto"):
        raise ValueError(f"MINICNN_SIMD must be auto, {', '.join(SHAPES)} or plain, not {wanted!r}. Unset it.")
    features = config.CPU_FEATURES
    features = binding.get_host_cpu_features().flatten() if features is None else features
    able = [name for name in SHAPES if NEEDS[name].issubset(features.split(","))]
    if config.DISABLE_JIT or wanted == "plain" or not able:
        return "plain"
    if wanted != "auto" and wanted not in able:
        raise ValueError(f"MINICNN_SIMD={wanted}: this machine cannot do that, only {', '.join(able)} or plain.")
    return able[0] if wanted == "auto" else wanted


I32, I64 = ir.IntType(32), ir.IntType(64)
NAME = _choose()
BYTES, ROWS, VECTORS, DOT_ROWS, DOT_COLUMNS = SHAPES.get(NAME, SHAPES["avx2"])
LOW_ROWS, LOW_VECTORS = 6, ROWS * VECTORS // 6  # as many sums, for 6 channels
WIDE, WIDE_DOTS = ROWS * VECTORS // 2, DOT_ROWS * DOT_COLUMNS // 2  # vectors, columns; for a filter on its own
TILES = (ROWS, VECTORS), (LOW_ROWS, LOW_VECTORS), (1, WIDE)
WIDTH = 2  # vectors that `multiply` multiplies with the numbers of HEIGHT rows: as many sums as registers can hold
HEIGHT = ROWS * VECTORS // WIDTH


class _Vectors:
    """Appends instructions on vectors of one float type to the function that is being compiled."""

    def __init__(self, context, b, dtype):
        self.b, self.bits = b, dtype.bitwidth
        self.lanes = BYTES * 8 // self.bits
        self.type = ir.VectorType(context.get_data_type(dtype), self.lanes)
        self.zero = self.number(0.0)
        self.indices = ir.VectorType(I32, self.lanes)

    def load(self, p):
        v = self.b.load(self.b.bitcast(p, self.type.as_pointer()))
        v.align = self.bits // 8
        return v

    def store(self, v, p):
        self.b.store(v, self.b.bitcast(p, self.type.as_pointer())).align = self.bits // 8

    def splat(self, number):
        """The number in every lane."""
        one = self.b.insert_element(ir.Constant(self.type, ir.Undefined), number, I32(0))
        return self.b.shuffle_vector(one, one, ir.Constant(self.indices, [0] * self.lanes))

    def number(self, value):
        """A constant in every lane."""
        return ir.Constant(self.type, [value] * self.lanes)

    def shuffle(self, u, v, places):
        return self.b.shuffle_vector(u, v, ir.Constant(self.indices, places))

    def call(self, name, result, *args):
        """An instruction that LLVM has under a name, such as llvm.fma."""
        kind = ir.FunctionType(result, [a.type for a in args])
        return self.b.call(get_or_insert_function(self.b.module, kind, f"llvm.{name}.v{self.lanes}f{self.bits}"), args)

    def multiply_add(self, u, v, total):
        return self.call("fma", self.type, u, v, total)

    def mask(self, n):
        """True in the first n lanes."""
        n = self.b.trunc(n, I32)
        n = self.b.insert_element(ir.Constant(self.indices, ir.Undefined), n, I32(0))
        n = self.b.shuffle_vector(n, n, ir.Constant(self.indices, [0] * self.lanes))
        return self.b.icmp_signed("<", ir.Constant(self.indices, list(range(self.lanes))), n)

    def load_masked(self, p, mask):
        p = self.b.bitcast(p, self.type.as_pointer())
        return self.call("masked.load", self.type, p, I32(self.bits // 8), mask, self.zero)

    def store_masked(self, v, p, mask):
        """Where all lanes are there, nearly always, a plain store: a masked one takes 25 cycles on some processors."""
        lanes = ir.IntType(self.lanes)
        with self.b.if_else(self.b.icmp_unsigned("==", self.b.bitcast(mask, lanes), lanes(-1))) as (all_, some):
            with all_:
                self.store(v, p)
            with some:
                to = self.b.bitcast(p, self.type.as_pointer())
                self.call("masked.store", ir.VoidType(), v, to, I32(self.bits // 8), mask)

    def halves(self, p, n):
        """Two vectors that hold the n ≤ 2 · lanes numbers at p: where they begin, and which of their lanes are there.

        No address is outside: even masked, that takes long.
        """
        rest = self.b.sub(n, I64(self.lanes))
        second = self.b.select(self.b.icmp_signed(">", rest, I64(0)), I64(self.lanes), I64(0))
        return [(p, self.mask(n)), (self.b.gep(p, [second]), self.mask(rest))]

    def transpose(self, rows):
        """Columns from rows: the blocks off the diagonal change places, first single lanes, then pairs, then fours."""
        h = 1
        while h < self.lanes:
            for i in range(self.lanes):
                if not i & h:
                    u, v = rows[i], rows[i + h]
                    lanes = range(self.lanes)
                    rows[i] = self.shuffle(u, v, [j + self.lanes - h if j & h else j for j in lanes])
                    rows[i + h] = self.shuffle(u, v, [j + self.lanes if j & h else j + h for j in lanes])
            h *= 2
        return rows

    def sums(self, vectors):
        """One vector from as many as it has lanes: lane i is the sum of vectors[i].

        Halves of neighbours are added until one is left, as in a knock-out tournament.
        """
        width = self.lanes
        while width > 1:
            half, groups = width // 2, self.lanes // width
            places = [[v * self.lanes + g * width + h * half + e
                       for v in range(2) for g in range(groups) for e in range(half)] for h in range(2)]  # fmt: skip
            pairs = zip(vectors[::2], vectors[1::2], strict=True)
            vectors = [self.b.fadd(self.shuffle(u, v, places[0]), self.shuffle(u, v, places[1])) for u, v in pairs]
            width = half
        return vectors[0]

    def add_sums(self, vectors, p):
        """Add the sum of vectors[i] to the number at p + i; up to whole vectors, 0 to those behind."""
        for i in range(0, len(vectors), self.lanes):
            some, to = vectors[i : i + self.lanes], self.b.gep(p, [I64(i)])
            some = some + [self.zero] * (self.lanes - len(some))
            self.store(self.b.fadd(self.load(to), self.sums(some)), to)


def micro_kernel(write, **fixed):
    """What ``write(v, b, at, …, **fixed)`` appends, as a function for kernels; arrays are pointers, at(p, i) is p + i.

    ``_tile(v, b, at, rows, numbers, …)`` below becomes ``tile(rows, numbers, …)``: v, b and at are filled in.
    """

    def define(typing_context, *args):
        dtype = next(a.dtype for a in args if isinstance(a, types.Array) and isinstance(a.dtype, types.Float))

        def generate(context, b, sig, values):
            def native(kind, value):
                if isinstance(kind, types.Array):
                    return make_array(kind)(context, b, value).data
                return value if isinstance(kind, types.Float) else context.cast(b, value, kind, types.int64)

            def at(p, *offsets):
                for offset in offsets:
                    p = b.gep(p, [I64(offset) if isinstance(offset, int) else offset])
                return p

            write(_Vectors(context, b, dtype), b, at, *map(native, sig.args, values), **fixed)
            return context.get_dummy_value()

        return types.void(*args), generate

    own = [p for p in signature(write).parameters.values() if p.default is p.empty][3:]
    define.__signature__ = signature(define).replace(parameters=[*signature(define).parameters.values()][:1] + own)
    define.__name__ = write.__name__
    return intrinsic(define)


def loop(b, n, totals, body):
    """Repeat ``totals = body(k, totals)`` for k in range(n), n ≥ 1, with all totals in registers."""
    before = b.block
    block, after = b.append_basic_block("loop"), b.append_basic_block("after")
    b.branch(block)
    b.position_at_end(block)
    k = b.phi(I64)
    k.add_incoming(I64(0), before)
    phis = [b.phi(t.type) for t in totals]
    new = body(k, phis)
    for phi, first, then in zip(phis, totals, new, strict=True):
        phi.add_incoming(first, before)
        phi.add_incoming(then, block)
    following = b.add(k, I64(1))
    k.add_incoming(following, block)
    b.cbranch(b.icmp_signed("<", following, n), block, after)
    b.position_at_end(after)
    return new


def sums_of_tile(
    v, b, at, numbers, numbers_at, step, vectors, vectors_at, places, places_at, offsets, offsets_at, n, first
):
    """The vectors first[i][j] + Σ_k numbers[k·step + i] · vectors[places[j] + offsets[k]], k < n."""
    numbers, offsets, height, width = at(numbers, numbers_at), at(offsets, offsets_at), len(first), len(first[0])
    seen = [at(vectors, vectors_at, b.load(at(places, places_at, j))) for j in range(width)]

    def body(k, totals):
        offset = b.load(at(offsets, k))
        loaded = [v.load(at(p, offset)) for p in seen]
        taps = at(numbers, b.mul(k, step))
        new = []
        for i in range(height):
            tap = v.splat(b.load(at(taps, i)))
            new += [v.multiply_add(tap, u, totals[i * width + j]) for j, u in enumerate(loaded)]
        return new

    totals = loop(b, n, [total for row in first for total in row], body)
    return [totals[i : i + width] for i in range(0, len(totals), width)]


def for_each_shape(b, rows):
    """The shapes of tiles; what is appended in the body of a loop over them runs for the one with so many rows."""
    for height, width in TILES:
        with b.if_then(b.icmp_signed("==", rows, I64(height))):
            yield height, width


def _tile(
    v, b, at, rows, numbers, numbers_at, vectors, vectors_at, places, places_at, offsets, offsets_at, n, sums, targets,
    row,
):  # fmt: skip
    """sums[i·row + targets[j]] = Σ_k numbers[k·rows + i] · vectors[places[j] + offsets[k]], for i < rows, k < n.

    For kernels/convolution/images.py: the numbers are weights; vectors are the buffer, from the channels of a group on;
    places and targets those of some windows, offsets of some taps; row: from a channel of y to the next in the sums.
    """
    for height, width in for_each_shape(b, rows):
        first = [[v.zero] * width] * height
        totals = sums_of_tile(
            v, b, at, numbers, numbers_at, I64(height), vectors, vectors_at, places, places_at, offsets, offsets_at, n,
            first,
        )  # fmt: skip
        for j in range(width):
            target = at(sums, b.load(at(targets, places_at, j)))
            for i in range(height):
                v.store(totals[i][j], at(target, b.mul(row, I64(i))))


def _multiply(v, b, at, numbers, numbers_at, fours, vectors, vectors_at, n, sums, sums_at, row):
    """sums[i·row + j·lanes] = Σ_k numbers[fours[k // 4] + k % 4 + i·lanes] · vectors[(k·WIDTH + j)·lanes], vectors, for
    i < HEIGHT, j < WIDTH, k < 4n."""
    numbers, vectors, sums = at(numbers, numbers_at), at(vectors, vectors_at), at(sums, sums_at)

    def body(k, totals):
        own, columns = at(numbers, b.load(at(fours, k))), at(vectors, b.mul(k, I64(4 * WIDTH * v.lanes)))
        for l in range(4):  # at a time, or counting would take as long
            loaded, new = [v.load(at(columns, (l * WIDTH + j) * v.lanes)) for j in range(WIDTH)], []
            for i in range(HEIGHT):
                number = v.splat(b.load(at(own, i * v.lanes + l)))
                new += [v.multiply_add(number, u, totals[i * WIDTH + j]) for j, u in enumerate(loaded)]
            totals = new
        return totals

    for k, total in enumerate(loop(b, n, [v.zero] * (HEIGHT * WIDTH), body)):
        v.store(total, at(sums, b.mul(row, I64(k // WIDTH)), k % WIDTH * v.lanes))


def _dots(
    v, b, at, left, left_at, row, right, right_at, places, places_at, offsets, offsets_at, n, sums, sums_at,
    shape=(DOT_ROWS, DOT_COLUMNS),
):  # fmt: skip
    """sums[i, j] += Σ_k left[i·row + k·lanes] · right[places[k] + offsets[j]], k < n, over all lanes."""
    left, places, (height, width) = at(left, left_at), at(places, places_at), shape
    rows = [at(left, b.mul(row, I64(i))) for i in range(height)]
    columns = [at(right, right_at, b.load(at(offsets, offsets_at, j))) for j in range(width)]

    def body(k, totals):
        p, place = b.mul(k, I64(v.lanes)), b.load(at(places, k))
        own = [v.load(at(r, p)) for r in rows]
        new = [None] * len(totals)
        for j, column in enumerate(columns):
            seen = v.load(at(column, place))
            for i in range(height):
                new[i * width + j] = v.multiply_add(own[i], seen, totals[i * width + j])
        return new

    v.add_sums(loop(b, n, [v.zero] * (height * width), body), at(sums, sums_at))


def _interleave(v, b, at, x, x_at, image, images, n, y, y_at, places, places_at, spare):
    """y[places[j]] = the vector of x[i·image + j], i < images, 0 behind; for j < n ≤ lanes. Others go to y[spare]."""
    x, places = at(x, x_at), at(places, places_at)
    pixels, nothing = v.mask(n), v.mask(I64(0))
    rows = []
    for i in range(v.lanes):
        there = b.icmp_signed("<", I64(i), images)
        own = b.select(there, b.mul(image, I64(i)), I64(0))  # never an address outside: even masked, that takes long
        rows.append(v.load_masked(at(x, own), b.select(there, pixels, nothing)))
    for j, column in enumerate(v.transpose(rows)):
        place = b.select(b.icmp_signed("<", I64(j), n), b.add(b.load(at(places, j)), y_at), spare)
        v.store(column, at(y, place))


def _separate(v, b, at, x, x_at, bias, n, y, y_at, image, images):
    """y[i·image + j] = lane i of vector j of x, plus bias; for i < images, j < n ≤ lanes. Undoes `interleave`."""
    x, y, bias = at(x, x_at), at(y, y_at), v.splat(bias)
    columns = v.transpose([b.fadd(v.load(at(x, j * v.lanes)), bias) for j in range(v.lanes)])
    pixels, nothing = v.mask(n), v.mask(I64(0))
    for i, row in enumerate(columns):
        there = b.icmp_signed("<", I64(i), images)
        own = b.select(there, b.mul(image, I64(i)), I64(0))
        v.store_masked(row, at(y, own), b.select(there, pixels, nothing))


def _move(v, b, at, x, x_at, y, y_at):
    """y = x, a whole vector."""
    v.store(v.load(at(x, x_at)), at(y, y_at))


def _clear(v, b, at, x, x_at):
    """x = 0, a whole vector."""
    v.store(v.zero, at(x, x_at))


tile, multiply, dots = map(micro_kernel, (_tile, _multiply, _dots))
wide_dots = micro_kernel(_dots, shape=(1, WIDE_DOTS))
interleave, separate, move, clear = map(micro_kernel, (_interleave, _separate, _move, _clear))
