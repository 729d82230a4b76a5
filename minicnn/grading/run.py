"""Grading a class: every submission once, in parallel, and again from where it was interrupted.

Threat model: a submission that kills or exhausts a grading process must not stop the others: it is tried once more,
alone, then reported. Results are files named after content, chapters, seed and checks, moved into place when they are
whole: so nothing counts twice, nothing stale counts, and identical files get identical grades.
"""

import contextlib
import json
import multiprocessing
import multiprocessing.connection
import os
import threading
import traceback
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, ProcessPoolExecutor, wait
from dataclasses import replace
from functools import partial

from tqdm import tqdm

from .. import exercises
from ..exercises.checking.code import stretched
from ..extras import need
from . import submission
from .grade import grade_one, key_of, nothing, try_out, warn_if_short
from .remote import TOTAL_SECONDS
from .sandbox import SandboxError, available
from .submission import Unreadable

MOST_GIVEN_UP = 2  # in a row: then it is the machine, and not the submissions


def grade_class(found, out, *, chapters, seed, jobs=2, seconds=TOTAL_SECONDS, unsafe=False, dask=None, progress=True):
    """Grade submissions; results that `out` holds already are taken from there.

    Parameters
    ----------
    found : list of Submission
    out : Path
    chapters : list of int
    seed : int or str
    seconds : float
        How long one submission may take.
    dask : str, optional
        Address of a Dask scheduler whose workers grade instead of processes here.

    Returns
    -------
    list of dict
        The result of each submission, as `grade_one` gives it, with its ``key``.
    """
    if not unsafe and dask is None:
        available()
    warn_if_short(seed)
    seed = stretched(seed)
    store = out / "results"
    store.mkdir(parents=True, exist_ok=True)
    keys = [_key(s, chapters, seed, seconds) for s in found]
    todo = {key: s for key, s in zip(keys, found, strict=True) if _stored(store / f"{key}.json") is None}
    with tqdm(total=len(found), unit="submission", disable=not progress, initial=len(found) - len(todo)) as bar:
        job = partial(work, chapters=chapters, seed=seed, seconds=seconds, unsafe=unsafe)
        for key, result in _results(todo, job, jobs, dask):
            if result["digest"] != exercises.digest():
                raise RuntimeError(
                    f"grading: a worker has version {result['digest']} of the checks, this process "
                    f"{exercises.digest()}. Install the same minicnn everywhere, and change nothing meanwhile."
                )
            _write(store / f"{key}.json", result)
            bar.update()
    return [json.loads((store / f"{key}.json").read_text("utf-8")) | {"key": key} for key in keys]


def _stored(path):
    """An earlier result; None if there is none, or if grading itself had failed."""
    try:
        result = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return None if result.get("failed") else result


def _failed(chapters, reason, trace=""):
    return nothing(chapters, f"{reason} Ask your instructor to look.") | {"failed": True, "traceback": trace}


def _key(found, chapters, seed, seconds):
    try:
        data = submission.read(found.path) if not found.problem else found.problem.encode()
    except Unreadable as error:
        data = str(error).encode() + str(found.path).encode(errors="replace")
    return key_of(data, found.path.suffix.lower(), chapters, seed, seconds)


def work(found, data=None, *, chapters, seed, seconds=TOTAL_SECONDS, unsafe=False):
    """Read a submission and grade it: what a process of the pool, or a machine of the cluster, does."""
    try:
        if found.problem:
            raise Unreadable(found.problem)
        data = submission.read(found.path) if data is None else data
    except Unreadable as error:
        return nothing(chapters, str(error))
    try_out(unsafe)
    try:
        return grade_one(data, found.path.suffix.lower(), chapters, seed, seconds, unsafe)
    except (SandboxError, MemoryError):
        raise
    except Exception:  # a gap in grading itself
        return _failed(chapters, "Grading it failed.", traceback.format_exc())


def _results(todo, job, jobs, dask):
    """(key, result) as they come. If a process breaks, one by one from there on; who then breaks it is given up."""
    waiting, ahead, given_up = [*todo], 2 * jobs if dask is None else 64, 0
    while waiting:
        with _executor(jobs if ahead > 1 else 1, dask) as executor:
            running = {}
            try:
                while waiting or running:
                    while waiting and len(running) < ahead:
                        running[executor.submit(job, *_shipped(todo[waiting[0]], dask))] = waiting[0]
                        waiting.pop(0)
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        try:
                            result = future.result()
                        except MemoryError:
                            result = _failed(job.keywords["chapters"], "Grading it takes too much memory.")
                        yield running.pop(future), result
                        given_up = 0
            except BrokenExecutor:
                if ahead > 1:
                    waiting, ahead = [*running.values(), *waiting], 1
                    continue
                given_up += 1
                if given_up > MOST_GIVEN_UP:
                    raise RuntimeError(
                        f"grading: {given_up} processes in a row have died; is there too little memory? Nothing is "
                        f"lost: run the same command again."
                    ) from None
                for key in running.values():
                    yield key, _failed(job.keywords["chapters"], "Grading it failed twice.")


def _shipped(found, dask):
    """A cluster's machines do not see the files."""
    if dask is None or found.problem:
        return (found,)
    try:
        return found, submission.read(found.path)
    except Unreadable as error:
        return (replace(found, problem=str(error)),)


@contextlib.contextmanager
def _executor(jobs, dask):
    """Processes here, started afresh; or a cluster."""
    if dask is None:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent) as executor:
            yield executor
        return
    with need("grading: --dask", "distributed", "dask").Client(dask) as client, client.get_executor() as executor:
        yield executor


def _end_with_parent():
    """A process that grades ends, and its sandbox with it, when the one that started it is gone, however that ended."""

    def watch():
        multiprocessing.connection.wait([multiprocessing.parent_process().sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _write(path, result):
    """Write aside, then move: a result is there whole, or not at all."""
    aside = path.with_suffix(f".{os.getpid()}")
    aside.write_text(json.dumps(result), encoding="utf-8")
    aside.replace(path)
