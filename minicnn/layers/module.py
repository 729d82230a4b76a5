"""Module: a tree of layers that knows its parameters."""

import warnings

import numpy as np

from .. import porting
from ..calls import Explained, explained
from ..hooks import NONE, HookHandle
from ..tensor import Tensor
from .backward_hooks import call_with_backward_hooks
from .parameter import Parameter
from .state import load

__all__ = ["Module"]


class Module(metaclass=Explained):
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
    _forward_pre_hooks = _forward_hooks = _backward_hooks = NONE

    def forward(self, *inputs):
        """Compute the output. Every subclass writes its own."""
        raise NotImplementedError(f"{type(self).__name__}: forward is not written. Define forward(self, x).")

    def __call__(self, *inputs, **options):
        if not (self._forward_pre_hooks or self._forward_hooks or self._backward_hooks):
            return self._forward(*inputs, **options)
        for hook in tuple(self._forward_pre_hooks.values()):
            changed = hook(self, inputs)
            if changed is not None:
                inputs = changed if isinstance(changed, tuple) else (changed,)
        y = call_with_backward_hooks(self, inputs, options)
        for hook in tuple(self._forward_hooks.values()):
            changed = hook(self, inputs, y)
            y = y if changed is None else changed
        return y

    def _forward(self, *inputs, **options):
        try:
            return self.forward(*inputs, **options)
        except TypeError as error:
            raise explained(type(self).__name__, self.forward, inputs, options, error) from None

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

    def register_full_backward_hook(self, hook):
        """Call ``hook(module, grad_input, grad_output)`` when `backward` has passed through this Module.

        Both are tuples of arrays: the gradients of what came in (None where none was asked for), and of what went out.
        What the hook returns, if not None, is a tuple that takes the place of `grad_input`.

        Example
        -------
        >>> layer, seen = mc.Linear(2, 3), []
        >>> handle = layer.register_full_backward_hook(lambda module, dx, dy: seen.append((dx[0].shape, dy[0].shape)))
        >>> layer(Tensor(np.ones((5, 2), np.float32), requires_grad=True)).sum().backward()
        >>> seen
        [((5, 2), (5, 3))]
        """
        return HookHandle(self, "_backward_hooks", hook)

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

    def register_parameter(self, name, parameter):
        """Set an attribute that is a Parameter, or None; the same as ``self.name = parameter``."""
        if parameter is not None and not isinstance(parameter, Parameter):
            kind = type(parameter).__name__
            raise TypeError(f"register_parameter: {name} must be a Parameter or None, not {kind}. Pass Parameter(…).")
        self._check_name("register_parameter", name, isinstance(vars(self).get(name), Parameter))
        setattr(self, name, parameter)

    def add_module(self, name, module):
        """Set an attribute that is a Module, under a name that need not be a Python word (containers use numbers)."""
        if not isinstance(module, Module):
            kind = f"the class {module.__name__}: call it" if isinstance(module, type) else type(module).__name__
            raise TypeError(f"{type(self).__name__}: every item must be a Module, not {kind}.")
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
        self._warn_of_what_is_not_found()
        return (p for _, p in self.named_parameters(recurse=recurse))

    def _warn_of_what_is_not_found(self):
        """Modules and Parameters in a plain list or dict are overlooked: the commonest mistake of its kind."""
        known = {id(part) for module in self.modules() for _, part in module._held((Module, Parameter))}
        for path, module in self.named_modules():
            for name, value in vars(module).items():
                items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
                if any(isinstance(item, (Module, Parameter)) and id(item) not in known for item in items):
                    what = f"{type(self).__name__}: {_dotted(path, name)} is a plain {type(value).__name__}"
                    rule = "the Parameters in it are neither trained nor saved. Use ModuleList or ParameterList."
                    warnings.warn(f"{what}, so that {rule}", stacklevel=3)

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

    def state_dict(self, *, prefix=""):
        """All Parameters and persistent buffers by name, as arrays (no copies), with PyTorch's keys in its order.

        The `prefix` is put before each key, as it is: ``"encoder."``.
        """
        state = {}
        for path, module in self.named_modules(prefix.removesuffix("."), remove_duplicate=False):
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
        return load(self, state, strict)

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

    def zero_grad(self, set_to_none=True):
        """Forget the gradients of all Parameters; with ``set_to_none=False`` they become 0."""
        for _, p in self.named_parameters():
            p.grad = None if set_to_none or p.grad is None else np.zeros_like(p.grad)

    def to(self, *args, **options):
        """Convert all Parameters, their gradients and buffers of floats: ``net.to(np.float64)``. Returns the Module.

        ``net.to("cpu")`` changes nothing: there is no other device here. Convert before an optimiser is made.

        Example
        -------
        >>> mc.Linear(2, 3).to(np.float64).weight.dtype
        dtype('float64')
        """
        dtype = porting.target_dtype(f"{type(self).__name__}.to", *args, **options)
        if dtype is not None and dtype.kind != "f":
            raise TypeError(f"{type(self).__name__}.to: the dtype must be float32 or float64, not {dtype}.")
        for _, p in () if dtype is None else self.named_parameters():
            grad, p.grad = p.grad, None
            p.data = p.data.astype(dtype, copy=False)
            p.grad = grad
        for path, buffer in () if dtype is None else self.named_buffers():
            if buffer.dtype.kind == "f":
                owner, _, name = path.rpartition(".")
                setattr(self.get_submodule(owner), name, buffer.astype(dtype, copy=False))
        return self

    def float(self):
        """The same as ``to(np.float32)``."""
        return self.to(np.float32)

    def double(self):
        """The same as ``to(np.float64)``: to check gradients."""
        return self.to(np.float64)

    def cpu(self):
        """The Module itself: it is on the CPU."""
        return self

    def __getattr__(self, name):
        raise porting.missing(type(self).__name__, name, self)

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
