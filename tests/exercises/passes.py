"""What the tests of right answers share."""

from minicnn.exercises import check


def passes(id, *answers, seeds=(0, 1)):
    for seed in seeds:
        report = check(id, *answers, seed=seed)
        assert report.state == "passed", repr(report)
