"""Wrong arguments in words: Python's own names what no reader wrote, such as `relu_vjp()` or `_Dropout.__init__()`."""

import difflib
import re
from functools import wraps
from inspect import Parameter, Signature, signature
from types import FunctionType

BY_PLACE = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def explained(where, f, args, options, error):
    """The TypeError of a call ``f(*args, **options)``: in words, if these are not f's arguments; or as it is."""
    try:
        signature(f).bind(*args, **options)
    except TypeError:
        return TypeError(f"{where}: {_fault(signature(f).parameters, args, options)}")
    except ValueError:  # of a function without a signature nothing can be said
        pass
    return error


def by_place(f, args, options):
    """The same arguments, with all that can be passed by place passed so, and defaults filled in."""
    try:
        bound = signature(f).bind(*args, **options)
    except TypeError as error:
        raise explained(f.__name__, f, args, options, error) from None
    bound.apply_defaults()
    return bound.args, bound.kwargs


def _fault(parameters, args, options):
    takes = f"It takes ({', '.join(_shown(parameters))})."
    places = [name for name, p in parameters.items() if p.kind in BY_PLACE]
    for name in options:
        if name not in parameters:
            near = difflib.get_close_matches(name, parameters, 1)
            return f"there is no argument {name!r}. {f'Did you mean {near[0]!r}? ' if near else ''}{takes}"
        if name in places[: len(args)]:
            return f"the argument {name!r} is given twice, by its place and by its name. {takes}"
    if len(args) > len(places):
        return f"{len(args)} arguments are too many. {takes}"
    given = {*places[: len(args)], *options}
    missing = [name for name, p in parameters.items() if p.default is p.empty and name not in given]
    return f"the argument {missing[0]!r} is missing. {takes}"


def _shown(parameters):
    """The parameters as a reader would type them."""
    stars = [name for name, p in parameters.items() if p.kind is p.KEYWORD_ONLY][:1]
    for name, p in parameters.items():
        if name in stars:
            yield "*"
        yield re.sub(r"<class 'numpy\.(\w+)'>", r"np.\1", str(p.replace(annotation=p.empty)))


class Explained(type):
    """The kind of classes whose constructors say in words what was wrong with their arguments."""

    def __call__(cls, *args, **options):
        try:
            return super().__call__(*args, **options)
        except TypeError as error:
            raise explained(cls.__name__, cls, args, options, error) from None

    @property
    def __signature__(cls):
        makers = [
            f for f, inherited in ((cls.__init__, object.__init__), (cls.__new__, object.__new__)) if f is not inherited
        ]
        _, *own = signature(makers[0]).parameters.values() if makers else [None]
        return Signature(own)


def explain(namespace):
    """Let the plain functions that a module's ``__all__`` names do so, too."""
    for name in namespace["__all__"]:
        f = namespace.get(name)
        if isinstance(f, FunctionType) and not hasattr(f, "explains"):
            namespace[name] = _explaining(f)


def _explaining(f):
    @wraps(f)
    def call(*args, **options):
        try:
            return f(*args, **options)
        except TypeError as error:
            raise explained(f.__name__, f, args, options, error) from None

    call.explains = True
    return call
