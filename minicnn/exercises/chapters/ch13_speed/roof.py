"""Exercises of chapter 13: what holds a computation up."""

from ...checking.exercise import Choice

depthwise_roof = Choice(
    id="depthwise_roof",
    chapter=13,
    title="Under which roof?",
    prompt="""
    Your machine multiplies and adds at 200 GFLOP/s, and its memory gives 20 GB/s. A depthwise 3×3 convolution on
    large images does about 2.2 operations for each byte. It runs at 35 GFLOP/s, 18 % of the peak. A friend wants
    to make it faster. Which of these has a chance?
    """,
    options={
        "a": (
            "Better use of the vector registers: 82 % of the peak are still to be had.",
            "Not here. At 2.2 operations a byte, 20 GB/s allow 2.2 · 20 = 44 GFLOP/s, whatever the registers do.",
        ),
        "b": (
            "Doing the ReLU that follows in the same pass, before the outputs are written.",
            "Yes. The convolution has four fifths of what memory allows, 2.2 · 20 = 44 GFLOP/s. What can still be "
            "saved are bytes: the ReLU would read and write all outputs once more, and in the same pass its "
            "operations are free.",
        ),
        "c": (
            "The Fourier transform, which needs fewer operations.",
            "Operations are not what is scarce: the bytes are. The transform would add passes over them.",
        ),
        "d": (
            "A processor with twice the peak, and the same memory.",
            "Then the peak is 400 GFLOP/s, and memory still allows 2.2 · 20 = 44.",
        ),
    },
    right="b",
    hints=[
        "The ridge is at 200 / 20 = 10 operations a byte. On which side are 2.2?",
        "On the left only one thing helps: fewer bytes. Which of the four saves some?",
    ],
)

fair_race = Choice(
    id="fair_race",
    chapter=13,
    title="A fair race?",
    prompt="""
    Somebody has written a convolution with Numba, and times it in a fresh notebook: one call of it, then one call of
    `F.conv2d`, on the same float32 arrays with the same number of threads. 600 ms against 3 ms. "Mine is 200 times
    slower, I give up." What should be mended first?
    """,
    options={
        "a": (
            "The arrays: float64 would be fairer.",
            "It would slow both down, and the same for both is fair enough. Look for 600 ms.",
        ),
        "b": (
            "The clock: `time.time` is more exact.",
            "No: `time.perf_counter` is the clock for short times. And no clock is wrong by 600 ms.",
        ),
        "c": (
            "The order: `F.conv2d` should have gone first.",
            "Who goes second finds the arrays in the caches, true. For arrays of a megabyte that is far less than a "
            "millisecond.",
        ),
        "d": (
            "The first call: it should not count.",
            "Yes. The first call compiles, which takes most of a second. Call once, then time several calls and take "
            "the fastest or the median. `F.conv2d` had its compiled loops on disk, or compiled before.",
        ),
    },
    right="d",
    hints=["What happens in the first call of a Numba function that does not happen in the second?"],
)
