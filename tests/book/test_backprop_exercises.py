"""What chapter 9 prints as solutions beside whole functions: the line that is missing, and numbers."""

import re

import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F
from minicnn import exercises
from tests.book.chapters import tasks_of

TASKS = tasks_of(9)
PENCIL = {
    "descent_steps": ["5 → 5.5 → 5.75", "5 → 7 → 5", "5 → 8 → 2"],
    "strided_by_hand": [r"= (2, -1, 5, -2, 2)$", r"\mathrm{dw} = 1 \cdot (1, 2, 0) + 2 \cdot (0, 3, 1) = (1, 8, 2)$"],
}


def test_missing_line_of_the_average_pooling():
    text = TASKS["average_pool"].after.partition("{dropdown} Solution")[2]
    line = re.search(r"```python\n(.*?)```", text, re.S)[1].strip()
    names = {"np": np, "F": F}
    exec(TASKS["average_pool"].cell.source.partition("\ncheck(")[0].replace("dx = ...", line), names)
    report = exercises.check("average_pool", names["avg_pool_vjp"])
    assert report.state == "passed", repr(report)
    assert "`mc.gradcheck(avg_pool_vjp, np.random.default_rng(0).standard_normal((2, 3, 4, 6)))`" in text
    mc.gradcheck(names["avg_pool_vjp"], np.random.default_rng(0).standard_normal((2, 3, 4, 6)))


@pytest.mark.parametrize("id", PENCIL)
def test_numbers_of_the_solutions_are_right(id):
    assert [words for words in PENCIL[id] if words not in TASKS[id].after] == []
    e = exercises.get(id)
    found = [np.ravel(v).tolist() for v in e.answers(e.reference).values()]
    assert (
        found
        == {
            "descent_steps": [[5.5], [5.75], [7], [5], [8], [2]],
            "strided_by_hand": [[2, -1, 5, -2, 2], [1, 8, 2]],
        }[id]
    )
