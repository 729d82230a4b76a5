"""Packages that do not come with minicnn alone: whoever needs one asks for it here."""

import importlib


def need(where, module, extra):
    """Import a module of another package, or say how to install it.

    Parameters
    ----------
    where, module : str
        Who needs what.
    extra : str
        Under which name in pyproject.toml it is listed.

    Raises
    ------
    ModuleNotFoundError
        If the package is missing.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:  # it is there, but something that it needs is not
            raise
        text = f'{where}: {error.name} is not installed. Install it: pip install "minicnn[{extra}]".'
        raise ModuleNotFoundError(text, name=error.name) from None
