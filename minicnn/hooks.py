"""Hooks: functions of the user's that are called when a Module computes, or when a gradient is known."""

import itertools

NONE = {}  # the hooks of whom nobody asked for any
_numbers = itertools.count()


class HookHandle:
    """What registering a hook returns: its `remove`, or the end of a ``with`` block, takes the hook off again."""

    def __init__(self, owner, kind, hook):
        if not callable(hook):
            raise TypeError(f"register_hook: the hook must be a function, not {type(hook).__name__}.")
        self.owner, self.kind, self.number = owner, kind, next(_numbers)
        setattr(owner, kind, {**getattr(owner, kind), self.number: hook})

    def remove(self):
        """Take the hook off. Doing so twice does no harm."""
        left = {number: hook for number, hook in getattr(self.owner, self.kind).items() if number != self.number}
        setattr(self.owner, self.kind, left)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.remove()
