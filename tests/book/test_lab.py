"""A chapter in JupyterLab, as its reader meets it: run, answered, folded, alive."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from browser import new_page

from tests.limits import HANGS

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "book/seeing/02-convolution.ipynb"
CALL = 'check("convolution_by_hand", convolution_by_hand)'
ANSWER = f'convolution_by_hand = {{"the row": [-1, 0, -1], "the shape": %s}}\n{CALL}'
RAW = (
    r":::|```|\{[a-z][\w:-]*\}|^:\w+:|^\s*\$\$"  # a directive, a role, an option, a formula, as nobody should see them
)
# What is shown of the Markdown; formulas have letters and braces of their own.
PROSE = """cell => {
  const shown = cell.cloneNode(true)
  shown.querySelectorAll("mjx-container, pre").forEach(part => part.remove())
  return shown.textContent
}"""


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """A page with a copy of the chapter open in a JupyterLab that knows no settings and no extensions of its user."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copy(ROOT / CHAPTER, home / "chapter.ipynb")
    tracker = home / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text('{"windowingMode": "none"}')  # cells that are scrolled away can be looked at, too
    folders = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]
    settings = {name: str(home / name) for name in folders} | {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}
    settings |= {"PYTHONPATH": str(ROOT), "JUPYTER_NO_CONFIG": "1"}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    command += ["--ServerApp.port=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={home}"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=home, env={**os.environ, **settings}, stderr=log)
    try:
        while not (port := re.search(r"http://\S+?:(\d+)/lab", (home / "log").read_text("utf-8"))):
            assert server.poll() is None, "JupyterLab did not start: " + (home / "log").read_text("utf-8")
            time.sleep(0.2)
        page = new_page(browser, viewport={"width": 1366, "height": 900})
        page.goto(f"http://127.0.0.1:{port[1]}/lab/tree/chapter.ipynb?reset")
        page.wait_for_selector(".jp-NotebookPanel:not(.jp-mod-hidden) .jp-Notebook .jp-RenderedMarkdown h1")
        page.wait_for_function("jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status === 'idle'")
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        yield page
        page.context.close()
    finally:
        server.terminate()
        server.wait(HANGS)


def answer(page, code):
    """Put this into the exercise's cell, run it as a reader does, and return what the check says."""
    cell = page.locator(".jp-CodeCell").filter(has=page.locator(".mc-check[aria-label='Check of convolution_by_hand']"))
    cell.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(code)
    count = cell.locator(".jp-InputPrompt").inner_text()
    page.keyboard.press("ControlOrMeta+Enter")
    page.wait_for_function(
        "([prompt, old]) => /\\d/.test(prompt.innerText) && prompt.innerText !== old",
        arg=[cell.locator(".jp-InputPrompt").element_handle(), count],
    )
    return cell.locator(".mc-check").inner_text()


pytestmark = pytest.mark.browser


def test_every_cell_runs_in_lab(lab):
    sources = [cell["cell_type"] for cell in json.loads((ROOT / CHAPTER).read_text("utf-8"))["cells"]]
    prompts = lab.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert prompts == [f"[{k}]:" for k in range(1, sources.count("code") + 1)]
    assert lab.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count() == 0


def test_lab_shows_no_directive_and_no_role(lab):
    texts = [cell.evaluate(PROSE) for cell in lab.locator(".jp-RenderedMarkdown").all()]
    assert len(texts) > 20
    assert [line for text in texts for line in text.splitlines() if re.search(RAW, line)] == []


def test_hints_and_solutions_are_folded_in_lab_and_open_by_a_click(lab):
    folds = lab.locator(".jp-RenderedMarkdown details")
    assert {text.split()[0] for text in folds.locator("summary").all_inner_texts()} == {"Hint", "Solution"}
    assert lab.locator(".jp-RenderedMarkdown details[open]").count() == 0
    hint = folds.first
    assert not hint.locator("p").first.is_visible()
    hint.locator("summary").click()
    assert hint.locator("p").first.is_visible()


def test_formulas_are_typeset_in_lab(lab):
    assert lab.locator(".jp-RenderedMarkdown mjx-container").count() > 20


def test_the_figure_is_alive_in_lab(lab):
    window = lab.locator("[aria-roledescription='movable kernel']").first
    figure = lab.locator(".mc-figure", has=window).first
    window.scroll_into_view_if_needed()
    window.focus()
    before = figure.inner_html()
    lab.keyboard.press("ArrowRight")
    lab.wait_for_function("([figure, old]) => figure.innerHTML !== old", arg=[figure.element_handle(), before])
    assert lab.evaluate("document.activeElement.getAttribute('aria-roledescription')") == "movable kernel"


def test_a_wrong_answer_in_lab_hears_its_mistake_and_a_right_one_praise(lab):
    assert "Height comes first: rows, then columns." in answer(lab, ANSWER % [25, 24])
    assert "all right, 2 of 2 points" in answer(lab, ANSWER % [24, 25])
