"""The commands: release, grade, gradescope-zip. The seed is the instructor's secret; students' files never hold it."""

import argparse
import os
import secrets
import sys
from pathlib import Path

from .. import exercises
from . import autograder, outputs, release, remote, run, sandbox, submission, times
from .grade import chosen_of, warn_if_short


def main(arguments=None):
    """Run a command; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m minicnn.grading", description="Give out exercises, and grade them."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    grade = commands.add_parser("grade", help="grade notebooks and .py files, resuming where it was interrupted")
    grade.add_argument("submissions", nargs="+", help="files, folders or patterns")
    seed = os.environ.pop("MINICNN_SEED", None)  # no process that grading starts shall find it
    grade.add_argument(
        "--seed",
        default=seed,
        required=not seed,
        help="your secret: which random inputs are drawn; other users of this machine see it, but not $MINICNN_SEED",
    )
    grade.add_argument("--out", required=True, type=Path, help="folder for grades.csv and the reports")
    grade.add_argument("--chapters", nargs="+", type=int, help="default: those that most of the notebooks name")
    grade.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1, help="how many to grade at once")
    grade.add_argument("--deadline", type=_deadline, help="a time like 2026-11-20T18:00; later ones are marked")
    grade.add_argument("--times", type=Path, help="CSV with the columns student and submitted, instead of files' times")
    grade.add_argument("--seconds", type=float, default=remote.TOTAL_SECONDS, help="for each submission (%(default)s)")
    grade.add_argument("--unsafe", action="store_true", help="without a sandbox: only for code that you trust")
    grade.add_argument("--dask", metavar="ADDRESS", help="grade on a Dask cluster")
    grade.set_defaults(do=do_grade)

    give = commands.add_parser("release", help="make the students' notebook of some chapters")
    give.add_argument("chapters", nargs="+", type=int, help="like 2 9 14; all exercises of each go out")
    give.add_argument("--out", required=True, type=Path, help="folder")
    give.set_defaults(do=do_release)

    zipped = commands.add_parser("gradescope-zip", help="make the autograder to upload to Gradescope")
    zipped.add_argument("--chapters", nargs="+", type=int, required=True)
    zipped.add_argument("--seed", default=seed, help="your secret, or $MINICNN_SEED; else one is drawn and printed")
    zipped.add_argument("--out", required=True, type=Path, help="the zip file")
    zipped.set_defaults(do=do_zip)

    options = parser.parse_args(arguments)
    options.chapters = sorted({*(options.chapters or ())})
    try:
        return options.do(options)
    except (sandbox.SandboxError, OSError, ImportError, LookupError, ValueError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 2


def _deadline(text):
    try:
        return times.moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(error) from None


def do_release(options):
    path = release.write(options.chapters, options.out)
    print(f"{path}: version {exercises.VERSION} of the checks, {exercises.digest()}")
    return 0


def do_zip(options):
    if options.out.is_dir():
        raise IsADirectoryError(
            f"gradescope-zip: --out {options.out} is a folder. Name a file: --out {options.out / 'week1.zip'}."
        )
    out = options.out if options.out.suffix else options.out.with_name(f"{options.out.name}.zip")
    seed = options.seed or secrets.token_hex(8)
    warn_if_short(seed)
    autograder.build(options.chapters, seed, out)
    if not options.seed:
        print(f"The seed {seed} was drawn. Keep it: with it, check() shows a report's case again.")
    print(f"{out}: holds your seed and the checks. Upload it to Gradescope; give it to no student.")
    return 0


def do_grade(options):
    for option in ("jobs", "seconds"):
        if not 0 < getattr(options, option) < 1e6:
            raise ValueError(f"grading: --{option} is {getattr(options, option):g}. It must be positive, 1 or more.")
    if options.unsafe:
        print(sandbox.UNSAFE, file=sys.stderr)
    found, others = submission.find(options.submissions)
    if not found:
        raise LookupError("grading: there is no .ipynb and no .py among the submissions. Name their folder.")
    if options.times:
        for remark in times.set_times(found, options.times):
            print(remark)
    chapters = options.chapters or _chapters(found)
    chosen_of(chapters)  # an error now rather than in every process
    graded = {"chapters": chapters, "seed": options.seed, "jobs": options.jobs, "seconds": options.seconds}
    results = run.grade_class(found, options.out, **graded, unsafe=options.unsafe, dask=options.dask)
    rows = outputs.rows_of(found, results, options.deadline)
    outputs.write_all(rows, options.out)
    print(f"{len(rows)} submissions, {sum(r.counts for r in rows)} students: {options.out / 'grades.csv'}")
    for what, some in {
        "not graded, because grading failed; run it again": [r.found.path for r in rows if r.result.get("failed")],
        "unreadable": [r.found.path for r in rows if r.status == "unreadable"],
        "late": [r.found.path for r in rows if r.late],
        "not the newest of their student": [r.found.path for r in rows if not r.counts],
        "of the same content as another": [r.found.path for r in rows if r.same_as],
        "of one student but named in different ways": [r.found.path for r in rows if r.found.doubt],
        "neither .ipynb nor .py, not graded": [p for p in others if p.suffix.lower() not in submission.SUFFIXES],
        "hidden, not graded": [p for p in others if p.suffix.lower() in submission.SUFFIXES],
    }.items():
        if some:
            print(f"{len(some)} {what}: {', '.join(ascii(str(p)) for p in some[:10])}{' …' * (len(some) > 10)}")
    return 0


def _chapters(found):
    """The chapters in the notebooks' metadata, and a warning if the checks have changed since."""
    chapters, digest = submission.chapters_of(submission.metadata_of(found))
    if not chapters:
        raise LookupError("grading: no notebook says of which chapters it is. Say so: --chapters 2 9.")
    print(f"Chapters {', '.join(map(str, chapters))}, as most notebooks say; --chapters names others.")
    if digest != exercises.digest():
        print(f"The notebooks are of version {digest} of the checks, and are graded with {exercises.digest()}.")
    return list(chapters)


if __name__ == "__main__":
    sys.exit(main())
