"""Hooks: functions that a Module calls before or after its forward pass."""

import itertools

_numbers = itertools.count()


class HookHandle:
    """What registering a hook returns: its `remove` takes the hook off again."""

    def __init__(self, module, kind, hook):
        if not callable(hook):
            raise TypeError(f"register_hook: the hook must be a function, not {type(hook).__name__}.")
        self.hooks, self.number = vars(module).setdefault(kind, {}), next(_numbers)
        self.hooks[self.number] = hook

    def remove(self):
        """Take the hook off. Doing so twice does no harm."""
        self.hooks.pop(self.number, None)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.remove()
