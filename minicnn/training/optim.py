"""Optimisers: how a gradient becomes a step. Formulas, argument names and defaults are PyTorch's."""

from copy import copy

import numpy as np

from ..calls import Explained
from ..grad_mode import enable_grad
from ..kernels import optim as kernels
from ..kernels.running.jit import parallel_for
from ..tensor import Tensor, increment_version

__all__ = ["SGD"]


def update(kernel, p, *state, settings):
    """Run a kernel of kernels/optim.py on a parameter, its gradient and its state; `Optimizer.step` checked sizes."""
    data = np.ascontiguousarray(p.data)
    arrays = [a.reshape(-1) for a in (data, np.ascontiguousarray(p.grad), *state)]
    parallel_for(kernel, data.size, *arrays, np.array(settings, p.dtype), grain=1 << 12)
    if data is not p.data:
        p.data[...] = data
    increment_version(p)


class Optimizer(metaclass=Explained):
    """What all optimisers share: groups of parameters with their settings, the state, and the step.

    ``param_groups`` is a list of dicts, each with "params" and its own settings ("lr", …); ``state[p]`` is a dict of
    what is remembered about a parameter from step to step.
    """

    decoupled = False  # whether weight decay pulls at the parameter itself, past the gradient

    def __init__(self, params, **defaults):
        name = type(self).__name__
        if isinstance(params, Tensor) or not hasattr(params, "__iter__"):
            raise TypeError(
                f"{name}: params must be a list of Parameters, not {type(params).__name__}. "
                "Pass model.parameters(), or [p] for a single one."
            )
        params = list(params)
        self.defaults, self.param_groups, self.state = defaults, [], {}
        for group in params if params and isinstance(params[0], dict) else [{"params": params}]:
            self.add_param_group(group)

    def add_param_group(self, group):
        """Add parameters with settings of their own: ``{"params": head.parameters(), "lr": 0.01}``."""
        name = type(self).__name__
        if not isinstance(group, dict) or "params" not in group:
            raise TypeError(f'{name}: a group must be a dict with "params", not {group!r}.')
        unknown = [key for key in group if key not in {"params", "name", "initial_lr", *self.defaults}]
        if unknown:
            raise ValueError(f"{name}: there is no setting {unknown[0]!r}, only {', '.join(self.defaults)}.")
        params = [group["params"]] if isinstance(group["params"], Tensor) else list(group["params"])
        if not params:
            raise ValueError(
                f"{name}: params is empty. Pass model.parameters(), and call it anew for each optimiser: "
                "it can be walked through only once."
            )
        seen, known = {}, set(map(id, self.params))
        for i, p in enumerate(params):
            if not isinstance(p, Tensor):
                raise TypeError(
                    f"{name}: params[{i}] is a {type(p).__name__}, not a Parameter. Pass model.parameters()."
                )
            if not p.is_leaf:
                raise ValueError(f"{name}: params[{i}] is computed from other Tensors. Pass those instead.")
            if not p.data.flags.writeable:
                raise ValueError(f"{name}: params[{i}] is read-only. Make it of a copy: Parameter(array.copy()).")
            if seen.setdefault(id(p), i) != i:
                raise ValueError(
                    f"{name}: params[{seen[id(p)]}] and params[{i}] are the same Parameter; each step would move "
                    "it twice. Pass it once."
                )
            if id(p) in known:
                raise ValueError(f"{name}: params[{i}] is in another group too. Pass it in one of them.")
        group = {**self.defaults, **group, "params": params}
        self._check(group)
        self.param_groups.append(group)

    def _check(self, group):
        for key, value in group.items():
            if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
                if not 0 <= value < np.inf:
                    raise ValueError(
                        f"{type(self).__name__}: {key} must be {'finite' if value > 0 else '≥ 0'}, got {value}."
                    )
                group[key] = float(value)
            elif key in self.defaults and key != "betas" and not isinstance(value, bool):
                raise TypeError(f"{type(self).__name__}: {key} must be a number, not {value!r}.")

    @property
    def params(self):
        """All parameters, of all groups."""
        return [p for group in self.param_groups for p in group["params"]]

    @property
    def lr(self):
        """The learning rate (of the first group). Setting it sets that of all groups."""
        return self.param_groups[0]["lr"]

    @lr.setter
    def lr(self, lr):
        for group in self.param_groups:
            self._check(group | {"lr": lr})
            group["lr"] = lr

    def zero_grad(self, set_to_none=True):
        """Forget all gradients. Do this before each `backward`, which adds to what is there.

        With ``set_to_none=False`` they become 0 instead, so that momentum and weight decay go on without them.
        """
        for p in self.params:
            p.grad = None if set_to_none or p.grad is None else np.zeros_like(p.grad)

    @np.errstate(all="ignore")  # PyTorch gives inf and NaN without a warning
    def step(self, closure=None):
        """Move every parameter that has a gradient; ``p.data`` is changed in place.

        Parameters
        ----------
        closure : callable, optional
            Called first; it computes the loss anew, calls `backward` and returns the loss, which is returned here.

        Raises
        ------
        TypeError, ValueError
            If a setting is none, or if data, gradient and state of a parameter no longer have one shape and dtype:
            then no parameter is moved.
        """
        with enable_grad():
            loss = None if closure is None else closure()
        moving = [(p, group) for group in self.param_groups for p in group["params"] if p.grad is not None]
        for group in self.param_groups:
            self._check(group)
        for p, _ in moving:
            self._check_arrays(p)
        for p, group in moving:
            self._update(p, self.state.setdefault(p, {}), group)
        return loss

    def _check_arrays(self, p):
        """Kernels trust that what belongs to a parameter has its size."""
        state = self.state.get(p, {})
        for name, a in {"its gradient": p.grad, **state}.items():
            if not isinstance(a, np.ndarray) or name == "step":
                continue
            if a.shape != p.shape or a.dtype != p.dtype:
                i = [id(q) for q in self.params].index(id(p))
                raise ValueError(
                    f"{type(self).__name__}: params[{i}] has shape {p.shape} and dtype {p.dtype}, but {name} "
                    f"{a.shape} and {a.dtype}. When p.data is replaced, set p.grad = None and make a new optimiser."
                )
            if name in state and not a.flags.carray:
                state[name] = np.array(a, order="C")

    def _update(self, p, state, group):
        """Move one parameter, and what is remembered about it."""
        lr, decay = float(group["lr"]), group["weight_decay"]  # float: a np.float64 would upcast float32
        g = -p.grad if group["maximize"] else p.grad
        if decay and group.get("decoupled_weight_decay", self.decoupled):
            p.data *= 1 - lr * decay
        elif decay:
            g = g + decay * p.data
        p.data -= lr * self._direction(g, state, group)

    def _direction(self, g, state, group):
        """Return where a parameter goes (times −lr), given its gradient g."""
        raise NotImplementedError

    def state_dict(self):
        """All that is needed to go on later: "state", by the number of the parameter, and "param_groups", as PyTorch.

        Example
        -------
        >>> p = mc.Parameter([1.0])
        >>> p.grad = np.array([2.0], np.float32)
        >>> optimizer = mc.SGD([p], momentum=0.9)
        >>> optimizer.step()
        >>> optimizer.state_dict()["state"]
        {0: {'momentum_buffer': array([2.], dtype=float32)}}
        """
        number = {id(p): i for i, p in enumerate(self.params)}
        return {
            "state": {number[id(p)]: {k: copy(v) for k, v in state.items()} for p, state in self.state.items()},
            "param_groups": [{**g, "params": [number[id(p)] for p in g["params"]]} for g in self.param_groups],
        }

    def load_state_dict(self, state_dict):
        """Take over settings and state from `state_dict` of an optimiser of the same kind, as copies."""
        sizes = [len(group["params"]) for group in self.param_groups]
        given = [len(group["params"]) for group in state_dict["param_groups"]]
        if given != sizes:
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: the state is of groups of {given} parameters, but here are "
                f"groups of {sizes}. Make the optimiser as it was made then."
            )
        params = self.params
        for i, state in state_dict["state"].items():
            for key, value in state.items():
                if np.ndim(value) and np.shape(value) != params[i].shape:
                    raise ValueError(
                        f"{type(self).__name__}.load_state_dict: {key} of parameter {i} has shape {np.shape(value)}, "
                        f"the parameter {params[i].shape}. Nothing was loaded."
                    )
        for group, other in zip(self.param_groups, state_dict["param_groups"], strict=True):
            group.update({key: value for key, value in other.items() if key != "params"})
        self.state = {
            params[i]: {k: v if np.ndim(v) == 0 else np.array(v, params[i].dtype, order="C") for k, v in state.items()}
            for i, state in state_dict["state"].items()
        }

    def __repr__(self):
        n = sum(p.size for p in self.params)
        rates = ", ".join(f"{group['lr']:g}" for group in self.param_groups)
        return f"{type(self).__name__}({n:,} parameters, lr={rates})"


class SGD(Optimizer):
    r"""Gradient descent, with momentum if wanted.

    .. math::
        g &\leftarrow \text{gradient} + \text{weight\_decay} \cdot p \\
        b &\leftarrow \text{momentum} \cdot b + (1 - \text{dampening}) \cdot g
            \qquad (b \leftarrow g \text{ in the first step}) \\
        p &\leftarrow p - \text{lr} \cdot b
            \qquad (p - \text{lr} \cdot (g + \text{momentum} \cdot b) \text{ with Nesterov})

    Parameters
    ----------
    params : iterable of Parameter, or list of dict
        Those without a gradient are left alone. Dicts are groups with settings of their own:
        ``[{"params": net.body.parameters(), "lr": 0.001}, {"params": net.head.parameters()}]``.
    lr : float
        Learning rate. ``optimizer.lr`` may be changed at any time.
    momentum : float
        How much of the last step goes on into the next: 0.9 keeps nine tenths.
    dampening : float
        How much of the gradient is withheld from the momentum.
    weight_decay : float
        Pulls parameters towards 0.
    nesterov : bool
        Take the gradient as if the momentum had acted already.
    maximize : bool
        Go uphill.

    Raises
    ------
    TypeError, ValueError
        If params is empty, holds something twice or something else than Parameters; if a setting is below 0;
        if Nesterov's variant is asked for without momentum or with dampening.

    References
    ----------
    Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013.

    Example
    -------
    >>> p = mc.Parameter([1.0])
    >>> p.grad = np.array([2.0], np.float32)
    >>> SGD([p], lr=0.25).step()
    >>> p
    Parameter([0.5], requires_grad=True)
    """

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False):
        super().__init__(
            params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov,
            maximize=maximize,
        )  # fmt: skip

    def _check(self, group):
        momentum, dampening = group["momentum"], group["dampening"]
        if group["nesterov"] and (momentum == 0 or dampening != 0):
            raise ValueError(
                f"SGD: nesterov=True needs momentum > 0 and dampening = 0, got momentum={momentum} and "
                f"dampening={dampening}. Pass momentum=0.9, nesterov=True."
            )
        super()._check(group)

    def _update(self, p, state, group):
        settings = group["lr"], -1 if group["maximize"] else 1, group["weight_decay"]
        if group["momentum"] == 0:
            update(kernels.sgd, p, settings=settings)
            return
        keep, take = group["momentum"], 1 - group["dampening"]
        if "momentum_buffer" not in state:
            state["momentum_buffer"], keep, take = np.zeros(p.shape, p.dtype), 0, 1
        nesterov = group["momentum"] if group["nesterov"] else 0
        update(kernels.momentum, p, state["momentum_buffer"], settings=(*settings, keep, take, nesterov))
