"""A class of submissions, many of them hostile, each bounded in itself so that a failing sandbox harms no machine.

`submissions(secret, port)` gives {name: (content, points of conv2d_forward, points of the rest, the reason's pattern)};
the exercises are those of chapter 2. What is not the point of a submission is right in it.
"""

import json
from functools import partial

from minicnn import exercises
from minicnn.grading import release

CHAPTER = exercises.by_chapter(2)
ALL = exercises.get("conv2d_forward").points
REST = sum(e.points for e in CHAPTER) - ALL
RIGHT = exercises.get("conv2d_forward").solution
STUB = exercises.get("conv2d_forward").stub
OTHERS = [e.solution for e in CHAPTER if e.id != "conv2d_forward"]
IMPORTS = "import numpy as np\nfrom minicnn.exercises import check, hint"
CHECK = 'report = check("conv2d_forward", conv2d)\ndisplay(report)\nreport.points'
BODY = "\n".join(RIGHT.splitlines()[1:])  # of the right function
EINSUM = """def conv2d(x, w):
    return np.einsum("ijkl,kl->ij", np.lib.stride_tricks.sliding_window_view(x, w.shape), w)"""
WRONG = "def conv2d(x, w):\n    return np.zeros((len(x) - len(w) + 1, x.shape[1] - w.shape[1] + 1))"


def notebook(*cells, version=4, **metadata):
    """A notebook of these code cells, of nbformat 4 or 3."""
    if version == 3:
        cells = [{"cell_type": "code", "input": cell, "language": "python", "outputs": []} for cell in cells]
        return json.dumps(
            {"worksheets": [{"cells": cells}], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}
        ).encode()
    cells = [{"cell_type": "code", "source": cell.splitlines(True), "metadata": {}, "outputs": []} for cell in cells]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def class_of(*conv2d, first=IMPORTS):
    """A notebook in which all is right, except for the cells of conv2d."""
    return notebook(first, *conv2d, *OTHERS)


def script(code):
    return "\n\n\n".join(["import numpy as np", code, *OTHERS]).encode()


def function(body, then=BODY):
    """conv2d with something before the right answer."""
    return "def conv2d(x, w):\n" + "\n".join(f"    {line}" for line in body.splitlines()) + "\n" + then


def released():
    """The notebook that students get, unsolved."""
    return json.dumps(release.notebook([2])).encode()


def solved(data, replace=(STUB, RIGHT)):
    book = json.loads(data)
    for cell in book["cells"]:
        for stub, answer in [replace, *((e.stub, e.solution) for e in CHAPTER)]:
            if "".join(cell["source"]).strip() == stub.strip():
                cell["source"] = answer.splitlines(True)
    return book


def ordinary():
    """What students hand in without any bad thought."""
    book, bare, backwards = (solved(released()) for _ in range(3))
    for cell in bare["cells"]:
        del cell["metadata"], cell["id"]
    backwards["cells"].reverse()
    cheated = solved(released(), (STUB, WRONG))
    for cell in cheated["cells"]:
        cell["source"] = "".join(cell["source"]).replace(
            "from minicnn.exercises import check", "check = lambda *a: 99; _"
        )
    text = {name: json.dumps(b).encode() for name, b in dict(full=book, bare=bare, backwards=backwards).items()}
    return {
        "blank.ipynb": (released(), 0, 0, "Not attempted"),
        "full.ipynb": (text["full"], ALL, REST, ""),
        "bare.ipynb": (text["bare"], ALL, REST, ""),  # stripped metadata
        "backwards.ipynb": (text["backwards"], ALL, REST, ""),
        "check_edited.ipynb": (json.dumps(cheated).encode(), 0, REST, "All your numbers are 0"),
        "einsum.py": (script(EINSUM), ALL, REST, ""),
        "float32.py": (script(RIGHT.replace("np.zeros((", "np.zeros(dtype=np.float32, shape=(")), ALL, REST, ""),
        "list.py": (script(RIGHT.replace("return y", "return y.tolist()")), ALL, REST, ""),
        "numba.ipynb": (class_of(f"import numba\n\n@numba.njit\n{RIGHT}"), ALL, REST, ""),
        "tensor.ipynb": (
            class_of("import minicnn as mc", RIGHT.replace("return y", "return mc.Tensor(y)")),
            ALL,
            REST,
            "",
        ),
        "options.py": (script(RIGHT.replace("(x, w)", "(x, w, stride=1, *more, **options)")), ALL, REST, ""),
        "flipped.py": (script(function("w = w[::-1, ::-1]")), 1, REST, "the kernel is flipped"),
        "transposed.py": (
            script(function("if w.shape[0] != w.shape[1]:\n    return conv2d(x.T, w).T\nw = w.T")),
            None,
            REST,
            "swapped",
        ),
        "too_small.py": (script(RIGHT.replace("return y", "return y[:-1, :-1]")), 0, REST, "last place is left out"),
        "padded.py": (
            script(function("x = np.pad(x, [(k // 2, k // 2) for k in w.shape])")),
            1,
            REST,
            "border of zeros",
        ),
        "mean.py": (script(RIGHT.replace("return y", "return y / w.size")), 1, REST, "mean of the products"),
        "overwritten.py": (
            script(RIGHT.replace("return y", "return x[w.shape[0]-1:, w.shape[1]-1:] * w[-1, -1]")),
            1,
            REST,
            "overwrites",
        ),
        "syntax.ipynb": (class_of(RIGHT.replace("(x, w):", "(x, w)", 1)), 0, REST, "SyntaxError.*line 1"),
        "syntax.py": (script(RIGHT.replace("(x, w):", "(x, w)", 1)), 0, 0, "SyntaxError.*line 4"),
        "missing.ipynb": (class_of(), 0, REST, "conv2d is not defined"),
        "renamed.ipynb": (class_of(RIGHT.replace("def conv2d", "def my_conv")), 0, REST, "Defined are: .*my_conv"),
        "renamed_and_checked.ipynb": (
            class_of(RIGHT.replace("def conv2d", "def my_conv"), CHECK.replace(" conv2d", " my_conv")),
            ALL,
            REST,
            "",
        ),
        "stub_below.ipynb": (class_of(RIGHT, CHECK, STUB, CHECK), ALL, REST, ""),
        "wrong_below.ipynb": (class_of(RIGHT, CHECK, WRONG), 0, REST, "All your numbers are 0"),
        "raises.ipynb": (class_of("1 / 0", RIGHT, "undefined", "assert False"), ALL, REST, ""),
        "no_imports.ipynb": (class_of(RIGHT, first="x = 1"), ALL, REST, ""),
        "magics.ipynb": (
            class_of("%matplotlib inline\n!pip install x\nfiles = !ls\nnp.sum?", "%%time\n" + RIGHT, "%%bash\nls"),
            ALL,
            REST,
            "",
        ),
        "old.ipynb": (notebook(IMPORTS, RIGHT, *OTHERS, version=3), ALL, REST, ""),
        "latin.py": ("# Schön\n".encode("latin-1") + script(RIGHT), ALL, REST, ""),
        "surrogate.ipynb": (class_of(RIGHT + "\n# \ud800"), ALL, REST, ""),
        "windows.py": (script(RIGHT).replace(b"\n", b"\r\n"), ALL, REST, ""),
        "truncated.ipynb": (text["full"][:-99], 0, 0, "broken off"),
        "list.ipynb": (b"[1, 2]", 0, 0, "no notebook"),
        "nothing.ipynb": (b"", 0, 0, "no notebook"),
        "nested.ipynb": (b"[" * 10**6, 0, 0, "broken off"),
        "parts.ipynb": (b'{"cells": [' + b"[]," * 10**6 + b"[]]}", 0, 0, "too many parts"),
        "emoji.ipynb": (notebook("# \U0001f600" + "x" * (19 << 20)), 0, 0, "too much code"),
        "large.ipynb": (b'{"cells": "' + b"x" * (100 << 20) + b'"}', 0, 0, "more than 20 MB"),
    }


def hostile(secret, port):
    """Those who try what must not be. `secret` is a folder of the instructor's, `port` listens on loopback."""
    attack = partial(attacks, secret=str(secret), port=port)
    return {
        "loop.py": (script(function("while True: pass")), 0, REST, "did not come back"),
        "loop_in_cell.ipynb": (class_of("while True: pass", RIGHT), ALL, REST, ""),
        "loop_that_swallows.py": (
            script(function("while True:\n    try:\n        while True: pass\n    except BaseException: pass")),
            0, REST, "did not come back",
        ),
        "hang_in_c.py": (script(function("sum(range(10**13))")), 0, REST, "did not come back"),
        "exit.py": (script(function("import os; os._exit(0)")), 0, REST, "ends the program itself"),
        "exit_in_cell.ipynb": (class_of("import os; os._exit(0)", "exit()", "quit()", RIGHT), ALL, REST, ""),
        "crash.py": (script(function("import ctypes; ctypes.string_at(0)")), 0, REST, "segmentation fault"),
        "recursion.py": (script(function("return conv2d(x, w)")), 0, REST, "RecursionError"),
        "markup.py": (script(function(r"raise ValueError('<script>\x1b[31m\u202e\ud800')")), 0, REST, r"<script>\[31m"),
        "huge.py": (script("def conv2d(x, w): return np.zeros(10**8)"), 0, REST, "too large to look at"),
        "wide.py": (script("def conv2d(x, w): return np.zeros((0, 10**15))"), 0, REST, "too large to look at"),
        "deep.py": (script(attack("deep")), 0, REST, "deep"),
        "digits.py": (script("def conv2d(x, w): return 10**4000"), 0, REST, "no numbers"),
        "objects.py": (script(attack("objects")), 0, REST, "object of type Evil"),
        "pickle.py": (script(attack("pickle")), 0, REST, "object"),
        "patched.ipynb": (class_of(attack("patched"), WRONG), 0, REST, "All your numbers are 0"),
        "patched_late.py": (script(function(attack("patched"), "    return x")), 0, REST, "breaks something|shape"),
        "forged_in_cell.ipynb": (class_of(attack("forged"), RIGHT), ALL, REST, ""),
        "forged.py": (script(function(attack("forged"))), 0, REST, "writes into the channel"),
        "import_checks.py": (script(attack("import")), 0, REST, "Error"),
        "read_checks.py": (script(attack("read")), 0, REST, "No such file"),
        "import_answer.ipynb": (
            class_of("import minicnn.functional as F", "def conv2d(x, w): return F.conv2d(x[None], w[None, None])[0]"),
            0, REST, "what you are asked to write",
        ),
        "reload_answer.ipynb": (class_of("import minicnn", attack("reload")), 0, REST, "cannot be imported"),
        "secrets.ipynb": (class_of(attack("secrets"), RIGHT + "\n    assert not seen"), ALL, REST, ""),
        "write_outside.ipynb": (class_of(attack("write"), RIGHT), ALL, REST, ""),
        "fill_home.py": (script(function(attack("fill"))), ALL, REST, ""),
        "network.py": (script(attack("network") + "\n\n\n" + function("call()")), 0, REST, "not permitted"),
        "stdin.py": (script(function("input()")), 0, REST, "EOFError"),
        "signals.py": (script(attack("signals") + "\n\n\n" + RIGHT), ALL, REST, ""),
        "programs.py": (script(function("import os; os.execv('/bin/true', ['true'])")), 0, REST, "not permitted"),
        "forks.py": (script(function(attack("forks"))), 0, REST, "not permitted"),
        "threads.py": (script(function(attack("threads"))), ALL, REST, ""),
        "threads_stay.py": (script(function(attack("threads").replace("0.05", "5"), BODY)), ALL, REST, ""),
        "memory.py": (script(function("hog = np.ones(10**9)")), 0, REST, "MemoryError.*allocate"),
        "memory_in_steps.py": (script(function(attack("memory"))), 0, REST, "MemoryError|come back"),
        "prints.py": (script(attack("prints") + "\n\n\n" + function("shout()")), ALL, REST, ""),
    }  # fmt: skip


def attacks(name, secret, port):
    """The code of one attack."""
    package = exercises.__path__[0]
    return {
        "objects": """class Evil:
    def __array__(self, *args, **kwargs): raise SystemExit
    def __eq__(self, other): return True
    def __reduce__(self): return print, ("unpickled",)
    __float__ = __len__ = __getattr__ = __array__
def conv2d(x, w): return Evil()""",
        "pickle": """class Evil:
    def __reduce__(self): return __import__("os").system, ("true",)
def conv2d(x, w): return np.array([[Evil()]], dtype=object)""",
        "patched": """import builtins, json, minicnn.exercises
minicnn.exercises.check = lambda *args: "full marks"
for name in ("allclose", "isclose", "array_equal", "array", "asarray", "ascontiguousarray"):
    setattr(np, name, lambda *args, **kwargs: True)
builtins.isinstance = builtins.callable = lambda *args: True
builtins.sorted = builtins.sum = builtins.all = lambda *args: 1""",
        "forged": """import os, struct
text = b'{"value": 1, "changed": [], "printed": "", "arrays": []}'
for fd in range(3, 64):
    try: os.write(fd, struct.pack(">II", len(text), 0) + text + b"\\xff" * 64)
    except OSError: pass""",
        "deep": """def conv2d(x, w):
    for k in range(9000): x = [x]
    return x""",
        "import": """def conv2d(x, w):
    import minicnn.exercises.chapters.ch02_convolution.forward as checks
    return checks.conv2d(x, w)""",
        "read": f"""def conv2d(x, w):
    space = {{}}
    exec(open({package + "/chapters/ch02_convolution/forward.py"!r}).read(), space)
    return space["conv2d"](x, w)""",
        "reload": """def conv2d(x, w):
    import importlib, minicnn.functional.conv as module
    return importlib.reload(module).conv2d(x[None, None], w[None, None])[0, 0]""",
        "secrets": f"""import os, glob
seen = [v for v in os.environ.values() if "the-secret-seed" in v]
for path in glob.glob("/proc/[0-9]*/*") + glob.glob({secret + "/*"!r}):
    try: seen += [path] * (b"the-secret-seed" in open(path, "rb").read(10**6))
    except OSError: pass""",
        "write": f"""import os
for folder in ({secret!r}, {package!r}, "/", "/tmp", "/usr", "/dev", "/dev/shm", "/proc", "/var/tmp", "/grading"):
    try: open(folder + "/minicnn-hostile-was-here", "w").write("x")
    except OSError: pass
os.symlink("/etc/passwd", "link")""",
        "fill": """try:
    for k in range(4): open(f"fill-{k}", "wb").write(bytes(2**24))
except OSError: pass""",
        "network": f"""import socket
def call():
    with socket.create_connection(("127.0.0.1", {port}), timeout=1) as s: s.sendall(b"hello")""",
        "signals": """import os, signal
for pid in (os.getppid(), 1, 2, -1):
    try: os.kill(pid, signal.SIGKILL)
    except OSError: pass""",
        "forks": """import os, time
for k in range(200):
    if not os.fork():
        time.sleep(3)
        os._exit(0)""",
        "threads": """import threading, time
first = threading.active_count() < 50
crowd = [threading.Thread(target=time.sleep, args=(0.05,), daemon=True) for k in range(100 * first)]
for t in crowd: t.start()""",
        "memory": "hog = [np.zeros(10**7) for k in range(100)]",
        "prints": """first = [True]
def shout():
    for k in range(10 if first else 0): print("x" * 10**8)
    first.clear()""",
    }[name]


# These use up whatever time there is; all others end by themselves, sooner or later.
ENDLESS = "loop.py", "loop_in_cell.ipynb", "loop_that_swallows.py", "hang_in_c.py"


def submissions(secret, port):
    return ordinary() | hostile(secret, port)
