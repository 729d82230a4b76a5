"""Module: a tree of layers that knows its parameters."""

from collections import namedtuple

import numpy as np

from ..tensor import Tensor, increment_version
from .hooks import HookHandle
from .parameter import Parameter

__all__ = ["Module"]

IncompatibleKeys = namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])


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
    _buffers = {}  # {name: persistent}; `register_buffer` gives the Module one of its own
    _forward_pre_hooks = _forward_hooks = {}  # {number: function}; so do these methods

    def forward(self, *inputs):
        """Compute the output. Every subclass writes its own."""
        raise NotImplementedError(f"{type(self).__name__}: forward is not written. Define forward(self, x).")

    def __call__(self, *inputs, **options):
        if not (self._forward_pre_hooks or self._forward_hooks):
            return self.forward(*inputs, **options)
        for hook in tuple(self._forward_pre_hooks.values()):
            changed = hook(self, inputs)
            if changed is not None:
                inputs = changed if isinstance(changed, tuple) else (changed,)
        y = self.forward(*inputs, **options)
        for hook in tuple(self._forward_hooks.values()):
            changed = hook(self, inputs, y)
            y = y if changed is None else changed
        return y

    def register_forward_hook(self, hook):
        """Call ``hook(module, inputs, output)`` after each forward pass.

        What the hook returns, if not None, replaces the output. You get a handle: ``handle.remove()`` takes the hook
        off again, and so does the end of a ``with`` block.

        Example
        -------
        Feature maps inside a network, and the gradient with respect to them:

        >>> net, seen = mc.Sequential(mc.Linear(2, 3), mc.Tanh(), mc.Linear(3, 1)), {}
        >>> def look(module, inputs, y):
        ...     y.retain_grad()
        ...     seen[module] = y
        >>> handle = net[1].register_forward_hook(look)
        >>> net(np.ones((5, 2), np.float32)).sum().backward()
        >>> seen[net[1]].data.shape, seen[net[1]].grad.shape
        ((5, 3), (5, 3))
        """
        return HookHandle(self, "_forward_hooks", hook)

    def register_forward_pre_hook(self, hook):
        """Call ``hook(module, inputs)`` before each forward pass; what it returns, if not None, are the new inputs."""
        return HookHandle(self, "_forward_pre_hooks", hook)

    def __setattr__(self, name, value):
        old = vars(self).get(name)
        for kind in (Parameter, Module):
            if isinstance(old, kind) and not (value is None or isinstance(value, (kind, Parameter))):
                repair = f"Write {name}.data = … for new numbers" if kind is Parameter else "Set it to None first"
                raise TypeError(
                    f"{type(self).__name__}: {name} is a {kind.__name__}, and only a {kind.__name__} or None can take "
                    f"its place, not {type(value).__name__}. {repair}, or use another name."
                )
        if isinstance(value, Module):
            for path, module in value.named_modules(name):
                if module is self:
                    raise ValueError(
                        f"{type(self).__name__}: {path} would be the Module itself, but a Module holds only what is "
                        "below it. Pass what is needed from above to forward."
                    )
        object.__setattr__(self, name, value)

    def _held(self, kind):
        """Pairs (name, attribute) of the attributes of class `kind`, in the order in which they were set."""
        return [(name, value) for name, value in vars(self).items() if isinstance(value, kind)]

    def _held_buffers(self):
        """Pairs (name, array) of the buffers that are not None."""
        for name in self._buffers:
            value = vars(self).get(name)
            if value is not None and not isinstance(value, np.ndarray):  # n + 1 makes a scalar of a 0-d array
                setattr(self, name, value := np.asarray(value))
            if value is not None:
                yield name, value

    def register_buffer(self, name, array, persistent=True):
        """Make an array an attribute that belongs to the state of this Module, but is not trained.

        Read it and set it as any attribute: ``self.running_mean[...] = new`` and ``self.running_mean = new`` both do.

        Parameters
        ----------
        name : str
        array : ndarray or None
            None keeps the name free for later: there is no such key in the state until it is an array.
        persistent : bool
            False: leave it out of `state_dict`.

        Raises
        ------
        TypeError
            If `array` is none.
        ValueError
            If the name is taken, is empty or holds a dot.

        Example
        -------
        >>> layer = Module()
        >>> layer.register_buffer("steps", np.array(0))
        >>> layer.steps += 1
        >>> layer.state_dict()
        {'steps': array(1)}
        """
        self._check_name("register_buffer", name, name in self._buffers)
        array = array.data if isinstance(array, Tensor) else array
        if array is not None and not isinstance(array, (np.ndarray, np.generic)):
            raise TypeError(
                f"register_buffer: {name} must be an array or None, not {type(array).__name__}. Pass np.array(…)."
            )
        setattr(self, name, array)
        self._buffers = {**self._buffers, name: bool(persistent)}

    def add_module(self, name, module):
        """Set an attribute that is a Module, under a name that need not be a Python word (containers use numbers)."""
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: every item must be a Module, not {type(module).__name__}.")
        self._check_name(type(self).__name__, name, isinstance(vars(self).get(name), Module))
        setattr(self, name, module)

    def _check_name(self, where, name, known):
        if not isinstance(name, str) or not name or "." in name:
            raise ValueError(f"{where}: name must be a word without a dot, not {name!r}.")
        if hasattr(self, name) and not known:
            raise ValueError(f"{where}: {type(self).__name__} has an attribute {name!r}. Choose another name.")

    def named_children(self):
        """Pairs (name, Module) of the attributes that are Modules, in the order in which they were set; each once."""
        seen = {}
        for name, child in self._held(Module):
            if seen.setdefault(id(child), name) == name:
                yield name, child

    def children(self):
        """The Modules among the attributes."""
        return (child for _, child in self.named_children())

    def named_modules(self, prefix="", remove_duplicate=True):
        """Pairs (dotted name, Module) of this Module and all below it; each Module once, unless told otherwise."""
        seen, stack = set(), [(prefix, self)]
        while stack:
            name, module = stack.pop()
            if remove_duplicate and id(module) in seen:
                continue
            seen.add(id(module))
            yield name, module
            stack.extend((_dotted(name, child), m) for child, m in reversed(module._held(Module)))

    def modules(self):
        """This Module and all below it."""
        return (module for _, module in self.named_modules())

    def _named(self, held, prefix, recurse, remove_duplicate):
        """Pairs (dotted name, value) of what ``held(module)`` gives, for this Module and all below it."""
        seen = set()
        for path, module in self.named_modules(prefix, remove_duplicate) if recurse else [(prefix, self)]:
            for name, value in held(module):
                if not (remove_duplicate and id(value) in seen):
                    seen.add(id(value))
                    yield _dotted(path, name), value

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """Pairs (dotted name, Parameter); a Parameter that is used in two places comes once."""
        return self._named(lambda module: module._held(Parameter), prefix, recurse, remove_duplicate)

    def parameters(self, recurse=True):
        """The Parameters of this Module and all below it: what an optimiser wants."""
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """Pairs (dotted name, array) of the buffers: state that is not trained, as the means of batch norm."""
        return self._named(Module._held_buffers, prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        """The buffers of this Module and all below it."""
        return (array for _, array in self.named_buffers(recurse=recurse))

    def get_submodule(self, target):
        """The Module of a dotted name, as `named_modules` gives it: ``net.get_submodule("features.0")``."""
        module = self
        for name in target.split(".") if target else ():
            below = dict(module._held(Module))
            if name not in below:
                beside = ", ".join(below) or "none"
                raise AttributeError(f"get_submodule: there is no {name!r} of {target!r}; beside it are {beside}.")
            module = below[name]
        return module

    def get_parameter(self, target):
        """The Parameter of a dotted name, as `named_parameters` gives it."""
        path, _, name = target.rpartition(".")
        own = dict(self.get_submodule(path)._held(Parameter))
        if name not in own:
            raise AttributeError(f"get_parameter: there is no {target!r}; beside it are {', '.join(own) or 'none'}.")
        return own[name]

    def state_dict(self):
        """All Parameters and persistent buffers by name, as arrays (no copies), with PyTorch's keys in its order."""
        state = {}
        for path, module in self.named_modules(remove_duplicate=False):
            state |= {_dotted(path, name): p.data for name, p in module._held(Parameter)}
            state |= {_dotted(path, name): b for name, b in module._held_buffers() if module._buffers[name]}
        return state

    def load_state_dict(self, state, strict=True):
        """Copy arrays into the Parameters and buffers. If one cannot be copied, nothing is.

        Parameters
        ----------
        state : dict of str to array
            As `state_dict` gives it.
        strict : bool
            False: keys missing here or there are passed over; shapes must fit all the same.

        Returns
        -------
        IncompatibleKeys
            With the lists ``missing_keys`` and ``unexpected_keys``: empty if `strict`.

        Raises
        ------
        ValueError
            Names all missing, unexpected and misshaped keys at once.
        """
        if not isinstance(state, dict):
            raise TypeError(f"load_state_dict: state must be a dict of arrays, not {type(state).__name__}.")
        own, tensors = self.state_dict(), dict(self.named_parameters(remove_duplicate=False))
        given = {id(own[key]) for key in own.keys() & state.keys()}  # tied weights may be there under one name only
        old = "num_batches_tracked"  # networks from before 2018 have none; PyTorch lets it be missing too
        missing = [k for k in own if k not in state and id(own[k]) not in given and k.split(".")[-1] != old]
        unexpected = [key for key in state if key not in own]
        misshaped = [
            f"{key} (model {own[key].shape}, given {np.shape(state[key])})"
            for key in own
            if key in state and own[key].shape != np.shape(state[key])
        ]
        faults = ({"missing": missing, "unexpected": unexpected} if strict else {}) | {"of another shape": misshaped}
        faults["not of numbers"] = [k for k in own if k in state and np.asarray(state[k]).dtype.kind not in "fiub"]
        if found := [f"{what}: {', '.join(keys)}" for what, keys in faults.items() if keys]:
            rule = f"load_state_dict: these weights are not for this {type(self).__name__}."
            raise ValueError(f"{rule} {'; '.join(found)}. Nothing was loaded.")
        for key in own.keys() & state.keys():
            own[key][...] = state[key]
            if key in tensors:
                increment_version(tensors[key])
        return IncompatibleKeys(missing, unexpected)

    def train(self, mode=True):
        """Switch this Module and all below it to training (dropout drops)."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self):
        """Switch to evaluation (dropout passes everything)."""
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        """Freeze all Parameters (False), so that no gradient is computed for them and no optimiser moves them."""
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

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
        below = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self._held(Module)]
        inside = "\n  ".join([""] + below) + "\n" if below else self.extra_repr()
        return f"{type(self).__name__}({inside})"


def _dotted(path, name):
    return f"{path}.{name}" if path else name
