"""What a process gives up before it runs a student's code: other users' rights, other processes, sockets, memory.

Threat model: inside the sandbox's namespaces the code still meets the kernel. A filter of system calls takes away
what no exercise needs: new processes and programs (so a limit of one process's memory is a limit of all), signals
to others, debugging, sockets, other namespaces, memory that no limit counts. Threads stay. Limits bound the rest.
Linux on x86-64 and ARM; on other processors only the limits hold. Runs in the sandbox, and imports nothing of minicnn.
"""

import contextlib
import ctypes
import os
import platform
import struct
import sys

LIMITS = {
    "AS": 2 << 30,
    "CPU": 30,
    "FSIZE": 16 << 20,
    "NOFILE": 64,
    "NPROC": 256,  # counts threads, too; does not bind root, so root becomes another user first
    "CORE": 0,
}
# name: number on x86-64, on ARM. None: there is none.
DENIED = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kill": (62, 129), "tkill": (200, 130),
    "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "socket": (41, 198), "socketpair": (53, 199), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40),
    "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186),
    "semget": (64, 190), "mq_open": (240, 180), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "personality": (135, 92), "open_by_handle_at": (304, 265),
}  # fmt: skip
CLONE, CLONE3, CLONE_THREAD = (56, 220), (435, 435), 0x10000
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS = 1, 38


def confine(user=None):
    """Become `user` (a number, or None), take the limits, and refuse the system calls above for ever."""
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    import resource  # there is none on Windows

    for name, most in LIMITS.items():
        limit = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(limit)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(*(() if sys.platform == "linux" else (ValueError, OSError))):
            resource.setrlimit(limit, (most, most))
    machine = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    if machine is not None and sys.platform == "linux":
        _filter(machine)


def _filter(machine):
    """Install the filter: a program of the kernel's small machine, as man 2 seccomp tells."""
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    program = [(load, 0, 0, 4), (equal, 1, 0, (0xC000003E, 0xC00000B7)[machine]), (answer, 0, 0, KILL), (load, 0, 0, 0)]
    for number in [n[machine] for n in DENIED.values() if n[machine] is not None]:
        program += [(equal, 0, 1, number), (answer, 0, 0, ERRNO | EPERM)]
    program += [(at_least, 0, 1, 0x40000000), (answer, 0, 0, ERRNO | EPERM)]  # the other numbering of x86-64
    program += [(equal, 0, 1, CLONE3[machine]), (answer, 0, 0, ERRNO | ENOSYS)]  # then glibc takes clone
    program += [(equal, 0, 3, CLONE[machine]), (load, 0, 0, 16), (any_bit, 1, 0, CLONE_THREAD)]
    program += [(answer, 0, 0, ERRNO | EPERM), (answer, 0, 0, ALLOW)]

    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

    prctl = ctypes.CDLL(None, use_errno=True).prctl
    whole = Program(len(program), ctypes.addressof(code))
    no_new_privileges, seccomp, by_filter = 38, 22, 2
    if prctl(no_new_privileges, 1, 0, 0, 0) or prctl(seccomp, by_filter, ctypes.byref(whole), 0, 0):
        raise OSError(ctypes.get_errno(), "the filter of system calls could not be installed")
