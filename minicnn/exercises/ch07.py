"""Exercises of chapter 7: pooling, equivariance and invariance."""

from .exercise import Choice

shifted_cat = Choice(
    id="shifted_cat",
    chapter=7,
    title="The cat moves",
    prompt="""
    A cat in an image moves two pixels to the right; the background is 0 everywhere. What happens to a feature
    map of a convolution with stride 1?
    """,
    options={
        "a": (
            "It stays exactly as it was.",
            "That would be *invariance*. Sharing the weights does not give it: the map says where the cat is, so "
            "it must move.",
        ),
        "b": (
            "It moves two pixels to the right, too.",
            "Yes: the same weights meet the same pixels two places further on. That is *equivariance*.",
        ),
        "c": (
            "It changes in a way that the weights decide.",
            "The weights are the same at every place, so the cat gives the same numbers wherever it is. But at "
            "which place?",
        ),
        "d": (
            "Its kernel moves two pixels to the right.",
            "The kernel is three or five pixels, and learnt; it does not change when an image does.",
        ),
    },
    right="b",
    hints=["Take one row, 0 0 1 0 0 0 0, and the kernel 1 2 1. Then move the 1, and slide again."],
)
