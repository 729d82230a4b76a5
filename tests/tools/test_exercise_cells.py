"""Where exercises stand is the author's, what they say the library's."""

import exercise_cells as tool
import nbformat.v4 as v4
import notebooks

from minicnn import exercises

E = exercises.get("shifted_cat")


def text(source):
    return v4.new_markdown_cell(source)


def code(source):
    return v4.new_code_cell(source)


def made_of(*cells):
    """The chapter made of these cells, and its sources, each by its first line."""
    notebook = tool.chapter(v4.new_notebook(cells=list(cells)))
    return notebook, [cell.source.partition("\n")[0] for cell in notebook.cells]


HERE = code('check("shifted_cat")')
PROMPT, STUB, HINT = "### Exercise: The cat moves", E.stub.partition("\n")[0], "<details><summary>Hint</summary>"


def test_a_cell_that_checks_becomes_an_exercise_and_stays_one():
    notebook, lines = made_of(text("One."), HERE, text("Two."))
    assert lines == ["One.", PROMPT, STUB, HINT, "Two."]
    assert made_of(*notebook.cells)[0] == notebook


def test_prompt_stays_where_the_author_puts_it_and_old_words_go():
    notebook, _ = made_of(HERE)
    prompt, stub, hints = notebook.cells
    prompt.source = stub.source = 'check("shifted_cat", my_old_words)'
    assert made_of(prompt, code("plot()"), stub, text("Look."), hints)[1] == [PROMPT, "plot()", STUB, "Look.", HINT]


def test_words_of_an_exercise_that_has_gone_go_with_it():
    prompt, _, hints = made_of(HERE)[0].cells
    assert made_of(text("One."), prompt, hints)[1] == ["One."]


def test_solution_is_folded_code_with_its_reason():
    assert tool.solution(E) == (
        "<details><summary>Solution</summary>\n\n"
        f'```python\nshifted_cat = "{E.right}"\n```\n\n{E.options[E.right][1]}\n\n</details>'
    )


def test_outputs_stay_when_only_words_change_and_pages_go_when_nothing_is_left(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tool, "FOLDER", tmp_path)
    monkeypatch.setattr(tool.chapters, "PARTS", {"seeing": 1})
    monkeypatch.setattr(tool.notebooks, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "in_chapters", lambda: {e.id for e in exercises.all()} - {E.id})
    assert tool.main([]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seeing-solutions.ipynb", "seeing.ipynb"]
    page = notebooks.read(tmp_path / "seeing.ipynb")
    page.cells[0].source = "# Old words"
    page.cells[-2].outputs[0].data["text/plain"] = "kept"
    notebooks.write(page, tmp_path / "seeing.ipynb")
    capsys.readouterr()
    assert tool.main([]) == 0
    page = notebooks.read(tmp_path / "seeing.ipynb")
    assert page.cells[0].source.startswith("# Exercises: Seeing\n\n1 exercise, 1 point, beyond")
    assert page.cells[-2].outputs[0].data["text/plain"] == "kept"
    monkeypatch.setattr(tool, "in_chapters", lambda: {e.id for e in exercises.all()})
    assert tool.main([]) == 0
    assert [*tmp_path.iterdir()] == []
