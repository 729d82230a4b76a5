"""Modules that hold Modules."""

from .module import Module


class ModuleList(Module):
    """A list of Modules whose parameters are found.

    Example
    -------
    >>> from minicnn import Linear
    >>> layers = ModuleList([Linear(2, 3), Linear(3, 1)])
    >>> [name for name, _ in layers.named_parameters()]
    ['0.weight', '0.bias', '1.weight', '1.bias']
    """

    def __init__(self, modules=()):
        for module in modules:
            self.append(module)

    def append(self, module):
        """Add a Module at the end."""
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: every item must be a Module, not {type(module).__name__}.")
        setattr(self, str(len(self)), module)
        return self

    def __len__(self):
        return len(self._held(Module))

    def __iter__(self):
        return (module for _, module in self._held(Module))

    def __getitem__(self, index):
        chosen = list(self)[index]
        return self._of(chosen) if isinstance(index, slice) else chosen

    def _of(self, modules):
        return ModuleList(modules)


class Sequential(ModuleList):
    """Modules one after the other: each gets what the one before returned.

    Example
    -------
    >>> from minicnn import Linear, ReLU
    >>> Sequential(Linear(2, 3), ReLU(), Linear(3, 1))
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """

    def __init__(self, *modules):
        super().__init__(modules)

    def _of(self, modules):
        return Sequential(*modules)

    def forward(self, x):
        """Pass x through all Modules in order."""
        for module in self:
            x = module(x)
        return x
