"""What a report tells of objects: their names and operators, and what was asked before; and what it keeps to itself."""

from minicnn.exercises import check
from minicnn.exercises.chapters.ch09_backpropagation.by_hand import avg_pool_vjp
from minicnn.exercises.chapters.ch10_tape.tape import Overwritten


def test_a_tape_is_told_as_it_is_written():
    text = repr(check("scalar_tape", Overwritten))
    assert "u = a * a; y = u + a; y.backward():" in text
    assert "After a = Var(" in text
    assert "In the call a.grad" in text


def test_a_pull_back_s_argument_has_its_name():
    def average(x):
        y, vjp = avg_pool_vjp(x)
        return y, lambda dy: (4 * vjp(dy)[0],)

    text = repr(check("average_pool", average))
    assert "After avg_pool_vjp(x):" in text
    assert "In the call vjp(dy) with\n      dy: " in text


def test_a_wrong_letter_does_not_give_the_right_one_away():
    report = check("lenet_detective", {"right": "a", "labels of other images": 2})
    assert [(o.state, o.message, o.mistake) for o in report.outcomes] == [
        ("failed", "Not a.", "A"),
        ("failed", "Answer with text.", ""),
        ("blank", "", ""),
        ("blank", "", ""),
    ]
    assert "'D'" not in repr(report)
