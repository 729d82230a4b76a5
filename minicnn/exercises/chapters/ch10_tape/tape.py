"""Exercise of chapter 10: write the tape."""

from ...checking.exercise import Check, Function, Mistake


class Var:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = value, parents, 0.0  # parents: pairs (Var, slope)

    def __add__(self, other):
        return Var(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return Var(self.value * other.value, [(self, other.value), (other, self.value)])

    def backward(self):
        order, seen = [], set()

        def visit(var):  # parents first
            if var not in seen:
                seen.add(var)
                for parent, _ in var.parents:
                    visit(parent)
                order.append(var)

        visit(self)
        arrived = dict.fromkeys(order, 0.0)  # the gradients of this backward pass alone
        arrived[self] = 1.0
        for var in reversed(order):  # whoever uses a number comes before it
            var.grad += arrived[var]
            for parent, slope in var.parents:
                arrived[parent] += slope * arrived[var]


class Wrong(Var):
    """A Var with mistakes to choose from."""

    def __add__(self, other):
        return type(self)(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return type(self)(self.value * other.value, [(self, other.value), (other, self.value)])

    def ordered(self):
        """All numbers that this one was made from and itself; whoever uses a number comes before it."""
        found = []
        for parent, _ in self.parents:
            found += [var for var in reversed(parent.ordered()) if var not in found]
        return [self, *reversed(found)]


class Overwritten(Wrong):
    def backward(self):
        self.grad = 1.0
        for var in self.ordered():
            for parent, slope in var.parents:
                parent.grad = slope * var.grad


class Stale(Wrong):
    def backward(self):
        self.grad += 1.0
        for var in self.ordered():
            for parent, slope in var.parents:
                parent.grad += slope * var.grad


class TooEarly(Wrong):
    def backward(self, first=True):
        if first:
            for var in self.ordered():
                if var.parents:
                    var.grad = 0.0
            self.grad = 1.0
        for parent, slope in self.parents:
            parent.grad += slope * self.grad
            parent.backward(first=False)


class StartsAnew(Wrong):
    def backward(self):
        for var in self.ordered():
            var.grad = 0.0
        Stale.backward(self)


class OwnFactor(Wrong):
    def __mul__(self, other):
        return type(self)(self.value * other.value, [(self, self.value), (other, other.value)])

    def backward(self):
        for var in self.ordered():
            if var.parents:
                var.grad = 0.0
        Stale.backward(self)


class SumsPassNothing(OwnFactor):
    __mul__ = Wrong.__mul__

    def __add__(self, other):
        return type(self)(self.value + other.value, [(self, self.value), (other, other.value)])


def leaves(code, rng, count):
    """So many new numbers, all different and none of them 0 or 1."""
    values = rng.choice([-5, -4, -3, -2, 2, 3, 4, 5], count, replace=False)
    return [code.call("Var", float(value)).named(name) for value, name in zip(values, "abc", strict=False)]


def times(a, b):
    return a.call("__mul__", b)


def plus(a, b):
    return a.call("__add__", b)


def ways_back(*numbers, end):
    end.call("backward")
    for number in numbers:
        number.get("grad")


def each_once(code, rng):
    a, b, c = leaves(code, rng, 3)
    y = plus(times(a, b).named("u"), c).named("y")
    y.get("value")
    ways_back(a, b, c, end=y)


def square(code, rng):
    (a,) = leaves(code, rng, 1)
    ways_back(a, end=plus(times(a, a).named("u"), a).named("y"))


def diamond(code, rng):
    a, b = leaves(code, rng, 2)
    u = times(a, b).named("u")
    v = plus(u, a).named("v")
    ways_back(a, b, end=times(plus(u, v).named("p"), plus(v, u).named("q")).named("y"))


def again(code, rng):
    a, b = leaves(code, rng, 2)
    u = times(a, b).named("u")
    y = times(u, u).named("y")
    ways_back(a, b, end=y)
    ways_back(a, b, end=y)


scalar_tape = Function(
    id="scalar_tape",
    chapter=10,
    title="A tape for single numbers",
    prompt="""
    Write the class `Var`, a number that remembers where it came from. `Var(3.0)` has `.value` 3.0 and `.grad` 0.0; `a +
    b` and `a * b` make new ones. After `y.backward()`, every number that `y` was made from by way of `+` and `*`
    has $dy/d\\,$number in its `.grad`, also if it was used several times. Calling `backward` again adds the same
    gradients once more to the `.grad` of the numbers that you made with `Var(…)`.
    """,
    stub='''
    class Var:
        """A number that remembers where it came from."""

        def __init__(self, value, parents=()):
            self.value = value
            self.parents = parents  # in a form that suits you
            self.grad = 0.0

        def __add__(self, other): ...

        def __mul__(self, other): ...

        def backward(self): ...
    ''',
    reference=[Var],
    checks=[
        Check("Each number used once: a * b + c", 1, each_once),
        Check("A number used several times: a * a + a", 1, square),
        Check("Ways that part and meet again", 2, diamond),
        Check("Backward twice through the same numbers", 1, again),
    ],
    mistakes=[
        Mistake(
            "overwritten",
            {"Var": Overwritten},
            "This is what one gets when the last use overwrites the gradients of the others: add with `+=`.",
        ),
        Mistake(
            "stale",
            {"Var": Stale},
            "This is what one gets when gradients left over from the first backward pass are passed on again. "
            "Let each pass "
            "keep its own, and add them to `.grad`.",
        ),
        Mistake(
            "too early",
            {"Var": TooEarly},
            "This is what one gets when a number passes on its gradient before all of it has arrived, and then "
            "passes on the "
            "first part again. Begin with whoever uses it: go through the numbers in reverse order of making.",
        ),
        Mistake(
            "starts anew",
            {"Var": StartsAnew},
            "This is what one gets when each backward pass sets the gradients to 0 first. It must add.",
        ),
        Mistake(
            "own factor",
            {"Var": OwnFactor},
            "This is what one gets when the slope of a product is taken to be the number's own value. If a grows "
            "by 1, a · b "
            "grows by b.",
        ),
        Mistake(
            "sum like a product",
            {"Var": SumsPassNothing},
            "This is what one gets when a sum multiplies gradients by values. A sum hands its gradient on, "
            "unchanged, to both "
            "terms.",
        ),
    ],
    hints=[
        "When you make a number, remember its parents, each with its slope: `[(a, b.value), (b, a.value)]` for a "
        "product.",
        "Going back, a number must wait until everyone who uses it has delivered. So list all numbers, parents first "
        "(a function that calls itself, and a set of those already seen), and go through the list from its end.",
        "Keep the gradients of one pass in a dict of its own, starting with 1.0 for `self`, and add them to "
        "`.grad`. Then "
        "nothing old is passed on.",
    ],
)
