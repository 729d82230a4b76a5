"""The ledger's runner: killed at any moment, it goes on with the same bits; and what it says about its records."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from book.ledger import records, tables
from book.ledger.__main__ import main, seeds
from book.ledger.experiment import LEDGER, load, names
from book.ledger.running import folder_of, run

ROOT = Path(__file__).parents[2]

TINY = '''"""Two networks learn points in the plane."""

import os

import numpy as np

import minicnn as mc
import minicnn.functional as F
from book.ledger.experiment import Experiment

batches = 0


def setup(seed, epochs, units, lr):
    start, dropped, shuffled, noise = np.random.default_rng(seed).spawn(4)
    x = start.standard_normal((40, 2)).astype(np.float32)
    data = mc.data.ArrayDataset(x, (x[:, 0] > x[:, 1]).astype(np.int64))
    layers = mc.Linear(2, units, rng=start), mc.ReLU(), mc.Dropout(0.2, rng=dropped), mc.Linear(units, 2, rng=start)
    model = mc.Sequential(*layers)
    optimizer = mc.SGD(model.parameters(), lr=lr, momentum=0.9)

    def loss(scores, labels):
        global batches
        batches += 1
        if str(batches) == os.environ.get("DIE_AT_BATCH"):
            os.kill(os.getpid(), 9)
        return F.cross_entropy(scores, labels) * float(noise.uniform(0.9, 1.1))

    return dict(
        model=model, train_loader=mc.data.DataLoader(data, 10, shuffle=True, rng=shuffled), optimizer=optimizer,
        loss=loss, schedule=mc.CosineAnnealingLR(optimizer, epochs), validation=mc.data.DataLoader(data), rng=noise,
        average=mc.ExponentialMovingAverage(model, 0.5), after_epoch=mc.early_stopping(epochs - 1, "train_loss"),
    )


def measure(model, history, seed, **settings):
    return {"weight": float(abs(model.state_dict()["0.weight"]).sum()), "error": 100 * (1 - history.val_accuracy[-1])}


EXPERIMENT = Experiment(
    data="points", recipe="a plain net",
    arms={"few": dict(epochs=3, units=2, lr=0.1), "many": dict(epochs=3, units=8, lr=0.1)},
    setup=setup, measure=measure, result="error", unit="%", published={"many": 7.5}, source="nowhere",
    refuted="few is better than many", seeds=(0, 1),
)
'''  # fmt: skip


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    """A ledger with one experiment that takes no time, under git."""
    monkeypatch.setenv("MINICNN_LEDGER", str(tmp_path / "unfinished"))
    folder = tmp_path / "ledger"
    (folder / "experiments").mkdir(parents=True)
    (folder / "experiments" / "tiny.py").write_text(TINY, encoding="utf-8")
    return folder


def numbers(record):
    """A record without what differs from run to run."""
    arms = {arm: values | {"history": values["history"] | {"seconds": None}} for arm, values in record["arms"].items()}
    return record["experiment"], record["seed"], arms


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bits(ledger, monkeypatch):
    def command(batch):
        args = [sys.executable, "-m", "book.ledger", "--ledger", ledger, "run", "tiny", "--seeds", "1"]
        monkeypatch.setenv("DIE_AT_BATCH", batch)
        return subprocess.run(args, cwd=ROOT, capture_output=True, text=True)

    assert command("3").returncode != 0  # in the first of the epochs, which have 4 batches and one to validate
    assert command("12").returncode != 0  # in the third
    assert command("7").returncode != 0  # one epoch is left of the first arm, so this is in the second arm
    done = command("never")
    assert done.returncode == 0, done.stderr
    assert "few, epoch" not in done.stdout  # what was done is not done again
    assert "many, epoch 1/3" in done.stdout
    (record,) = records.read("tiny", ledger)
    assert f"Record tiny, seed 1: error few {record['arms']['few']['results']['error']:.4g}" in done.stdout
    assert not folder_of(load("tiny", ledger), 1).exists()
    monkeypatch.delenv("DIE_AT_BATCH")
    assert numbers(run("tiny", 1, ledger)) == numbers(record)
    assert [len(arm["history"]["seconds"]) for arm in record["arms"].values()] == [3, 3]
    assert record["machine"]["commit"] == records.commit_now()


def test_list_show_and_verify(ledger, capsys):
    main(["--ledger", str(ledger), "run", "tiny"])
    capsys.readouterr()
    main(["--ledger", str(ledger), "run", "tiny", "--seeds", "1"])
    assert capsys.readouterr().out == "tiny, seed 1 is recorded. To run it again, delete the record.\n"
    errors = [record["arms"]["many"]["results"]["error"] for record in records.read("tiny", ledger)]
    expected = f"{np.mean(errors):.4g} ± {np.std(errors, ddof=1):.2g}"
    header, few, many = (line.split() for line in tables.overview(ledger).splitlines())
    assert " ".join(many) == f"tiny many 2 error, % {expected} 7.5"
    assert few[-1] == "–"
    text = tables.full("tiny", ledger)
    assert text.startswith("Two networks learn points in the plane.\ndata: points\nrecipe: a plain net\n")
    assert f"  error: {expected} %; published 7.5 %" in text
    with pytest.raises(SystemExit) as ended:
        main(["--ledger", str(ledger), "verify", "tiny", "--seed", "1"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert out == "".join(f"well   tiny, {arm}: the same bits in 1 of 3 epochs\n" for arm in ("few", "many"))


def test_verify_finds_what_is_no_longer_true(ledger, capsys):
    main(["--ledger", str(ledger), "run", "tiny", "--seeds", "0"])
    path = records.path_of("tiny", 0, ledger)
    record = json.loads(path.read_text("utf-8"))
    record["arms"]["few"]["history"]["train_loss"][0] *= 2
    record["arms"]["many"]["settings"]["lr"] = 0.2
    records.write(path, record)
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["--ledger", str(ledger), "verify", "tiny"])
    assert ended.value.code == 1
    assert capsys.readouterr().out == (
        "WRONG  tiny, few: the curves differ by 50 % at most in 1 of 3 epochs\n"
        "WRONG  tiny, many: the experiment has other settings than the record: run it again\n"
    )


def test_a_record_is_committed_alone(ledger, monkeypatch):
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "nobody@example.org")

    def git(*args):
        return subprocess.run(["git", *args], cwd=ledger, capture_output=True, text=True, check=True).stdout

    git("init", "--quiet")
    (ledger / "other").write_text("staged, but not to be committed")
    git("add", "other")
    main(["--ledger", str(ledger), "run", "tiny", "--seeds", "0", "--commit"])
    assert git("show", "--name-only", "--format=%s").splitlines()[2:] == ["records/tiny/seed0.json"]
    assert git("status", "--short", "other") == "A  other\n"
    shutil.rmtree(ledger / ".git")
    with pytest.raises(SystemExit) as ended:
        main(["--ledger", str(ledger), "run", "tiny", "--seeds", "1", "--commit"])
    path = records.path_of("tiny", 1, ledger)
    assert ended.value.code == f"{path} is written, but git did not commit it. Commit it by hand."


def test_a_cluster_gives_the_same_records(ledger):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        main(["--ledger", str(ledger), "run", "tiny", "--dask", cluster.scheduler_address])
    assert [numbers(record) for record in records.read("tiny", ledger)] == [
        numbers(run("tiny", seed, ledger)) for seed in (0, 1)
    ]


def test_what_there_is_not(ledger, capsys):
    for arguments, text in [
        (["show", "huge"], f"There is no experiment huge in {ledger / 'experiments'}, only tiny."),
        (["verify", "tiny"], "tiny: nothing is recorded."),
        (["verify", "tiny", "--seed", "3"], "tiny: nothing is recorded for seed 3."),
    ]:
        with pytest.raises(SystemExit) as ended:
            main(["--ledger", str(ledger), *arguments])
        assert ended.value.code == text


def test_seeds():
    assert seeds("0-2,7") == [0, 1, 2, 7]


@pytest.mark.parametrize("name", names())
def test_the_ledgers_records_belong_to_their_experiments(name):
    experiment, known = load(name), records.read(name)
    for record in known:
        assert records.path_of(name, record["seed"], LEDGER).exists()
        assert {arm: values["settings"] for arm, values in record["arms"].items()} == experiment.arms
        assert all(experiment.result in values["results"] for values in record["arms"].values())
    assert experiment.published.keys() <= experiment.arms.keys()
