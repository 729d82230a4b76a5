"""The networks of minicnn.models once more in PyTorch, with the same names: what tests and benchmark compare with.

They are written from the papers, with `torch.nn` alone, and share no line with minicnn. A file in this folder is found.
"""

from importlib import import_module
from pkgutil import iter_modules

for _paper in iter_modules(__path__):
    _module = import_module(f".{_paper.name}", __name__)
    globals().update({name: getattr(_module, name) for name in _module.__all__})
