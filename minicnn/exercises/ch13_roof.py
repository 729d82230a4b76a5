"""Exercises of chapter 13: what holds a computation up."""

from .exercise import Choice

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
