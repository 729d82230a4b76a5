"""The API reference has a page for every module, and on it everything that is public."""

import inspect

import pytest
from bs4 import BeautifulSoup

import minicnn as mc


def public():
    """Dotted names of where the public functions and classes are defined."""
    for module in (mc, mc.functional, mc.data, mc.models, mc.init, mc.exercises, mc.figures):
        for name in module.__all__:
            thing = getattr(module, name)
            if (inspect.isclass(thing) or inspect.isroutine(thing)) and not name.endswith("_vjp"):
                yield f"{thing.__module__}.{thing.__qualname__}"


@pytest.fixture(scope="module")
def entries(html):
    """{id of an entry: the entry's text and links}."""
    found = {}
    for page in (html / "book" / "api").glob("*.html"):
        for tag in BeautifulSoup(page.read_text("utf-8"), "html.parser").select("dt[id]"):
            found[tag["id"]] = tag.find_next_sibling("dd")
    return found


def test_everything_public_has_an_entry(entries):
    assert set(public()) - set(entries) == set()


def test_entries_lead_to_the_chapters_that_use_them(entries):
    for name, chapter in [
        ("minicnn.functional.conv.conv2d", "seeing/02-convolution.html"),
        ("minicnn.functional.pool.max_pool2d", "learning/09-backpropagation.html"),  # by its pull-back
        ("minicnn.models.lenet.LeNet5", "architectures/14-lenet.html"),
    ]:
        links = [a["href"] for a in entries[name].select("a[href]")]
        assert any(link.startswith(f"../{chapter}") for link in links), name


def test_the_insides_are_not_in_it(entries):
    """What no reader imports: the machinery of checks and of grading, helpers of operations."""
    inside = "minicnn.grading.", "minicnn.exercises.checking.", "minicnn.functional._"
    assert not [name for name in entries if name.startswith(inside)]
