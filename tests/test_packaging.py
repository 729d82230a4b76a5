"""What is installed for whom: minicnn alone, its extras, the pins, and the one address of the repository."""

import ast
import importlib.metadata as metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.patient
ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PINS = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE))
OF_MODULE = metadata.packages_distributions()  # module: its packages
OWN = {path.stem for path in (ROOT / "tools").iterdir()} | {"minicnn", "tests"}


def wanted(*extras):
    """Names of the packages that minicnn asks for, alone or with extras."""
    names = set()
    for requirement in map(Requirement, [*PROJECT["dependencies"], *(r for e in extras for r in EXTRAS[e])]):
        if requirement.name == "minicnn":
            names |= wanted(*requirement.extras)
        else:
            names.add(canonicalize_name(requirement.name))
    return names


def with_what_they_bring(names):
    """These packages and all that they ask for here, as far as they are installed."""
    found, waiting = set(), [(name, frozenset()) for name in names]
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in found:
            continue
        found.add((name, extras))
        try:
            requirements = map(Requirement, metadata.requires(name) or [])
        except metadata.PackageNotFoundError:
            continue
        for r in requirements:
            if r.marker is None or any(r.marker.evaluate({"extra": e}) for e in ("", *extras)):
                waiting.append((canonicalize_name(r.name), frozenset(r.extras)))
    return {name for name, _ in found}


# ---------------------------------------------------------------- extras


def imported(path):
    """The first words of what a file imports, wherever in it."""
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, as_version=4).cells
        text = "\n".join(re.sub(r"(?m)^\s*[%!].*", "", c.source) for c in cells if c.cell_type == "code")
        return set(re.findall(r"^\s*(?:import|from)\s+(\w+)", text, re.MULTILINE))
    nodes = [*ast.walk(ast.parse(path.read_text("utf-8")))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    calls = [n for n in nodes if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "need"]
    names += [call.args[1].value for call in calls if isinstance(call.args[1], ast.Constant)]
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    ("files", "extras"),
    [
        ("minicnn/**/*.py", []),
        ("minicnn/data/**/*.py", ["data"]),
        ("minicnn/figures/**/*.py", ["figures"]),
        ("minicnn/grading/*.py", ["dask"]),
        ("book/**/*.ipynb", ["book"]),
        ("book/_ext/*.py", ["site"]),
        ("book/ledger/**/*.py", ["book", "dask"]),
        ("tests/**/*.py", ["test"]),
        ("tools/*.py", ["test", "lab"]),
    ],
)
def test_what_is_imported_is_asked_for(files, extras):
    declared, missing = wanted(*extras), set()
    for path in ROOT.glob(files):
        if "checkpoints" in str(path) or (
            not extras and {"data", "figures", "grading"} & {*path.relative_to(ROOT).parts}
        ):
            continue
        for name in imported(path) - sys.stdlib_module_names - OWN - {"torch", "torchvision"}:
            packages = {canonicalize_name(package) for package in OF_MODULE.get(name, [])}
            if packages and not packages & declared:
                missing.add((path.relative_to(ROOT).as_posix(), name))
    assert missing == set()


BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocked())
"""
STEP = """
import numpy as np
import minicnn as mc
import minicnn.exercises, minicnn.grading.run

net = mc.Sequential(mc.Conv2d(1, 4, 3, rng=np.random.default_rng(0)), mc.ReLU(), mc.Flatten(), mc.Linear(144, 2))
optimizer = mc.SGD(net.parameters(), lr=0.1)
before = net[0].weight.data.copy()
loss = mc.functional.cross_entropy(net(mc.Tensor(np.ones((3, 1, 8, 8), np.float32))), np.array([0, 1, 1]))
loss.backward()
optimizer.step()
assert (net[0].weight.data != before).any()
"""


def run(code, python=sys.executable, **options):
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_minicnn_alone_trains():
    there = with_what_they_bring(wanted())
    blocked = {m for m, packages in OF_MODULE.items() if not {canonicalize_name(p) for p in packages} & there}
    assert {"matplotlib", "scipy", "sklearn", "IPython"} <= blocked
    run(BLOCKED.format(blocked=blocked - {"minicnn"}) + STEP, cwd=ROOT)


@pytest.mark.parametrize(
    ("module", "use", "where", "extra"),
    [
        ("matplotlib", "mc.figures", "minicnn.figures", "figures"),
        ("sklearn", "mc.data.digits()", "digits", "data"),
        ("PIL", "mc.data.sample_photo()", "sample_photo", "data"),
        ("PIL", "mc.data.ImageFolder('pets', 32)", "ImageFolder", "data"),
        ("pooch", "mc.data.mnist()", "data", "data"),
    ],
)
def test_a_missing_extra_is_named_with_its_pip_line(module, use, where, extra):
    code = f"import minicnn as mc\ntry: {use}\nexcept ModuleNotFoundError as error: print(error)"
    env = {name: value for name, value in os.environ.items() if name != "MINICNN_DATA"}
    sentence = f'{where}: {module} is not installed. Install it: pip install "minicnn[{extra}]".\n'
    assert run(BLOCKED.format(blocked={module}) + code, cwd=ROOT, env=env) == sentence


@pytest.mark.slow
def test_the_wheel_alone_trains(tmp_path):
    """Built, installed where nothing else is, imported from there."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    pip = ["-m", "pip", "--quiet", "--disable-pip-version-check"]
    source = tmp_path / "source"  # a copy: setuptools would take what it finds from an earlier build
    shutil.copytree(ROOT / "minicnn", source / "minicnn", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-text"):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, *pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, source]
    subprocess.run(build, env=env, check=True)
    (wheel,) = tmp_path.glob("minicnn-*.whl")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [python, *pip, "install", "--constraint", ROOT / "constraints.txt", wheel]
    subprocess.run(install, env=env, check=True)
    place = run(STEP + "print(mc.__file__)", python, cwd=tmp_path, env=env)
    assert Path(place.strip()).is_relative_to(tmp_path)


# ---------------------------------------------------------------- pins


def test_everything_that_is_asked_for_is_pinned_and_nothing_else():
    needed = with_what_they_bring(wanted(*EXTRAS))
    assert needed - PINS.keys() - {"minicnn"} == set()
    for requirement in map(Requirement, [*PROJECT["dependencies"], *(r for e in EXTRAS.values() for r in e)]):
        if requirement.name != "minicnn":
            assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)]), str(requirement)
    installed = {canonicalize_name(d.name) for d in metadata.distributions()}
    assert PINS.keys() & installed <= needed


# ---------------------------------------------------------------- the address


def test_the_repository_has_one_address():
    """It is pyproject.toml's. CONTRIBUTING.md says how a fork changes it everywhere."""
    address = PROJECT["urls"]["Repository"]
    ours = address.removeprefix("https://github.com/")
    files = [
        *ROOT.glob("*.*"),
        *ROOT.glob(".github/**/*.yml"),
        *ROOT.glob("book/**/*.ipynb"),
        *ROOT.glob("book/**/*.md"),
    ]
    files += [*ROOT.glob("minicnn/**/*.py"), *ROOT.glob("tools/*.py")]
    texts = {p: p.read_text("utf-8") for p in files if p.suffix in (".md", ".cff", ".yml", ".toml", ".ipynb", ".py")}
    found = {
        m[1] for text in texts.values() for m in re.finditer(r"github(?:usercontent)?\.com/([\w.-]+/minicnn)\b", text)
    }
    assert found <= {ours}
    for name in ("_config.yml", "CITATION.cff"):
        assert re.search(rf"(?m): \"?{re.escape(address)}\"?$", texts[ROOT / name])
    notebooks = [text for path, text in texts.items() if path.suffix == ".ipynb" and "google.colab" in text]
    assert len(notebooks) > 5
    assert all(f'minicnn[book] @ git+{address}\\"' in text for text in notebooks if "%pip" in text)
