"""Modules that hold Modules."""

from collections import OrderedDict
from collections.abc import Iterable

import numpy as np

from .. import functional as F
from .module import Module
from .parameter import Parameter

__all__ = ["Concat", "ModuleDict", "ModuleList", "ParameterList", "Residual", "Sequential"]


class ModuleList(Module):
    """A list of Modules whose parameters are found.

    Example
    -------
    >>> layers = ModuleList([mc.Linear(2, 3), mc.Linear(3, 1)])
    >>> [name for name, _ in layers.named_parameters()]
    ['0.weight', '0.bias', '1.weight', '1.bias']
    """

    def __init__(self, modules=()):
        self.extend(modules)

    def append(self, module):
        """Add a Module at the end."""
        number = len(self)
        while str(number) in vars(self):  # a slice of a Sequential kept its names
            number += 1
        self.add_module(str(number), module)
        return self

    def extend(self, modules):
        """Add Modules at the end."""
        if not isinstance(modules, Iterable):
            raise TypeError(f"{type(self).__name__}: modules must be a list of Modules, not {type(modules).__name__}.")
        for module in modules:
            self.append(module)
        return self

    def insert(self, index, module):
        """Put a Module before the one at `index`. All are numbered anew."""
        self._check_index(index, len(self) + 1)
        modules = list(self)
        modules.insert(index, module)
        self._hold(modules)
        return self

    def __len__(self):
        return len(self._held(Module))

    def __iter__(self):
        return iter([module for _, module in self._held(Module)])

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self._slice(index)
        self._check_index(index, len(self))
        return list(self)[index]

    def __setitem__(self, index, module):
        self._check_index(index, len(self))
        self.add_module(self._held(Module)[index][0], module)

    def __delitem__(self, index):
        modules = list(self)
        if not isinstance(index, slice):
            self._check_index(index, len(self))
        del modules[index]
        self._hold(modules)

    def _check_index(self, index, end):
        if not isinstance(index, (int, np.integer)):
            raise TypeError(f"{type(self).__name__}: index must be an int or a slice, not {index!r}.")
        if not -len(self) <= index < end:
            raise IndexError(f"{type(self).__name__}: index {index} is out of range for {len(self)} modules.")

    def _hold(self, modules):
        for name, _ in self._held(Module):
            delattr(self, name)
        self.extend(modules)

    def _slice(self, index):
        return ModuleList(list(self)[index])


class ParameterList(Module):
    """A list of Parameters that are found; Tensors and arrays in it become Parameters.

    Example
    -------
    >>> weights = ParameterList([np.ones((2, 3)), np.ones(3)])
    >>> [(name, p.shape) for name, p in weights.named_parameters()]
    [('0', (2, 3)), ('1', (3,))]
    """

    def __init__(self, values=()):
        self.extend(values)

    def append(self, value):
        """Add a Parameter at the end."""
        setattr(self, str(len(self)), value if isinstance(value, Parameter) else Parameter(value))
        return self

    def extend(self, values):
        """Add Parameters at the end."""
        if not isinstance(values, Iterable):
            raise TypeError(f"ParameterList: values must be a list of Parameters, not {type(values).__name__}.")
        for value in values:
            self.append(value)
        return self

    def __len__(self):
        return len(self._held(Parameter))

    def __iter__(self):
        return iter([p for _, p in self._held(Parameter)])

    def __getitem__(self, index):
        return list(self)[index]

    def __setitem__(self, index, value):
        name = self._held(Parameter)[index][0]
        setattr(self, name, value if isinstance(value, Parameter) else Parameter(value))

    def __repr__(self):
        below = [f"\n  ({name}): {type(p).__name__} of shape {p.shape}" for name, p in self._held(Parameter)]
        return f"ParameterList({''.join(below)}\n)" if below else "ParameterList()"


class Sequential(ModuleList):
    """Modules one after the other: each gets what the one before returned.

    Give them one by one, or with names of your own in an OrderedDict. A slice keeps the names.

    Example
    -------
    >>> Sequential(mc.Linear(2, 3), mc.ReLU(), mc.Linear(3, 1))
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """

    def __init__(self, *modules):
        if len(modules) == 1 and isinstance(modules[0], OrderedDict):
            for name, module in modules[0].items():
                self.add_module(name, module)
        else:
            self.extend(modules)

    def _slice(self, index):
        return Sequential(OrderedDict(self._held(Module)[index]))

    def forward(self, x):
        """Pass x through all Modules in order."""
        for module in self:
            x = module(x)
        return x


class ModuleDict(Module):
    """A dict of Modules whose parameters are found.

    Parameters
    ----------
    modules : dict of str to Module, or pairs of them

    Example
    -------
    >>> heads = ModuleDict({"digit": mc.Linear(84, 10)})
    >>> heads["letter"] = mc.Linear(84, 26)
    >>> list(heads)
    ['digit', 'letter']
    """

    def __init__(self, modules=()):
        self.update(modules)

    def update(self, modules):
        """Set all pairs (name, Module) of a dict or a list."""
        if not isinstance(modules, (ModuleDict, Iterable)) or isinstance(modules, str):
            raise TypeError(f"ModuleDict: modules must be a dict of Modules, not {type(modules).__name__}.")
        for name, module in dict(modules.items() if isinstance(modules, ModuleDict) else modules).items():
            self[name] = module

    def keys(self):
        """The names, in the order in which they were set."""
        return dict(self._held(Module)).keys()

    def values(self):
        """The Modules."""
        return dict(self._held(Module)).values()

    def items(self):
        """Pairs (name, Module)."""
        return dict(self._held(Module)).items()

    def pop(self, name):
        """Take a Module out and return it."""
        module = self[name]
        delattr(self, name)
        return module

    def clear(self):
        """Take all Modules out."""
        for name in self.keys():
            delattr(self, name)

    def __len__(self):
        return len(self.keys())

    def __iter__(self):
        return iter(self.keys())

    def __contains__(self, name):
        return name in self.keys()

    def __getitem__(self, name):
        if name not in self:
            raise KeyError(f"ModuleDict: there is no {name!r}, only {', '.join(self) or 'nothing'}.")
        return vars(self)[name]

    def __setitem__(self, name, module):
        self.add_module(name, module)

    def __delitem__(self, name):
        self.pop(name)


class Residual(Module):
    """y = body(x) + shortcut(x): the body learns what to change, the shortcut lets the rest (and the gradient) pass.

    Parameters
    ----------
    body : Module
    shortcut : Module, optional
        Brings x to the shape of what the body returns; without it, x passes as it is.

    References
    ----------
    He, Zhang, Ren, Sun, Deep residual learning for image recognition, CVPR 2016, equations 1 and 2.

    Example
    -------
    >>> Residual(mc.Conv2d(8, 8, 3, padding=1))(np.zeros((1, 8, 5, 5), np.float32)).shape
    (1, 8, 5, 5)
    """

    def __init__(self, body, shortcut=None):
        for name, module in [("body", body), ("shortcut", shortcut)]:
            if not isinstance(module, Module) and (module is not None or name == "body"):
                raise TypeError(f"Residual: {name} must be a Module, not {type(module).__name__}.")
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        """The sum of both paths, which must have one shape."""
        y, x = self.body(x), x if self.shortcut is None else self.shortcut(x)
        if y.shape != x.shape:
            raise ValueError(
                f"Residual: body gives shape {y.shape} and the shortcut {x.shape}, which cannot be added. "
                "Pass a shortcut that makes them equal, as Conv2d(…, kernel_size=1, stride=…)."
            )
        return y + x


class Concat(ModuleList):
    """Modules side by side: each gets the same input, and the outputs are joined along an axis (channels).

    Parameters
    ----------
    branches : Modules
    dim : int
        The axis along which outputs may differ in size.

    References
    ----------
    Szegedy et al., Going deeper with convolutions, CVPR 2015 (the inception module).

    Example
    -------
    >>> Concat(mc.Conv2d(3, 4, 1), mc.Conv2d(3, 2, 3, padding=1))(np.zeros((1, 3, 8, 8), np.float32)).shape
    (1, 6, 8, 8)
    """

    def __init__(self, *branches, dim=1):
        self.dim = dim
        self.extend(branches)

    def _slice(self, index):
        return Concat(*list(self)[index], dim=self.dim)

    def forward(self, x):
        """The outputs of all branches, joined."""
        return F.cat([branch(x) for branch in self], self.dim)
