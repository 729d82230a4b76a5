"""Networks from the literature: one file a paper. A file in this folder is found; its `__all__` says what it offers."""

from importlib import import_module
from pkgutil import iter_modules

from .. import calls

__all__ = []
for _paper in iter_modules(__path__):
    _module = import_module(f".{_paper.name}", __name__)
    __all__ += _module.__all__
    globals().update({name: getattr(_module, name) for name in _module.__all__})
calls.explain(globals())
