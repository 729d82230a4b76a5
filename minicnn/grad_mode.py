"""Whether operations are recorded: `no_grad`, `enable_grad` and their kin, under PyTorch's names."""

import inspect
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import wraps

from .calls import Explained

__all__ = ["enable_grad", "inference_mode", "is_grad_enabled", "no_grad", "set_grad_enabled"]


class _State(threading.local):
    recording = True
    watch = None  # if set, called as watch(operation, args, options, output): this is how `summary` sees a network


state = _State()


@contextmanager
def _recording(mode):
    before, state.recording = state.recording, mode
    try:
        yield
    finally:
        state.recording = before


class _Mode(metaclass=Explained):
    """For a ``with`` block, or above a function or a generator, with brackets or without; of this thread only."""

    def __new__(cls, function=None):
        mode = super().__new__(cls)
        mode._blocks = []
        return mode if function is None else mode(function)

    def __enter__(self):
        self._blocks.append(_recording(self.recording))
        self._blocks[-1].__enter__()

    def __exit__(self, *error):
        self._blocks.pop().__exit__(*error)

    def __call__(self, function):
        if not callable(function):
            name = type(self).__name__
            raise TypeError(f"{name}: {function!r} is not a function. Write `with {name}():`, or @{name} above one.")

        @wraps(function)
        def within(*args, **options):
            if inspect.isgeneratorfunction(function):
                return _Steps(function(*args, **options), self.recording)
            with _recording(self.recording):
                return function(*args, **options)

        return within


class _Steps(Generator):
    """A generator that runs in a mode from each `yield` to the next, and not in between."""

    def __init__(self, generator, mode):
        self.generator, self.mode = generator, mode

    def send(self, value):
        with _recording(self.mode):
            return self.generator.send(value)

    def throw(self, *error):
        with _recording(self.mode):
            return self.generator.throw(*error)


class no_grad(_Mode):
    """Record nothing inside the ``with`` block (of this thread): for evaluation, and for updates by hand.

    Example
    -------
    >>> with no_grad():
    ...     (mc.Tensor([3.0], requires_grad=True) * 2.0).requires_grad
    False
    >>> @no_grad
    ... def predict(net, x):
    ...     return net(x).argmax(1)
    """

    recording = False


class enable_grad(_Mode):
    """Record again, inside of a `no_grad`.

    Example
    -------
    >>> with no_grad(), enable_grad():
    ...     (mc.Tensor([3.0], requires_grad=True) * 2.0).requires_grad
    True
    """

    recording = True


class inference_mode(no_grad):
    """The same as `no_grad`: PyTorch saves some bookkeeping by it, which there is not here."""


class set_grad_enabled(_Mode):
    """Record from now on, or not: as a call; or as a ``with`` block, until its end.

    Example
    -------
    >>> training = False
    >>> with set_grad_enabled(training):
    ...     (mc.Tensor([3.0], requires_grad=True) * 2.0).requires_grad
    False
    """

    def __new__(cls, mode):
        if not isinstance(mode, bool):
            raise TypeError(f"set_grad_enabled: mode must be True or False, not {mode!r}.")
        self = super().__new__(cls)
        self.recording, self._before = bool(mode), state.recording
        state.recording = self.recording
        return self

    def __enter__(self):
        state.recording = self._before
        super().__enter__()

    def __call__(self, function):
        state.recording = self._before
        return super().__call__(function)


def is_grad_enabled():
    """Whether operations are recorded just now.

    Example
    -------
    >>> with no_grad():
    ...     is_grad_enabled()
    False
    """
    return state.recording
