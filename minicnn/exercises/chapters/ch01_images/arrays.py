"""Exercises of chapter 1: images are arrays, and why not a plain network."""

import numpy as np

from ...checking.exercise import Check, Choice, Function, Mistake, Predict


def sizes(what, side, colours=3, biases=(100, 10), second_sees=100):
    numbers = side * side * colours
    first, second = numbers * 100, second_sees * 10
    return {"photo": numbers, "weights": first, "first": first + biases[0], "second": second + biases[1]}[what]


dense_sizes = Predict(
    id="dense_sizes",
    chapter=1,
    title="How many weights?",
    prompt="""
    A plain network joins *every* number that comes in to *every* unit, by a weight of its own. In addition, each unit
    has one bias. Yours looks at colour photos (red, green, blue) of 32×32 pixels. Its first layer has 100 units; the
    second layer has 10, and sees the outputs of the first. Work out with a pencil:
    """,
    reference=sizes,
    questions={
        "numbers in a photo": ("photo", 32),
        "weights of the first layer": ("weights", 32),
        "weights and biases of the first layer": ("first", 32),
        "weights and biases of the second layer": ("second", 32),
        "weights of the first layer, photos of 224×224": ("weights", 224),
    },
    mistakes=[
        Mistake(
            "one colour",
            lambda what, side: sizes(what, side, colours=1),
            "This is what one gets with a grey photo. A pixel in colour is three numbers.",
        ),
        Mistake(
            "no biases",
            lambda what, side: sizes(what, side, biases=(0, 0)),
            "These are the weights alone. Each unit has a bias, too.",
        ),
        Mistake(
            "one bias",
            lambda what, side: sizes(what, side, biases=(1, 1)),
            "This is what one gets with one bias for the layer. Each unit has its own.",
        ),
        Mistake(
            "a bias a number",
            lambda what, side: sizes(what, side, biases=(side * side * 3, 100)),
            "This is what one gets with one bias for every number that comes in. There is one for every unit.",
        ),
        Mistake(
            "sees the photo",
            lambda what, side: sizes(what, side, second_sees=side * side * 3),
            "This is a layer that sees the photo. The second layer sees the 100 outputs of the first.",
        ),
    ],
    solution="""
    dense_sizes = {
        "numbers in a photo": 32 * 32 * 3,
        "weights of the first layer": 32 * 32 * 3 * 100,
        "weights and biases of the first layer": 32 * 32 * 3 * 100 + 100,
        "weights and biases of the second layer": 100 * 10 + 10,
        "weights of the first layer, photos of 224×224": 224 * 224 * 3 * 100,
    }
    """,
    hints=[
        "32·32 pixels, and each of them is three numbers.",
        "Every pair (number that comes in, unit) has a weight: multiply. Then add one bias for every unit.",
    ],
)


def brighten(photo, by):
    return np.clip(photo.astype(int) + by, 0, 255).astype(np.uint8)


def photos(rng, H, W):
    """Random pixels, (H, W, 3) uint8, with a bright and a dark one among them."""
    photo = rng.integers(20, 236, (H, W, 3), dtype=np.uint8)
    photo[0, 0], photo[-1, -1] = 250, 5
    return photo


def change(photo, by):
    return photo.astype(int) + by


brighter = Function(
    id="brighter",
    chapter=1,
    title="Brighter, please",
    prompt="""
    A photo comes as whole numbers from 0 to 255, dtype `uint8`. Write `brighten(photo, by)`: every number larger by
    `by`, a whole number which may be negative. What would go above 255 stays at 255, and what would go below 0 stays
    at 0. The shape (H, W, 3) remains. Beware: in `uint8`, 250 + 10 is 4.
    """,
    stub='''
    def brighten(photo, by):
        """photo (H, W, 3) uint8 to the same, brighter (or, by < 0, darker)."""
        ...
    ''',
    reference=[brighten],
    checks=[
        Check("A little brighter", 1, lambda code, rng: code.call("brighten", photos(rng, 1, 3), 10)),
        Check(
            "Much brighter", 1, lambda code, rng: code.call("brighten", photos(rng, 2, 2), int(rng.integers(90, 200)))
        ),
        Check("Darker", 1, lambda code, rng: code.call("brighten", photos(rng, 2, 2), -int(rng.integers(90, 200)))),
    ],
    mistakes=[
        Mistake(
            "wrapped",
            lambda photo, by: change(photo, by).astype(np.uint8),
            "This is what one gets when `uint8` wraps around: a white cloud turns black. Convert to `int` before "
            "you add.",
        ),
        Mistake(
            "clipped too late",
            lambda photo, by: np.maximum(change(photo, by).astype(np.uint8), photo if by > 0 else 0),
            "This is what one gets when a sum that has wrapped around is mended afterwards. Convert to `int` before "
            "you add.",
        ),
        Mistake("not clipped", change, "Your numbers leave the range from 0 to 255. `np.clip` keeps them in."),
        Mistake(
            "only above",
            lambda photo, by: np.minimum(change(photo, by), 255),
            "Nothing is above 255, but something is below 0.",
        ),
        Mistake(
            "scaled",
            lambda photo, by: np.clip(photo * (1 + by / 255), 0, 255).astype(np.uint8),
            "This is what one gets when the photo is multiplied. That changes the contrast, too; here, add.",
        ),
    ],
    hints=[
        "`photo.astype(int)` has room for numbers above 255 and below 0.",
        "`np.clip(a, 0, 255)` replaces what is too small by 0, and what is too large by 255.",
    ],
)


def to_input(photo):
    return photo.transpose(2, 0, 1) / np.float32(255)


from_photo = Function(
    id="from_photo",
    chapter=1,
    title="From a photo to a network's input",
    prompt="""
    Files hold a photo as (H, W, 3): row, column, colour, `uint8` from 0 to 255. Networks want the colour first, and
    small numbers. Write `to_input(photo)`: an array of shape (3, H, W) whose numbers go from 0.0 to 1.0, so that
    `to_input(photo)[0]` is the red picture, and 255 has become 1.
    """,
    stub='''
    def to_input(photo):
        """photo (H, W, 3) uint8, 0 to 255, to (3, H, W), 0 to 1."""
        ...
    ''',
    reference=[to_input],
    checks=[
        Check("A square photo", 2, lambda code, rng: code.call("to_input", photos(rng, 3, 3))),
        Check("A photo wider than high", 1, lambda code, rng: code.call("to_input", photos(rng, 2, 4))),
    ],
    mistakes=[
        Mistake(
            "reshaped",
            lambda photo: photo.reshape(3, *photo.shape[:2]) / 255,
            "This is what one gets with `reshape`: it keeps the order in memory, and mixes the colours up. Axes are "
            "moved by `transpose`.",
        ),
        Mistake(
            "columns first",
            lambda photo: photo.T / 255,
            "This is what one gets with `.T`: it turns *all* axes round, so that the picture lies on its side.",
        ),
        Mistake("not scaled", lambda photo: photo.transpose(2, 0, 1), "The axes are right. Now divide by 255."),
        Mistake(
            "by 256",
            lambda photo: photo.transpose(2, 0, 1) / 256,
            "This is what one gets with 256 instead of 255: white does not quite become 1.",
        ),
        Mistake(
            "whole",
            lambda photo: photo.transpose(2, 0, 1) // 255,
            "This is what one gets with `//`, or in whole numbers: nearly everything becomes 0. Divide with `/`.",
        ),
        Mistake(
            "blue first",
            lambda photo: photo[:, :, ::-1].transpose(2, 0, 1) / 255,
            "The colours come in reverse: blue first. (OpenCV loads photos like that.)",
        ),
    ],
    hints=[
        "`photo.transpose(2, 0, 1)`: the new first axis is the old axis 2, then come the old 0 and 1.",
        "`/ 255` gives floats, also from `uint8`.",
    ],
)

shuffled_pixels = Choice(
    id="shuffled_pixels",
    chapter=1,
    title="Scrambled eyes",
    prompt="""
    Somebody draws one permutation of the pixels, and applies it to *every* image of a data set, training and test
    alike. The images look like noise now. You train two networks from scratch on the scrambled images: a plain one,
    in which every pixel is joined to every unit, and a convolutional one. Compared with the images in order, how do
    they do?
    """,
    options={
        "a": (
            "Both do much worse: nobody can recognise noise.",
            "*You* cannot, since your eyes count on neighbours. But does the plain network know which pixels are "
            "neighbours? Renumber its inputs, and its weights along with them: does it lose anything?",
        ),
        "b": (
            "The plain one does as well as before; the convolutional one loses.",
            "Yes. To the plain network, the order of the inputs is a matter of names. A convolution bets that "
            "neighbours belong together, and the permutation has torn them apart.",
        ),
        "c": (
            "Both do as well as before: no information is lost.",
            "True, nothing is lost: the permutation could be undone. But a small kernel sees a few neighbours only, "
            "and what belongs together is now far apart.",
        ),
        "d": (
            "The convolutional one does as well as before; the plain one loses.",
            "The other way round. Which of the two would notice that two neighbours have been swapped in all images?",
        ),
    },
    right="b",
    hints=["Which of the two knows at the beginning, before it has seen an image, that pixels have neighbours?"],
)
