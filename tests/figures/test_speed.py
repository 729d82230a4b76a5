"""The pictures of the chapter on speed show the numbers that they are given."""

import numpy as np
import pytest

from minicnn.figures import speed

TIMES = {"slow": 2.0, "fast": 0.02, "fastest": 0.0005}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "3 s"), (1.24, "1.2 s"), (0.35, "350 ms"), (0.0991, "99 ms"), (3.5e-4, "350 µs"), (4e-8, "0.04 µs")],
)
def test_durations_in_words(seconds, words):
    assert speed.duration(seconds) == words


def test_areas_are_as_the_times():
    (ax,) = speed.areas(TIMES).axes
    areas = [patch.get_width() * patch.get_height() for patch in ax.patches]
    np.testing.assert_allclose(np.array(areas) / areas[0], [1, 0.01, 0.00025])


def test_dots_of_the_ladder_say_how_many_times_as_fast():
    (ax,) = speed.ladder(TIMES).axes
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [1, 100, 4000])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["1  slow", "2  fast", "3  fastest"]
    assert [t.get_text() for t in ax.texts] == ["2 s", "20 ms, 100 ×", "500 µs, 4,000 ×"]


@pytest.mark.parametrize("joined", [False, True])
def test_slopes_meet_the_level_line_at_the_ridge(joined):
    dots = {"a": (0.25, 1e9), "b": (16, 60e9)}
    (ax,) = speed.roofline(100e9, {"near": 200e9, "far": 10e9}, dots, joined=joined).axes
    far, near, level, *points = ax.lines
    assert (far.get_linestyle(), near.get_linestyle()) == ("-", "--")  # as in the roofline to play with
    for line, bandwidth in ((near, 200), (far, 10)):
        intensity, rate = line.get_data()
        np.testing.assert_allclose(np.array(rate) / intensity, bandwidth)  # GB/s
        assert rate[-1] == 100
    assert level.get_xdata()[0] == near.get_xdata()[-1]
    assert set(level.get_ydata()) == {100}
    shown = [(p.get_xdata()[0], p.get_ydata()[0]) for p in points[-2:]]
    np.testing.assert_allclose(shown, [(0.25, 1), (16, 60)])
    names = {"a", "b"} if joined else {"1  a", "2  b"}
    assert names | {"near", "far"} <= {t.get_text() for t in ax.texts}


def test_names_of_dots_that_lie_together_do_not_overlap():
    dots = {f"a long name {k}": (0.25, 1e9 * 1.1**k) for k in range(4)}
    figure = speed.roofline(100e9, {"memory": 10e9}, dots)
    boxes = [t.get_window_extent() for t in figure.axes[0].texts if "long" in t.get_text()]
    assert len(boxes) == 4
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_names_of_dots_at_the_edge_stay_inside_the_frame():
    dots = {f"a rather long name {k}": (0.1, 1.6e9 * 1.3**k) for k in range(3)} | {"at the right": (90, 90e9)}
    (ax,) = speed.roofline(100e9, {"memory": 10e9}, dots).axes
    frame = ax.get_window_extent()
    boxes = [t.get_window_extent() for t in ax.texts if any(name in t.get_text() for name in dots)]
    assert len(boxes) == 4
    assert all(frame.x0 < box.x0 and box.x1 < frame.x1 and frame.y0 < box.y0 and box.y1 < frame.y1 for box in boxes)


def test_a_tile_has_a_bar_for_each_number_and_vector_that_is_loaded_and_each_sum():
    (ax,) = speed.register_tile(rows=4, vectors=3, lanes=8).axes
    assert len(ax.patches) == 4 + 3 + 4 * 3
    assert [t.get_text() for t in ax.texts if t.get_text() in ("w₀", "w₁", "w₂", "w₃")] == ["w₀", "w₁", "w₂", "w₃"]
    assert any("4 × 3 = 12" in t.get_text() for t in ax.texts)


def test_in_the_buffer_a_pixel_of_all_images_lies_together():
    (ax,) = speed.pixel_vector(images=3, size=2).axes
    buffer = [p for p in ax.patches if p.get_y() == 0]
    buffer.sort(key=lambda p: p.get_x())
    colours = [p.get_facecolor()[:3] for p in buffer]
    assert len(colours) == 3 * 4
    assert colours[:3] == colours[3:6] == colours[9:]
    assert len(set(colours[:3])) == 3
