"""The ledger: experiments that take longer than a page may, and what they measured.

python -m book.ledger list                          what there is: seeds done, mean ± sd, the published number
python -m book.ledger show lenet5_mnist             one experiment in full
python -m book.ledger run lenet5_mnist --seeds 0-2  train; stopped at any moment, the same command goes on
python -m book.ledger verify lenet5_mnist           train a tenth again, and compare with the record
"""

import argparse
import sys

from . import cluster, records, tables
from .experiment import LEDGER, LedgerError, load
from .progress import Progress
from .running import forget, run
from .verify import verify


def seeds(text):
    """0-2,7 is 0, 1, 2, 7."""
    pairs = (part.partition("-") for part in text.split(","))
    return [seed for first, _, last in pairs for seed in range(int(first), int(last or first) + 1)]


def keep(record, args, line):
    """Write a record, commit it if that is wanted, and forget what was kept to go on."""
    name, seed = record["experiment"], record["seed"]
    experiment, path = load(name, args.ledger), records.path_of(name, seed, args.ledger)
    reached = (f"{arm} {values['results'][experiment.result]:.4g}" for arm, values in record["arms"].items())
    message = f"Record {name}, seed {seed}: {experiment.result} {', '.join(reached)} {experiment.unit}".strip()
    records.write(path, record)
    if args.commit:
        records.commit(path, message)
    forget(experiment, seed)
    line(message)


def run_command(args):
    todo, epochs = [], 0
    for experiment in (load(name, args.ledger) for name in args.names):
        for seed in args.seeds or experiment.seeds:
            if records.path_of(experiment.name, seed, args.ledger).exists():
                print(f"{experiment.name}, seed {seed} is recorded. To run it again, delete the record.")
            else:
                todo.append((experiment.name, seed))
                epochs += sum(settings["epochs"] for settings in experiment.arms.values())
    if args.dask:
        for record in cluster.run(todo, args.ledger, args.dask):
            keep(record, args, print)
        return
    progress = Progress(epochs, shown=True)
    try:
        for name, seed in todo:
            keep(run(name, seed, args.ledger, progress), args, progress.bar.write)
    finally:
        progress.close()


def verify_command(args):
    found = verify(args.name, args.ledger, args.seed)
    for arm, text, well in found:
        print(f"{'well ' if well else 'WRONG'}  {args.name}, {arm}: {text}")
    sys.exit(not all(well for _, _, well in found))


def main(argv=None):
    parser = argparse.ArgumentParser("python -m book.ledger", description=__doc__.partition("\n")[0])
    parser.add_argument("--ledger", default=LEDGER, help="another folder with experiments/ and records/")
    commands = parser.add_subparsers(required=True, metavar="command")

    command = commands.add_parser("list", help="all experiments in a table")
    command.set_defaults(do=lambda args: print(tables.overview(args.ledger)))

    command = commands.add_parser("show", help="one experiment in full")
    command.add_argument("name")
    command.set_defaults(do=lambda args: print(tables.full(args.name, args.ledger)))

    command = commands.add_parser("run", help="train what is not yet recorded")
    command.add_argument("names", nargs="+", metavar="name")
    command.add_argument("--seeds", type=seeds, help="0-2 or 0,3; default: those that the experiment names")
    command.add_argument("--commit", action="store_true", help="commit each record as soon as it is there")
    command.add_argument("--dask", metavar="ADDRESS", help="let the workers of this Dask scheduler train")
    command.set_defaults(do=run_command)

    command = commands.add_parser("verify", help="train a tenth again, and compare")
    command.add_argument("name")
    command.add_argument("--seed", type=int, help="default: the first that is recorded")
    command.set_defaults(do=verify_command)

    args = parser.parse_args(argv)
    try:
        args.do(args)
    except LedgerError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Interrupted. What was done is kept: the same command goes on after the last whole epoch.")


if __name__ == "__main__":
    main()
