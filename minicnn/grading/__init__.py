"""Grading a class: ``python -m minicnn.grading`` gives out notebooks, and grades what comes back.

Threat model. Students may hand in anything, by accident or on purpose. What must hold: no point that was not earned, no
submission that stops another, no secret that leaks, nothing on this machine changed. So the checks, the references and
the seed stay in trusted processes; a student's code runs in a sandbox that has none of them, and only data crosses:

- `submission` reads files, bounded; it runs nothing.
- `sandbox` and `inside` put the code behind the kernel's namespaces; `confine` takes rights, memory and time away.
- `frames` and `remote` let data through, bounded, and trust nothing in it.
- `grade` is a stateless function of one submission; `run` maps it over a class and resumes.
- `outputs` writes names and texts so that they do no harm; `release` and `autograder` give out what students may see.

Not covered: whoever breaks the Linux kernel; a solution that was copied; what a student learns from the report.
"""
