"""Exercises of chapter 10: a tape in one page."""

from ...checking.exercise import Choice, Mistake, Predict

used_twice = Predict(
    id="used_twice",
    chapter=10,
    title="Predict what the tape holds",
    prompt="""
    A tape records numbers and their operations, and `y.backward()` leaves $dy/dx$ in `x.grad`, which starts at 0. As in
    PyTorch, a backward pass *adds* to what is there. In each line, `x` is a new number with the value 3. What is in
    `x.grad` in the end? (`detach` gives the same value, without its history.)
    """,
    reference=lambda right, *_: right,
    questions={
        "y = x * x; y.backward()": (6, 3, 6, 6),
        "y = x * x + x; y.backward()": (7, 1, 7, 7),
        "u = x * x; y = u * u; y.backward()": (108, 27, 108, 108),
        "for _ in range(2): y = x * x + x; y.backward()": (14, 1, 7, 14),
        "y = x * x.detach(); y.backward()": (3, 3, 3, 6),
    },
    mistakes=[
        Mistake(
            "last way only",
            lambda _right, last, *_: last,
            "This is what one gets when only the last way to `x` counts. Every use brings a gradient, and they add.",
        ),
        Mistake(
            "made new",
            lambda _right, _last, new, _: new,
            "This is what one gets when each backward pass begins at 0. It does not: nobody called `zero_grad`.",
        ),
        Mistake(
            "detach ignored",
            lambda *answers: answers[-1],
            "This is the gradient without the `detach`. A detached number is a constant: no gradient passes it.",
        ),
    ],
    hints=[
        "Every *use* of x brings a gradient of its own. In `x * x` there are two uses: what does each bring?",
        "For `u * u`: first the gradient of u, which is used twice. Then from u to x, which is used twice in u.",
        "The loop runs two backward passes, and x keeps its gradient between them.",
    ],
)

one_pass = Choice(
    id="one_pass",
    chapter=10,
    title="What do all slopes cost?",
    prompt="""
    A network has 61,706 parameters and one loss. You want the slopes of the loss with respect to *all*
    parameters, to the last digit. What is the cheapest way?
    """,
    options={
        "a": (
            "Change each parameter a little, and run the network forward each time.",
            "These are finite differences: 61,706 forward runs for one step, and rounding spoils half of the digits. "
            "Good for checking a few of them.",
        ),
        "b": (
            "One run forward with a tape, and one backward.",
            "Yes. Going back from the one loss, each operation is visited once, and costs about twice what it "
            "cost forward. "
            "Three forward runs in all, however many parameters there are.",
        ),
        "c": (
            "One run forward in which each number carries its slope along.",
            "That is forward mode: exact, but one run carries the slopes with respect to *one* direction of the "
            "parameters. "
            "It would take 61,706 runs.",
        ),
        "d": (
            "One run backward for each layer, five in all.",
            "Each run would repeat the part behind it. The tape hands a gradient on from layer to layer, so that "
            "one run is "
            "enough.",
        ),
    },
    right="b",
    hints=["Many inputs and one output: at which end does a single number start, that every way leads to?"],
)
