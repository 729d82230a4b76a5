"""Experiments × seeds over the machines of a Dask cluster.

Its workers run in a checkout of the same commit (``dask worker ADDRESS``, started there). Another one goes on where a
worker is lost, if MINICNN_LEDGER names a folder that all of them share.
"""

from concurrent.futures import as_completed

from .experiment import LedgerError
from .records import commit_now
from .running import run as run_one


def run(todo, ledger, address):
    """The records of all (name, seed), as they come."""
    try:
        from distributed import Client
    except ImportError:
        raise LedgerError('--dask needs the package distributed. Install it: pip install "minicnn[dask]".') from None
    with Client(address) as client, client.get_executor(pure=False) as executor:
        for future in as_completed([executor.submit(run_one, name, seed, ledger) for name, seed in todo]):
            record = future.result()
            if record["machine"]["commit"].split(", ")[-1] != commit_now():
                raise LedgerError(
                    f"A worker has the commit {record['machine']['commit']}, this process {commit_now()}. "
                    "Check out the same commit everywhere."
                )
            yield record
