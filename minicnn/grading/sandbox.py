"""The sandbox around a submission: bubblewrap, and inside it a process that forks one child for each exercise.

Threat model: the kernel's namespaces keep the student's code from the network, from other processes, and from all
files but Python, its packages, minicnn without exercises and grading, and the program that runs the code, all of them
read-only. The only place to write is a home of 16 MB, or some thousand files, in memory. The environment is empty.
The sandbox dies with this process. What is inside is limited in `confine`; what comes out is limited in `frames`.
Whoever breaks the kernel, breaks this. Without bubblewrap (``unsafe``) only `confine` holds.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from functools import cache
from pathlib import Path

from ..exercises.checking import worker
from ..kernels.running.cache import cache_dir

HERE = Path(__file__).parent
PACKAGE = HERE.parent  # minicnn
HOME, HOME_BYTES = "/student", 16 << 20  # not /home, where Python itself may be
START_SECONDS = 60
HOW_TO_INSTALL = (
    "apt install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora), pacman -S bubblewrap (Arch); "
    "on macOS and Windows, in a Linux container or WSL"
)
UNSAFE = """--unsafe: a submission's code runs as your user, without a sandbox. Not protected: your files, other
submissions and the grades (it can read, change and delete what you can), the checks and their seed (it can read them,
and so earn any points). Limits of time and memory hold, and on Linux it cannot start programs or open sockets."""


class SandboxError(Exception):
    """There is no sandbox."""


class Dead(Exception):
    """The sandbox, or a process in it, is gone or does not answer."""


@cache
def available():
    """Raise SandboxError, with what to do, unless bubblewrap is there and works."""
    if not shutil.which("bwrap"):
        raise SandboxError(
            f"grading: bubblewrap is not installed, without which a submission's code could do anything on this "
            f"machine. Install it: {HOW_TO_INSTALL}. Or grade code that you trust with --unsafe."
        )
    test = subprocess.run(
        [*_bwrap(), "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
    )
    if test.returncode:
        raise SandboxError(
            f"grading: bubblewrap is installed but cannot make a sandbox here ({test.stderr.strip()[:300]}). Allow "
            f"user namespaces (sysctl kernel.unprivileged_userns_clone=1 or "
            f"kernel.apparmor_restrict_unprivileged_userns=0; a container needs --privileged), or grade code that you "
            f"trust with --unsafe."
        )


def _packages():
    """The folders of installed packages, where NumPy is."""
    paths = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    paths |= {Path(p) for p in sys.path if Path(p).name in ("site-packages", "dist-packages")}
    return sorted(p for p in paths if p.is_dir())


def _standard():
    """The standard library's folders on sys.path."""
    stdlib = Path(os.__file__).parent
    return [stdlib, stdlib / "lib-dynload"]


def _python():
    return Path(getattr(sys, "_base_executable", None) or sys.executable)


def _bwrap():
    """The command, up to the program: what is in the sandbox, and what of it can be written."""
    if os.getuid() == 0:  # later another user, so that limits bind; root has no need of a user namespace
        command = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_KILL"]
    else:
        command = ["--unshare-all", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"]
    command = ["bwrap", *command, "--die-with-parent", "--new-session", "--hostname", "grading", "--clearenv"]
    for name, value in _environment().items():
        command += ["--setenv", name, value]

    bound = [Path("/usr"), Path(sys.base_prefix).resolve(), Path(_python()).resolve().parent, *_packages(), PACKAGE]
    command += _parents(bound)
    for path in bound:
        command += ["--ro-bind", str(path), str(path)]
    for name in ("/lib", "/lib64", "/lib32", "/bin", "/sbin"):
        link = os.path.islink(name)
        command += ["--symlink", os.readlink(name), name] if link else ["--ro-bind-try", name, name]
    for name in ("/etc/ld.so.cache", "/etc/alternatives"):
        command += ["--ro-bind-try", name, name]
    copies = {folder / "minicnn" for folder in _packages()} - {PACKAGE}  # installed besides the one that is running
    for hidden in [PACKAGE / "exercises", PACKAGE / "grading", *sorted(p for p in copies if p.is_dir())]:
        command += ["--tmpfs", str(hidden), "--remount-ro", str(hidden)]
    for name, path in _files().items():
        command += ["--ro-bind", str(path), f"/grading/{name}.py"]
    if cache_dir():
        kernels = Path("/cache/minicnn/kernels") / cache_dir().name
        command += [*_parents([kernels]), "--ro-bind", str(cache_dir()), str(kernels)]
    command += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    command += ["--size", str(HOME_BYTES), "--perms", "1777", "--tmpfs", HOME, "--remount-ro", "/", "--chdir", HOME]
    return command


def _parents(paths):
    """Folders on the way to `paths` that any user may pass through; bubblewrap's own are for their maker only."""
    folders = {p for path in paths for p in path.parents if p != Path("/") and Path("/usr") not in [p, *p.parents]}
    return [word for folder in sorted(folders) for word in ("--perms", "0755", "--dir", str(folder))]


def _all_can_read():
    """Whether another user, too, could import modules."""
    folders = [*_standard(), *_packages()]
    return all(p.stat().st_mode & 0o5 == 0o5 for folder in folders for p in [folder, *folder.parents])


def _files():
    return {"worker": worker.__file__, **{name: HERE / f"{name}.py" for name in ("inside", "frames", "confine")}}


def _environment():
    """One thread, so that a fork finds none and numbers do not depend on the machine; all else is left out.

    So are malloc's arenas: 64 MB of address space for each of 8 threads a processor is as much as a process may have.
    """
    kept = {key: value for key, value in os.environ.items() if key.startswith(("NUMBA_", "MINICNN_SIMD"))}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    return (
        kept
        | threads
        | {"HOME": HOME, "TMPDIR": HOME, "XDG_CACHE_HOME": "/cache", "LANG": "C.UTF-8"}
        | {"MPLBACKEND": "agg", "PATH": "/usr/bin", "MALLOC_ARENA_MAX": "1"}
    )


class Sandbox:
    """A running sandbox for one submission. `preload` names modules that all its children find imported.

    Raises
    ------
    SandboxError
        If it does not start.
    """

    def __init__(self, preload=(), unsafe=False):
        self.preload, self.unsafe, self.process, self.control = tuple(preload), unsafe, None, None

    def __enter__(self):
        self._start()
        return self

    def __exit__(self, *exception):
        self.close()

    def child(self):
        """A socket to a fresh, confined process that has run nothing yet."""
        if self.process is None or self.process.poll() is not None:
            self.close()
            self._start()
        here, there = socket.socketpair()
        with there, contextlib.suppress(OSError):  # if it has just died, the first message to the child fails
            socket.send_fds(self.control, [b"c"], [there.fileno()])
        return here

    def end_child(self):
        """Kill the child, and say how it ended: its exit code, or minus the signal that ended it."""
        try:
            self.control.sendall(b"k")
            answer = self.control.recv(2)
        except OSError:
            answer = b""
        if len(answer) < 2:
            self.close()
            raise Dead
        return int.from_bytes(answer, "big", signed=True)

    def close(self):
        """Kill all that runs inside."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if self.unsafe else os.kill)(self.process.pid, signal.SIGKILL)
            self.process.communicate()
            self.control.close()
        self.process = None

    def _start(self):
        if sys.platform == "win32":
            raise SandboxError("grading: on Windows no code can be confined. Grade in WSL, or in a Linux container.")
        self.control, there = socket.socketpair()
        self.control.settimeout(START_SECONDS)
        files = {name: str(path) if self.unsafe else f"/grading/{name}.py" for name, path in _files().items()}
        inside = files.pop("inside")
        config = {
            "control": there.fileno(),
            "home": None if self.unsafe else HOME,
            "path": [str(p) for p in [*_standard(), *_packages(), PACKAGE.parent]],
            "files": files,
            "preload": ["numpy", *self.preload],
            "user": 1_000_000 + os.getpid() if os.getuid() == 0 and (_all_can_read() or not self.unsafe) else None,
        }
        command = [str(_python()), "-I", "-S", "-B", inside, json.dumps(config)]
        with there:
            self.process = subprocess.Popen(
                command if self.unsafe else [*_bwrap(), *command],
                env=_unsafe_environment() if self.unsafe else None,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[there.fileno()],
                start_new_session=self.unsafe,
                cwd=tempfile.gettempdir() if self.unsafe else None,
            )
        try:
            ready = self.control.recv(1)
        except TimeoutError:
            ready = b""
        if ready != b"r":
            self.process.kill()
            text = self.process.stderr.read(2000).decode(errors="replace").strip()
            self.close()
            raise SandboxError(f"grading: the sandbox does not start: {text}")
        self.control.settimeout(5)


def _unsafe_environment():
    return _environment() | {key: os.environ[key] for key in ("HOME", "XDG_CACHE_HOME") if key in os.environ}
