"""The benchmark measures what it says: the networks are the published ones, a target is judged by its worst row."""

import json
import os

import bench
import bench_fresh
import bench_measure
import bench_nets
import numpy as np
import pytest

SPREAD = {"median", "low", "high"}


def check(record):
    """What readers of book/ledger/speed.json may rely on."""
    assert {"command", "date", "machine", "rounds", "rows", "targets"} <= record.keys()
    assert {"processor", "vectors", "cores", "caches", "threads", "python", "numpy", "numba", "torch", "commit"} <= set(
        record["machine"]
    )
    assert record["rows"]
    for row in record["rows"]:
        assert {"group", "name"} <= row.keys()
        assert ("error" in row) or any(key.startswith("minicnn_") for key in row)
        for key, value in row.items():
            if key.startswith(("ratio", "share")) or key.endswith("_gain"):
                assert value.keys() == SPREAD
                assert 0 < value["low"] <= value["median"] <= value["high"]
            elif key.endswith(("_ms", "_mb")):
                assert value > 0
    assert {t["reached"] for t in record["targets"]} <= {"no", "yes", "aim"}


def test_a_run_without_pytorch_times_minicnn_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: None)
    out = tmp_path / "speed.json"
    only = "^forward/(relu|conv 5x5 1)|^backward/batch norm$|^update/SGD"
    record = bench.main(bench.arguments(["--quick", "--threads", "1", "--only", only, "--out", str(out)]))
    check(record)
    assert json.loads(out.read_text("utf-8")) == record
    names = [f"{row['group']}/{row['name']}" for row in record["rows"]]
    assert names == ["forward/conv 5x5 1->6 @32, no dx", "forward/relu", "backward/batch norm", "update/SGD, ResNet-20"]
    assert not any("error" in row or "ratio" in row for row in record["rows"])
    assert "share_of_peak" in record["rows"][0]
    assert "There is no PyTorch here" in (text := capsys.readouterr().out)
    assert "| forward: relu |" in text


@pytest.mark.skipif(os.name == "nt", reason="Windows tells no load")
def test_a_busy_machine_writes_no_ledger(monkeypatch):
    monkeypatch.setattr(bench.os, "getloadavg", lambda: (2.0, 2.0, 2.0))
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: "here")
    monkeypatch.setattr(bench, "Bench", None)  # nothing may be measured
    with pytest.raises(SystemExit, match="Wait until the machine is idle"):
        bench.main(bench.arguments([]))


@pytest.mark.skipif(not bench.LEDGER.exists(), reason="nothing recorded yet")
def test_the_ledger():
    record = json.loads(bench.LEDGER.read_text("utf-8"))
    check(record)
    assert record["machine"]["torch"]
    assert [t["target"] for t in record["targets"]] == [t[0] for t in bench.TARGETS]


def test_the_networks_are_those_of_the_record():
    """Published numbers of parameters are tested with the models; here, that rows stay comparable with earlier ones."""
    library = bench_nets.Minicnn()
    parameters = {name: sum(p.size for p in make(library).parameters()) for name, (make, *_) in bench_nets.NETS.items()}
    assert parameters == {
        "LeNet-5": 61_706, "ResNet-20": 272_474, "VGG-11": 9_231_114, "MobileNet": 136_778, "dilated 1-D": 19_082,
        "3-D": 17_938,
    }  # fmt: skip


@pytest.mark.parametrize("name", bench_nets.NETS)
def test_a_step_lowers_the_loss(name):
    step = bench_nets.training(bench_nets.Minicnn(), name, 4)
    losses = [step().item() for _ in range(3)]
    assert losses[2] < losses[0]


def test_calls_take_turns():
    order = []
    calls = {name: lambda name=name: order.append(name) for name in "ab"}
    times = bench_measure.interleave(calls, 4, 0)
    assert [len(t) for t in times.values()] == [4, 4]
    assert "".join(order) == "aaabbb" + "aabbbbaa" * 2  # warm up; then one call not timed, one timed, in turns


def test_ratios_are_of_the_same_round():
    times = {"minicnn": np.array([1e-3, 10e-3, 2e-3]), "torch": np.array([2e-3, 20e-3, 4e-3])}
    row = bench_measure.compared(times | {"peak": np.array([1.0, 1, 1])}, flops=1e-3, peak_flops=10)
    assert row["ratio"] == {"median": 2, "low": 2, "high": 2}
    assert (row["minicnn_ms"], row["torch_ms"]) == (2, 4)
    assert row["share_of_peak"]["median"] == 0.05


def test_the_worst_row_decides_a_target():
    def rows(*ratios):
        return [{"group": "step", "name": f"LeNet-5, batch {i}", "ratio": {"median": r}} for i, r in enumerate(ratios)]

    def first(seconds):
        return [{"group": "first step", "name": "warm cache", "minicnn_ms": 1000 * seconds}]

    def reached(rows):
        return [(t["value"], t["reached"]) for t in bench.judged(rows)]

    assert reached(rows(3.5, 1.9)) == [(1.9, "no")]
    assert reached(rows(3.5, 2.0)) == [(2.0, "yes")]
    assert reached(rows(3.5, 3.0)) == [(3.0, "aim")]
    assert reached(first(0.61)) == [(610, "no")]
    assert reached(first(0.5)) == [(500, "yes")]
    assert reached([*rows(3.5), {"group": "step", "name": "LeNet-5, batch 9", "error": "…"}]) == [(None, "no")]


def test_every_target_has_rows():
    names = [f"{group}/{name}" for group, name, _ in bench.Bench(1, 1, 0, torch=False).rows()]
    assert len(set(names)) == len(names)
    for target, pattern, *_ in bench.TARGETS:
        assert any(bench.re.search(pattern, name) for name in names), target
    assert sum(bool(bench.re.search("^forward/" + bench.CONV, name)) for name in names) == 5


def test_a_row_that_fails_says_so_and_the_run_goes_on():
    class Two:
        def rows(self):
            yield "a", "broken", lambda: 1 / 0
            yield "a", "fine", lambda: {"minicnn_ms": 1.0}

    broken, fine = bench.run(Two())
    assert broken == {"group": "a", "name": "broken", "error": "ZeroDivisionError: division by zero"}
    assert fine == {"group": "a", "name": "fine", "minicnn_ms": 1.0}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows tells no peak of memory")
def test_a_fresh_process_answers(tmp_path):
    assert 0 < bench_fresh.ask("memory", "minicnn", "LeNet-5", 64, tmp_path, 1) < 1e9
    assert 0 < bench_fresh.ask("first", "minicnn", "LeNet-5", 64, tmp_path, 1) < 100
