"""Keep the book's notebooks runnable, clean and comparable.

python tools/notebooks.py run book/seeing/02-convolution.ipynb     execute from a clean kernel, then clean
python tools/notebooks.py check book                               what CI and pre-commit ask
python tools/notebooks.py convert chapter.md book/x/nn-name.ipynb  from jupytext's MyST or percent format
"""

import argparse
import base64
import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
CELL_METADATA = {"tags", "mystnb", "nbgrader", "exercise", "minicnn", "editable", "deletable", "slideshow"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
MAX_IMAGE = 60_000  # bytes
PATIENCE = 3600  # seconds for a cell, against hanging only: the machine may be busy
MACHINE = re.compile(
    rf"{re.escape(str(ROOT.parent))}[/\\]|(?<![\w.:/])/(?:home|Users|root|tmp|private|var|opt|usr)/[\w.]"
    r"|\b[A-Z]:\\\w|site-packages"
)
SITE_PACKAGES = re.compile(r"(?<![^\s\"'<>(])[^\s\"'<>(]*/site-packages/")  # from where a path starts: texts are long
ADDRESS = re.compile(r"\b0x[0-9a-f]{7,}")
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
}


def notebooks(paths):
    """The .ipynb files among `paths`, folders searched through."""
    for path in map(Path, paths):
        found = sorted(path.rglob("*.ipynb")) if path.is_dir() else [path]
        yield from (p for p in found if not {".ipynb_checkpoints", "_build"} & set(p.parts))


def read(path):
    return nbformat.read(path, as_version=4)


def write(notebook, path):
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def execute(notebook, folder, timeout=PATIENCE):
    """Run every cell in order, from a new kernel, in `folder`."""
    env = os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    client = NotebookClient(
        notebook,
        timeout=timeout,
        startup_timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        record_timing=False,
    )
    client.execute(env=env)


# ---------------------------------------------------------------- cleaning


def final_state(text):
    """What a terminal shows in the end of text in which carriage returns overwrite the line."""
    return "\n".join(next((part for part in reversed(line.split("\r")) if part), "") for line in text.split("\n"))


def without_machine(text):
    """Replace the folders of this machine by what a reader understands."""
    text = SITE_PACKAGES.sub("", text.replace(f"{ROOT}{os.sep}", ""))
    folders = {sys.base_prefix: "PYTHON", tempfile.gettempdir(): "TMP", str(Path.home()): "~"}
    for folder, word in folders.items():
        text = text.replace(folder, word)
    return text


def merged_streams(outputs):
    """Join neighbouring pieces of the same stream: where they are cut differs from run to run."""
    merged = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if output.output_type == "stream" and output.name == last.get("name"):
            last["text"] += output.text
        else:
            merged.append(output)
    return merged


def clean_output(output):
    if output.output_type == "stream":
        output.text = without_machine(final_state(output.text))
    elif output.output_type == "error":
        output.traceback = [without_machine(line) for line in output.traceback]
    else:
        output.data.pop(WIDGET_VIEW, None)  # dead without a kernel; the reader gets the picture or the text
        for mime, value in output.data.items():
            if mime.startswith("text/") or mime == "image/svg+xml":
                output.data[mime] = without_machine(value)


def clean(notebook):
    """Leave what the book and the tests use: sources, outputs, tags, alt texts, exercise data."""
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"c{number:02d}"
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in CELL_METADATA}
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            cell.outputs = merged_streams(cell.outputs)
            for output in cell.outputs:
                clean_output(output)
    return notebook


# ---------------------------------------------------------------- checking


def texts(output):
    """The texts that a reader sees in an output."""
    if output.output_type == "stream":
        return [output.text]
    if output.output_type == "error":
        return [output.evalue, *output.traceback]
    return [v for mime, v in output.data.items() if mime.startswith("text/") and isinstance(v, str)]


def output_problems(cell, output):
    tags = cell.metadata.get("tags", [])
    if output.output_type == "error" and "raises-exception" not in tags:
        yield f"raises {output.ename}; mend it, or tag the cell raises-exception"
    if output.output_type == "stream" and output.name == "stderr":
        yield f"writes to stderr: {output.text.strip()[:100]!r}"
    for text in texts(output):
        if found := MACHINE.search(text):
            yield f"shows a path of the machine: {text[found.start() : found.start() + 60]!r}"
        if ADDRESS.search(text) and "nbval-ignore-output" not in tags:
            yield "shows a memory address, another one in every run"
    for mime, value in output.get("data", {}).items():
        if not mime.startswith("image/"):
            continue
        size = len(value if mime == "image/svg+xml" else base64.b64decode(value))
        if size > MAX_IMAGE:
            yield f"holds a picture of {size // 1000} kB; the limit is {MAX_IMAGE // 1000} kB (lower the dpi)"
        has_own = "text/html" in output.data  # an interactive figure carries its own alternative text
        if not has_own and not cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip():
            yield 'shows a picture without alt text: set {"mystnb": {"image": {"alt": "…"}}} in its metadata'


def cell_problems(cell, count):
    """`count` is the number that this code cell has when all are run once, in order."""
    if cell.cell_type == "markdown":
        if re.search(r"!\[\s*\]\(", cell.source):
            yield "has a picture without alt text: ![what it shows](file)"
        return
    if not cell.source.strip():
        yield "is an empty code cell"
    if cell.execution_count != count:
        yield f"was run as number {cell.execution_count}, not {count}: run all cells from a clean kernel"
    if "raises-exception" in cell.metadata.get("tags", []) and not any(
        output.output_type == "error" for output in cell.outputs
    ):
        yield "is tagged raises-exception but raises nothing"
    for output in cell.outputs:
        yield from output_problems(cell, output)


def problems(notebook):
    """What keeps this notebook from being part of the book, as a list of sentences."""
    found, count = [], 0
    for number, cell in enumerate(notebook.cells, 1):
        if cell.get("id") != f"c{number:02d}":
            found.append(f"cell {number}: has the id {cell.get('id')!r}, not 'c{number:02d}'")
        count += cell.cell_type == "code"
        found += [f"cell {number}: {problem}" for problem in cell_problems(cell, count)]
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        found.append("the kernel is not named python3")
    if "widgets" in notebook.metadata:
        found.append("holds the state of widgets, which is dead on the page")
    return found


# ---------------------------------------------------------------- commands


def run_command(args):
    for path in notebooks(args.paths):
        notebook = read(path)
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        execute(notebook, path.resolve().parent, args.timeout)
        write(clean(notebook), path)
        print(f"{path}: {len(notebook.cells)} cells")
    return check_command(args)


def check_command(args):
    bad = 0
    for path in notebooks(args.paths):
        for problem in problems(read(path)):
            print(f"{path}: {problem}", file=sys.stderr)
            bad += 1
    return 1 if bad else 0


def convert_command(args):
    import jupytext

    write(clean(jupytext.read(args.source)), args.target)
    print(f"{args.target}: now run it")
    return 0


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="execute, clean, check")
    run.add_argument("paths", nargs="+")
    run.add_argument("--timeout", type=int, default=PATIENCE, help="seconds after which a cell hangs (%(default)s)")
    run.set_defaults(command=run_command)
    check = commands.add_parser("check", help="say what is wrong; exit 1 if anything is")
    check.add_argument("paths", nargs="+")
    check.set_defaults(command=check_command)
    convert = commands.add_parser("convert", help="make a notebook from a .md or .py file of jupytext")
    convert.add_argument("source", type=Path)
    convert.add_argument("target", type=Path)
    convert.set_defaults(command=convert_command)
    args = parser.parse_args(argv)
    return args.command(args)


if __name__ == "__main__":
    sys.exit(main())
