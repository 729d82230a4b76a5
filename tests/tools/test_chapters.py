"""What the book's folders say about its chapters."""

import chapters
import nbformat
import nbformat.v4 as v4
import pytest

from minicnn import exercises


def test_a_chapter_stands_in_the_folder_of_its_part():
    found = chapters.chapters()
    assert [c.path for n, c in found.items() if c.path.parent.name != chapters.part(n)] == []
    assert [*found] == sorted(found)


def test_title_is_the_notebook_s_or_as_long_as_there_is_none_that_of_the_exercises(tmp_path, monkeypatch):
    monkeypatch.setattr(chapters, "BOOK", tmp_path)
    assert chapters.title(3) == "Padding, stride, dilation"
    assert chapters.title(14) == "LeNet"
    (tmp_path / "seeing").mkdir()
    for name in ("03-padding", "03-padding-more"):
        cells = [v4.new_code_cell("1"), v4.new_markdown_cell(f"# Title of {name}\n\nText.")]
        nbformat.write(v4.new_notebook(cells=cells), tmp_path / f"seeing/{name}.ipynb")
    assert {n: c.path.stem for n, c in chapters.chapters().items()} == {3: "03-padding"}
    assert chapters.title(3) == "Title of 03-padding"


@pytest.mark.parametrize("number", sorted({e.chapter for e in exercises.all()}))
def test_every_chapter_with_exercises_has_a_title(number):
    assert chapters.title(number)
