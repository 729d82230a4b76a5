"""The rules of the house: who may import whom, how long a file may be, what is public."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

import minicnn as mc

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "minicnn"
SOURCES = sorted(PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "book").rglob("*.ipynb"))
LONGEST_FILE = 400

# A room imports only from rooms below it, or its own; the tape, gradient check and operations are one.
FLOOR = {
    "data": 2,
    "kernels": 0,
    "threads": 1,
    "grad_mode": 0,
    "hooks": 0,
    "operation": 1,
    "calls": -1,
    "extras": -1,
    "checks": 1,
    "chance": 0,
    "creation": 2,
    "porting": 0,
    "tape": 1,
    "tape_errors": 1,
    "tensor": 1,
    "functional": 1,
    "gradcheck": 1,
    "layers": 2,
    "models": 3,
    "training": 4,
    "compile_first_step": 5,
    "figures": 5,
    "exercises": 6,
    "grading": 7,
}
HEAVY = {"matplotlib", "ipywidgets", "anywidget", "sklearn", "pooch", "IPython"}
BOOK_MAY_IMPORT = sys.stdlib_module_names | {"minicnn", "numpy", "scipy", "matplotlib", "ipywidgets", "IPython"}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def room_of(module):
    """minicnn.layers.conv is in the room layers; minicnn itself is in none."""
    return (module.split(".") + [""])[1]


def imported(tree, package):
    """Full names of what an import statement anywhere in `tree` brings in; `package` is where the file is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def package_of(path):
    return ".".join(path.relative_to(ROOT).parent.parts)


def at_import_time(tree):
    """The tree without the bodies of functions: what runs when the file is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = []
    return tree


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_go_down_only(path):
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    assert room in FLOOR, f"{room} is new: give it a floor here"
    for module in imported(ast.parse(path.read_text("utf-8")), package_of(path)):
        other = room_of(module)
        if module.split(".")[0] == "minicnn" and other != room:
            below = FLOOR.get(other, 9) < FLOOR[room] or FLOOR.get(other) == FLOOR[room] == 1
            assert below, f"{name_of(path)} imports {module}, which is not below it"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_name_with_an_underscore_stays_in_its_folder(path):
    package = package_of(path)
    for module in imported(ast.parse(path.read_text("utf-8")), package):
        folder, dot, private = module.partition("._")
        ours = folder.split(".")[0] == "minicnn" and not private.startswith("_")  # __main__ and such are everybody's
        assert not (ours and dot) or package in (folder, folder.rpartition(".")[0]), f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_figures_are_loaded_only_when_asked_for(path):
    if "figures" not in path.parts:
        tree = at_import_time(ast.parse(path.read_text("utf-8")))
        assert "figures" not in map(room_of, imported(tree, package_of(path)))


@pytest.mark.parametrize(
    "path",
    [*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "tools").rglob("*.py"))],
    ids=name_of,
)
def test_files_are_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.patient
def test_importing_minicnn_loads_nothing_heavy():
    code = "import sys, minicnn; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


# ---------------------------------------------------------------- the public API

NAMESPACES = [mc, mc.functional, mc.data, mc.models, mc.exercises]


@pytest.mark.parametrize("module", NAMESPACES, ids=lambda m: m.__name__)
def test_all_is_exactly_what_is_public(module):
    missing = [name for name in module.__all__ if not hasattr(module, name)]
    assert missing == [], "named in __all__ but not there"
    assert len(set(module.__all__)) == len(module.__all__)
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and not isinstance(value, ModuleType)
        and getattr(value, "__module__", "minicnn").startswith("minicnn")
    }
    assert public - set(module.__all__) == set(), "public but not in __all__"


def public_objects():
    for module in NAMESPACES:
        for name in module.__all__:
            value = getattr(module, name)
            if not isinstance(value, ModuleType) and callable(value):
                yield pytest.param(value, id=f"{module.__name__}.{name}")


@pytest.mark.parametrize("thing", list(public_objects()))
def test_public_things_are_explained_with_an_example(thing):
    """One line may do for what needs no more words; an exception is met, not called."""
    doc = inspect.getdoc(thing) or ""
    assert doc, "has no docstring"
    is_exception = isinstance(thing, type) and issubclass(thing, Exception)
    assert ">>> " in doc or "\n" not in doc or is_exception, "has no example"


# ---------------------------------------------------------------- the book


def code_of(path):
    """The Python of a notebook's code cells; IPython's own lines (%pip …, !ls) do nothing."""
    cells = nbformat.read(path, as_version=4).cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return ast.parse(re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.MULTILINE))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_the_book_imports_only_what_its_reader_has(path):
    assert {module.split(".")[0] for module in imported(code_of(path), "")} <= BOOK_MAY_IMPORT


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_the_book_uses_only_the_public_api(path):
    tree = code_of(path)
    allowed = {"minicnn", "minicnn.functional"} | {f"minicnn.{name}" for name in mc.__all__}
    allowed |= {f"minicnn.{room}.{name}" for room in ("exercises", "data") for name in getattr(mc, room).__all__}
    private = {m for m in imported(tree, "") if m.split(".")[0] == "minicnn"} - allowed
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            namespace = {"mc": mc, "F": mc.functional}.get(node.value.id)
            if namespace and node.attr not in [*namespace.__all__, "__version__"]:
                private.add(f"{node.value.id}.{node.attr}")
    assert private == set()
