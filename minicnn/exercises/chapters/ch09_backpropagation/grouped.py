"""The last exercise of chapter 9: the whole way back of a convolution, with stride, padding and groups."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake


def conv2d_backward(x, w, dy, stride=1, padding=0, groups=1):
    (_, C, H, W), (O, _, KH, KW) = x.shape, w.shape
    S, P = stride, padding
    padded = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))
    dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
    for g in range(groups):
        c = slice(g * C // groups, (g + 1) * C // groups)  # the channels of this group
        o = slice(g * O // groups, (g + 1) * O // groups)  # and its filters
        for i, j in np.ndindex(dy.shape[2:]):
            rows, columns = slice(i * S, i * S + KH), slice(j * S, j * S + KW)
            dw[o] += np.einsum("no,nckl->ockl", dy[:, o, i, j], padded[:, c, rows, columns])
            dpadded[:, c, rows, columns] += np.einsum("no,ockl->nckl", dy[:, o, i, j], w[o])
    return dpadded[:, :, P : P + H, P : P + W], dw, dy.sum(axis=(0, 2, 3))


def first_group(x, w, dy, stride=1, padding=0, groups=1):
    """All filters are taken to look at the channels of the first group."""
    used = w.shape[1]
    dx = np.zeros(x.shape)
    dx[:, :used], dw, db = conv2d_backward(x[:, :used], w, dy, stride, padding)
    return dx, dw, db


def interleaved(x, w, dy, stride=1, padding=0, groups=1):
    """Filter o is taken to belong to group o % groups."""
    order = np.argsort(np.arange(len(w)) % groups, kind="stable")
    back = np.argsort(order)
    dx, dw, db = conv2d_backward(x, w[order], dy[:, order], stride, padding, groups)
    return dx, dw[back], db[back]


def padding_kept(x, w, dy, stride=1, padding=0, groups=1):
    P = padding
    return conv2d_backward(np.pad(x, ((0, 0), (0, 0), (P, P), (P, P))), w, dy, stride, 0, groups)


def per_part(change):
    """A wrong conv2d_backward that changes (dx, dw, db) in the end; `change` gets them and x."""
    return lambda x, w, dy, *rest, **options: change(x, *conv2d_backward(x, w, dy, *rest, **options))


def backward(N, C, H, W, O, K, stride=1, padding=0, groups=1):  # noqa: E741
    OH, OW = ((n + 2 * padding - K) // stride + 1 for n in (H, W))
    options = {"stride": stride, "padding": padding, "groups": groups}
    options = {key: value for key, value in options.items() if value != (key != "padding")}

    def script(code, rng):
        x, w, dy = ints(rng, N, C, H, W), ints(rng, O, C // groups, K, K), ints(rng, N, O, OH, OW)
        code.call("conv2d_backward", x, w, dy, **options)

    return script


grouped_backward = Function(
    id="grouped_backward",
    chapter=9,
    title="Everything at once: stride, padding, groups",
    prompt="""
    Write the whole way back of a convolution, `conv2d_backward(x, w, dy, stride, padding, groups)`, from `x`
    (N, C, H, W), `w` (O, C/groups, KH, KW) and `dy` (N, O, OH, OW) to the three gradients `dx`, `dw` and `db`,
    of the shapes of `x`, of `w`, and (O,). Padding is zeros, per side. With groups, the channels are cut into
    as many equal runs, and so are the filters: the first run of filters sees the first run of channels only,
    and so on.
    """,
    stub='''
    def conv2d_backward(x, w, dy, stride=1, padding=0, groups=1):
        """The gradients dx, dw and db, of the shapes of x, of w, and (O,)."""
        ...
    ''',
    reference=[conv2d_backward],
    without=["conv2d"],
    checks=[
        Check("Stride 1, no padding, one group", 1, backward(2, 2, 3, 4, 3, 2), cases=3),
        Check("Padding 1", 1, backward(1, 1, 3, 3, 1, 3, padding=1), cases=3),
        Check("Stride 2, with a last row that no window reached", 1, backward(1, 2, 6, 5, 1, 3, stride=2), cases=3),
        Check("Two groups", 2, backward(1, 4, 3, 3, 4, 2, groups=2), cases=3),
        Check("Depthwise, with all of it", 1, backward(2, 3, 5, 6, 3, 3, stride=2, padding=1, groups=3), cases=3),
    ],
    mistakes=[
        Mistake(
            "stride ignored",
            lambda x, w, dy, stride=1, padding=0, groups=1: conv2d_backward(x, w, dy, 1, padding, groups),
            "This is what one gets when the stride is forgotten: output (i, j) saw the window at (i·S, j·S).",
        ),
        Mistake(
            "padding kept",
            padding_kept,
            "This is the gradient of the *padded* input. Cut the border off again.",
        ),
        Mistake(
            "first group",
            first_group,
            "This is what one gets when all filters see the first group's channels. Group g has channels of its own.",
        ),
        Mistake(
            "interleaved",
            interleaved,
            "This is what one gets when filters are dealt out to the groups in turn, like cards. They come in "
            "runs: the first "
            "O/groups filters belong to the first group.",
        ),
        Mistake(
            "flipped",
            per_part(lambda x, dx, dw, db: (dx, dw[:, :, ::-1, ::-1], db)),
            "`dw` is turned by 180 degrees. The weight gradient has no flip.",
        ),
        Mistake(
            "mean over images",
            per_part(lambda x, dx, dw, db: (dx, dw / len(x), db / len(x))),
            "`dw` is the mean over the images. The same weight was used for each of them: sum.",
        ),
        Mistake(
            "bias per place",
            per_part(lambda x, dx, dw, db: (dx, dw, db / len(x))),
            "`db` is divided. The bias was added at every place of every image, with strength 1: sum `dy` over "
            "images, rows "
            "and columns.",
        ),
    ],
    hints=[
        "Begin with one group and no padding: `conv2d_input_gradient` and `conv2d_weight_gradient` are two "
        "thirds of it, and "
        "`db` sums `dy` over all axes but that of the filters.",
        "Padding: pad `x` first, fill a gradient of that size, and cut the border off in the end.",
        "Groups: do the same for every group g, with the channels from g·C/groups to (g + 1)·C/groups and the filters "
        "likewise. `slice` objects keep that readable.",
    ],
)
