"""The program in the sandbox: it imports NumPy once, and forks a fresh process for every exercise.

Threat model: everything below `serve` shares its process with the student's code, and so may say anything. `main`
runs no student's code; its children are confined, cannot signal or debug it, and never see the `control` socket.
What an exercise withholds is taken out of minicnn as it is imported: a lesson, no lock. Who loads the library's source
under another name, or copies from it, has a copied solution, as from a friend.
Started by file, with the files it needs beside it; neither exercises nor grading can be imported here.
"""

import ast
import builtins
import contextlib
import ctypes
import importlib.util
import json
import linecache
import os
import re
import select
import signal
import socket
import sys
import types

MOST_FILES, LOOK_SECONDS = 5_000, 0.05  # an empty file takes 1 kB of the kernel's memory, which no size of home limits


def main(config):
    """Wait for orders: a socket comes, and a child serves it; "k" ends that child, and tells how it ended."""
    control = socket.socket(fileno=config["control"])
    sys.path[:] = config["path"]
    files = types.SimpleNamespace(**{name: _load(name, path) for name, path in config["files"].items()})
    sys.modules["minicnn.exercises"] = exercises = types.ModuleType("minicnn.exercises")
    access, utime = os.access, os.utime  # compiled kernels are read from a folder that is read-only
    os.access, os.utime = lambda *args: True, lambda *args: None
    for name in config["preload"]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    os.access, os.utime = access, utime
    if sys.platform == "linux":
        set_dumpable = 4
        ctypes.CDLL(None).prctl(set_dumpable, 0, 0, 0, 0)  # the children cannot look into this process's memory
    control.sendall(b"r")
    child = None
    while True:
        while not select.select([control], [], [], LOOK_SECONDS)[0]:
            if config["home"] and _files_in(config["home"]) > MOST_FILES:
                return  # and all that is inside ends, its home too
        order, sockets, _, _ = socket.recv_fds(control, 1, 1)
        if not order:
            return
        if sockets:
            child = os.fork()
            if not child:
                with contextlib.suppress(BaseException):
                    control.close()
                    files.confine.confine(config["user"])
                    channel = socket.socket(fileno=sockets[0])  # open until the process has ended and told how
                    serve(channel, files, exercises)
                os._exit(0)
            os.close(sockets[0])
        else:
            os.kill(child, signal.SIGKILL)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            control.sendall(status.to_bytes(2, "big", signed=True))


def serve(channel, files, exercises):
    """Run cells, then answer calls, as the other side asks."""
    quiet = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(quiet, fd)
    receive = files.frames.exactly(channel.recv)

    def send(message):
        channel.sendall(files.frames.pack(message))

    def ask(id, args, kwargs, arrays):
        send({"ask": {"id": id, "args": args, "kwargs": kwargs}, "token": token, "arrays": arrays})
        answer = files.frames.unpack(receive)
        if answer["refused"]:
            raise RuntimeError(answer["refused"])
        return answer["tree"], answer["arrays"]

    start = files.frames.unpack(receive)
    notebook = Notebook(start["without"], exercises)
    files.worker.withhold(start["without"])  # for ever: a thread could wait for a moment without
    worker = files.worker.Worker({"split": split, "cell": notebook.cell, "find": notebook.find})
    worker.globals = {id(notebook.namespace)}
    while True:
        message = files.frames.unpack(receive)
        token = message["token"]
        answer = worker.answer(message)
        if message["target"] == "find" and not isinstance(worker.namespace, Objects):
            worker = files.worker.Worker(Objects(notebook.found), ask)
            worker.globals.add(id(notebook.namespace))
        answer = {"arrays": []} | answer | {"token": token}
        try:
            send(answer)
        except files.frames.Broken as error:
            problem = {"kind": "error", "type": "ValueError", "message": str(error)}
            send({"problem": problem, "token": token, "arrays": []})


def _files_in(home):
    """How many files there are in a file system, folders and links included."""
    state = os.statvfs(home)
    return state.f_files - state.f_ffree


class Objects(dict):
    """What an exercise asks for, by name."""


class Notebook:
    """Runs cells in one namespace, and finds what an exercise asks for."""

    def __init__(self, without, exercises):
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        self.namespace, self.given, self.found = vars(main), {}, {}
        exercises.check = self.check
        exercises.hint = lambda *args, **options: None
        self.namespace["display"] = lambda *args, **options: None
        if without:
            sys.meta_path.insert(0, NoSecondImport())

    def check(self, id, *answers, **options):
        """Remember what the notebook gives as its answers; the points are found elsewhere."""
        self.given[id] = answers
        return types.SimpleNamespace(points=0, out_of=0, inputs={})

    def cell(self, name, source):
        """Run a cell. IPython's own lines are left out if the cell is no Python as it is."""
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        try:
            code = compile(source, name, "exec")
        except SyntaxError:
            plain = re.sub(
                r"^([ \t]*)(?:\w[\w, ]*=\s*)?[%!?].*|^([ \t]*)[\w.]+\?+[ \t]*$", r"\1\2pass", source, flags=re.M
            )
            if plain == source:
                raise
            code = compile(plain, name, "exec")
        exec(code, self.namespace)

    def find(self, id, names, shared):
        """What an exercise asks for: what its names mean in the end.

        Where that is not clear, because a name is missing or another chapter uses it as well (`shared`), what the
        notebook gave to ``check(id, …)`` counts.
        """
        given = self.given.get(id, ())
        if len(given) == len(names) and (shared or any(name not in self.namespace for name in names)):
            self.found = dict(zip(names, given, strict=True))
        else:
            self.found = {name: self.namespace[name] for name in names if name in self.namespace}
        return [name for name in self.namespace if name not in self.found and not name.startswith("_")][:200]


def split(source):
    """The top-level statements of a file, as [first line, text], so that one that fails does not stop the others."""
    lines = source.split("\n")
    starts = {min([s.lineno, *(d.lineno for d in getattr(s, "decorator_list", []))]) for s in ast.parse(source).body}
    starts = [1, *sorted(starts)[1:], len(lines) + 1]
    return [[a, "\n" * (a - 1) + "\n".join(lines[a - 1 : b - 1])] for a, b in zip(starts, starts[1:], strict=False)]


class NoSecondImport:
    """minicnn was imported before the withheld functions were taken out; nobody imports it afresh."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "minicnn":
            raise ImportError(f"{name} cannot be imported in this exercise")


def _load(name, path):
    spec = importlib.util.spec_from_file_location(f"_grading_{name}", path)
    module = importlib.util.module_from_spec(spec)
    vars(module)["__builtins__"] = dict(vars(builtins))  # what a student changes in builtins or NumPy stays theirs
    spec.loader.exec_module(module)
    if hasattr(module, "np"):
        module.np = types.SimpleNamespace(**vars(module.np))
    return module


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
