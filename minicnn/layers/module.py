"""Module: a tree of layers that knows its parameters."""

import numpy as np

from ..tensor import Tensor


class Parameter(Tensor):
    """A Tensor that is trained: it requires a gradient, and a Module that holds it as an attribute finds it.

    Example
    -------
    >>> Parameter([1.0, 2.0])
    Parameter([1., 2.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(self, data, requires_grad=True):
        super().__init__(data, requires_grad)

    def __repr__(self):
        return super().__repr__().replace("Tensor(", "Parameter(", 1)


class Module:
    """A layer, or a network of layers. Write `forward`, and set parameters and layers as attributes.

    Example
    -------
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter([2.0])
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> Scale()(Tensor([3.0, 4.0]))
    Tensor([6., 8.], requires_grad=True)
    >>> Scale().state_dict()
    {'factor': array([2.], dtype=float32)}
    """

    training = True

    def forward(self, *inputs):
        """Compute the output. Every subclass writes its own."""
        raise NotImplementedError(f"{type(self).__name__}: forward is not written. Define forward(self, x).")

    def __call__(self, *inputs, **options):
        return self.forward(*inputs, **options)

    def named_children(self):
        """Pairs (name, Module) of the attributes that are Modules, in the order in which they were set."""
        return ((name, value) for name, value in vars(self).items() if isinstance(value, Module))

    def children(self):
        """The Modules among the attributes."""
        return (child for _, child in self.named_children())

    def named_modules(self, prefix=""):
        """Pairs (dotted name, Module) of this Module and all below it, each Module once."""
        seen, stack = set(), [(prefix, self)]
        while stack:
            name, module = stack.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            yield name, module
            below = [(f"{name}.{child}" if name else child, m) for child, m in module.named_children()]
            stack.extend(reversed(below))

    def modules(self):
        """This Module and all below it."""
        return (module for _, module in self.named_modules())

    def _named_arrays(self, kind, unique=True):
        """Pairs (dotted name, attribute) of all attributes of class `kind`, in this Module and below."""
        seen = set()
        for prefix, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, kind) and not (unique and id(value) in seen):
                    seen.add(id(value))
                    yield (f"{prefix}.{name}" if prefix else name), value

    def named_parameters(self):
        """Pairs (dotted name, Parameter); a Parameter that is used in two places comes once."""
        return self._named_arrays(Parameter)

    def parameters(self):
        """The Parameters of this Module and all below it: what an optimiser wants."""
        return (p for _, p in self.named_parameters())

    def state_dict(self):
        """All Parameters by name, as arrays (the arrays themselves, not copies), under PyTorch's keys."""
        return {name: p.data for name, p in self._named_arrays(Parameter, unique=False)}

    def load_state_dict(self, state, strict=True):
        """Copy arrays into the Parameters. If one cannot be copied, nothing is.

        Parameters
        ----------
        state : dict of str to array
            As `state_dict` gives it.
        strict : bool
            False: keys missing here or there are passed over; shapes must fit all the same.

        Raises
        ------
        ValueError
            Names all missing, unexpected and misshaped keys at once.
        """
        own = self.state_dict()
        missing = [key for key in own if key not in state]
        unexpected = [key for key in state if key not in own]
        misshaped = [
            f"{key} (model {own[key].shape}, given {np.shape(state[key])})"
            for key in own
            if key in state and own[key].shape != np.shape(state[key])
        ]
        faults = {"missing": missing, "unexpected": unexpected} if strict else {}
        faults["of another shape"] = misshaped
        found = [f"{what}: {', '.join(keys)}" for what, keys in faults.items() if keys]
        if found:
            raise ValueError(
                f"load_state_dict: these weights are not for this {type(self).__name__}. {'; '.join(found)}. "
                "Nothing was loaded."
            )
        for key in own.keys() & state.keys():
            own[key][...] = state[key]

    def train(self, mode=True):
        """Switch this Module and all below it to training (dropout drops)."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self):
        """Switch to evaluation (dropout passes everything)."""
        return self.train(False)

    def zero_grad(self):
        """Forget the gradients of all Parameters."""
        for p in self.parameters():
            p.grad = None

    def apply(self, f):
        """Call ``f(module)`` on all Modules below, then on this one."""
        for child in self.children():
            child.apply(f)
        f(self)
        return self

    def extra_repr(self):
        """The settings that the printed form shows between its brackets."""
        return ""

    def __repr__(self):
        below = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        inside = "\n  ".join([""] + below) + "\n" if below else self.extra_repr()
        return f"{type(self).__name__}({inside})"
