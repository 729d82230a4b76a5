"""Micro-kernels: the few loops that decide how fast convolutions and matrix products are, on vector registers by hand.

A CPU core multiplies and adds whole vectors (AVX-512: 16 float32 at once), and has few registers to keep them in
(AVX-512 and NEON 32, AVX2 16). A load takes as long as a multiply-add, even from the nearest cache. So a micro-kernel
keeps a block of sums in registers, and uses everything that it loads many times:

    tile   c[i, j] = Σ_k w[k, i] · x[places[j] + offsets[k]]    i: some rows, j: some vectors
    dots   c[i, j] += Σ_q y[i, q] · x[places[q] + offsets[j]]   i: some rows, j: some columns, q: a list of vectors

On AVX-512 a tile has 8 rows of 3 vectors: 8 numbers and 3 vectors are loaded for 24 multiply-adds. Compilers do not
find this by themselves. So an `@intrinsic` writes the instructions, once, when the kernel that uses it is compiled;
`b`, LLVM's builder, appends them. Arrays are flat, a name with o behind it says where the part that is meant begins
(xo for x), and tables count numbers, not vectors. Nothing is checked here.
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
WIDE, WIDE_DOTS = ROWS * VECTORS // 2, DOT_ROWS * DOT_COLUMNS // 2


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


def micro_kernel(write):
    """What ``write(vectors, b, at, …)`` appends, as a function for kernels; arrays are pointers, at(p, i) is p + i.

    ``_tile(v, b, at, w, wo, x, …)`` below becomes ``tile(w, wo, x, …)``: v, b and at are filled in.
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

            write(_Vectors(context, b, dtype), b, at, *map(native, sig.args, values))
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


def sums_of_tile(v, b, at, w, wo, step, x, xo, places, t, offsets, oo, n, first):
    """The vectors first[i][j] + Σ_k w[wo + k·step + i] · x[xo + places[t + j] + offsets[oo + k]], k < n."""
    w, offsets, height, width = at(w, wo), at(offsets, oo), len(first), len(first[0])
    seen = [at(x, xo, b.load(at(places, t, j))) for j in range(width)]

    def body(k, totals):
        offset = b.load(at(offsets, k))
        vectors = [v.load(at(p, offset)) for p in seen]
        taps = at(w, b.mul(k, step))
        new = []
        for i in range(height):
            tap = v.splat(b.load(at(taps, i)))
            new += [v.multiply_add(tap, u, totals[i * width + j]) for j, u in enumerate(vectors)]
        return new

    totals = loop(b, n, [total for row in first for total in row], body)
    return [totals[i : i + width] for i in range(0, len(totals), width)]


def _tile(v, b, at, w, wo, x, xo, places, t, offsets, oo, n, c, targets, row, shape=(ROWS, VECTORS)):
    """c[i·row + targets[t + j]] = Σ_k w[wo + k·ROWS + i] · x[xo + places[t + j] + offsets[oo + k]], vectors, k < n.

    For kernels/convolution/images.py: w are the weights from wo on, x the buffer from xo on (its group of channels), t
    the first window, oo the first tap, n how many, c the sums, row from a channel of y to the next.
    """
    height, width = shape
    first = [[v.zero] * width] * height
    totals = sums_of_tile(v, b, at, w, wo, I64(height), x, xo, places, t, offsets, oo, n, first)
    for j in range(width):
        target = at(c, b.load(at(targets, t, j)))
        for i in range(height):
            v.store(totals[i][j], at(target, b.mul(row, I64(i))))


def _low_tile(v, b, at, w, wo, x, xo, places, t, offsets, oo, n, c, targets, row):
    """A tile of LOW_ROWS rows and LOW_VECTORS vectors."""
    _tile(v, b, at, w, wo, x, xo, places, t, offsets, oo, n, c, targets, row, (LOW_ROWS, LOW_VECTORS))


def _wide_tile(v, b, at, w, wo, x, xo, places, t, offsets, oo, n, c, targets):
    """A tile of one row and WIDE vectors: for a filter that shares its input with few others."""
    _tile(v, b, at, w, wo, x, xo, places, t, offsets, oo, n, c, targets, I64(0), (1, WIDE))


def _dots(v, b, at, y, yo, row, x, xo, places, q, offsets, oo, n, c, co, shape=(DOT_ROWS, DOT_COLUMNS)):
    """c[i, j] += Σ_k y[yo + i·row + k·lanes] · x[xo + places[q + k] + offsets[oo + j]], k < n, over all lanes."""
    y, (height, width) = at(y, yo), shape
    rows = [at(y, b.mul(row, I64(i))) for i in range(height)]
    columns = [at(x, xo, b.load(at(offsets, oo, j))) for j in range(width)]
    places = at(places, q)

    def body(k, totals):
        p, place = b.mul(k, I64(v.lanes)), b.load(at(places, k))
        left = [v.load(at(r, p)) for r in rows]
        new = [None] * len(totals)
        for j, column in enumerate(columns):
            right = v.load(at(column, place))
            for i in range(height):
                new[i * width + j] = v.multiply_add(left[i], right, totals[i * width + j])
        return new

    v.add_sums(loop(b, n, [v.zero] * (height * width), body), at(c, co))


def _wide_dots(v, b, at, y, yo, x, xo, places, q, offsets, oo, n, c, co):
    """Dots of one row and WIDE_DOTS columns: for a filter that has its input for itself."""
    _dots(v, b, at, y, yo, I64(0), x, xo, places, q, offsets, oo, n, c, co, (1, WIDE_DOTS))


def _interleave(v, b, at, x, xo, image, images, n, y, yo, places, q, spare):
    """y[yo + places[q + j]] = the vector of x[xo + i·image + j], i < images, 0 behind; for j < n ≤ lanes."""
    x, places = at(x, xo), at(places, q)
    pixels, nothing = v.mask(n), v.mask(I64(0))
    rows = []
    for i in range(v.lanes):
        there = b.icmp_signed("<", I64(i), images)
        own = b.select(there, b.mul(image, I64(i)), I64(0))  # never an address outside: even masked, that takes long
        rows.append(v.load_masked(at(x, own), b.select(there, pixels, nothing)))
    for j, column in enumerate(v.transpose(rows)):
        place = b.select(b.icmp_signed("<", I64(j), n), b.add(b.load(at(places, j)), yo), spare)
        v.store(column, at(y, place))


def _separate(v, b, at, x, xo, bias, n, y, yo, image, images):
    """y[yo + i·image + j] = lane i of vector j of x, plus bias; for i < images, j < n ≤ lanes. Undoes `interleave`."""
    x, y, bias = at(x, xo), at(y, yo), v.splat(bias)
    columns = v.transpose([b.fadd(v.load(at(x, j * v.lanes)), bias) for j in range(v.lanes)])
    pixels, nothing = v.mask(n), v.mask(I64(0))
    for i, row in enumerate(columns):
        there = b.icmp_signed("<", I64(i), images)
        own = b.select(there, b.mul(image, I64(i)), I64(0))
        v.store_masked(row, at(y, own), b.select(there, pixels, nothing))


def _clear(v, b, at, x, xo):
    """A vector of zeros at x[xo]."""
    v.store(v.zero, at(x, xo))


tile, low_tile, wide_tile = map(micro_kernel, (_tile, _low_tile, _wide_tile))
dots, wide_dots = map(micro_kernel, (_dots, _wide_dots))
interleave, separate, clear = map(micro_kernel, (_interleave, _separate, _clear))
