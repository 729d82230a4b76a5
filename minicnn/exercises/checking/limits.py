"""A time limit for code that may never come back, without another process."""

import ctypes
import random
import signal
import sys
import threading
import time

PATIENCE = 30


class TimeUp(BaseException):
    """Raised inside code that takes too long. Not an Exception, so that a plain ``except Exception`` lets it pass."""


def limited(work, seconds):
    """Return ``work()``, or raise TimeUp after about `seconds`.

    In the main thread a timer's signal interrupts the work; elsewhere, and on Windows, the work runs in a thread of
    its own, which is given up for lost if it does not heed the interruption. One long call into compiled code cannot
    be interrupted; and while Numba compiles, which happens once, up to PATIENCE more seconds do not count.
    """
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        return _by_signal(work, seconds)
    return _by_thread(work, seconds)


def _by_signal(work, seconds):
    done, rings, jitter, latest = False, 0, random.Random(0), time.monotonic() + seconds + PATIENCE

    def ring(signum, frame):
        nonlocal rings
        if not done and not rings and _compiling(frame) and time.monotonic() < latest:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
        elif not done:
            rings += 1
            # A bare `except:` swallows this one. Ring again, at uneven times, until one falls outside of its `try:`.
            again = 0.02 if rings < 3 else 10 ** jitter.uniform(-5, -3)
            signal.setitimer(signal.ITIMER_REAL, again)
            raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        value = work()
    finally:
        while not done:
            try:
                done = True
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)
            except TimeUp:
                done = False
    if rings:
        raise TimeUp
    return value


def _compiling(frame):
    """Whether Numba's compiler is at work: to break off there could leave it in pieces."""
    while frame:
        if frame.f_globals.get("__name__", "").startswith("numba.core.dispatcher"):
            return True
        frame = frame.f_back
    return False


def _by_thread(work, seconds):
    result = {}

    def run():
        try:
            result["value"] = work()
        except BaseException as error:
            result["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    latest = time.monotonic() + PATIENCE
    while thread.is_alive() and time.monotonic() < latest and _compiling(sys._current_frames().get(thread.ident)):
        thread.join(0.1)
    end = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < end:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUp))
        thread.join(0.02)
    if thread.is_alive():
        raise TimeUp
    if "error" in result:
        raise result["error"]
    return result["value"]
