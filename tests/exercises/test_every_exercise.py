"""What must hold for each exercise: right answers pass under any seed, every known mistake is caught and named."""

import json
import re
import time
from collections import Counter

import numpy as np
import pytest

import minicnn as mc
from minicnn import exercises
from minicnn.exercises.checking.exercise import Choice, Function, Predict
from minicnn.exercises.checking.proxy import Local
from minicnn.exercises.checking.report import Report

ALL = exercises.all()
FUNCTIONS = [e for e in ALL if isinstance(e, Function)]
PREDICTIONS = [e for e in ALL if isinstance(e, Predict)]
CHOICES = [e for e in ALL if isinstance(e, Choice)]


def each(found):
    return pytest.mark.parametrize("exercise", found, ids=lambda e: f"{e.chapter:02}-{e.id}")


def defined_by(source):
    names = {"np": np}
    exec(source, names)
    return names


@each(FUNCTIONS)
@pytest.mark.parametrize("seeds", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_reference_passes_under_every_seed(exercise, seeds):
    for seed in range(seeds):
        outcomes = exercise.evaluate(Local(exercise.namespace()), seed)
        assert [(o.title, o.state, o.message) for o in outcomes if o.state != "passed"] == [], f"seed {seed}"


@each(FUNCTIONS)
@pytest.mark.parametrize("seeds", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_every_known_mistake_is_caught_and_named(exercise, seeds, capsys):
    table = {mistake.name: Counter() for mistake in exercise.mistakes}
    for seed in range(seeds):
        for mistake in exercise.mistakes:
            wrong = mistake.reference if isinstance(mistake.reference, dict) else {exercise.names[0]: mistake.reference}
            outcomes = exercise.evaluate(Local(exercise.namespace() | wrong), seed)
            failed = [o for o in outcomes if o.state == "failed"]
            assert failed, f"{mistake.name} passes under seed {seed}"
            table[mistake.name].update({o.mistake or "not named" for o in failed})
    with capsys.disabled():
        print(f"\n{exercise.id}: mistake made, and diagnosis under {seeds} seeds")
        for name, diagnoses in table.items():
            print(f"  {name:20}", ", ".join(f"{d} {n}" for d, n in diagnoses.most_common()))
    assert table == {name: Counter({name: seeds}) for name in table}


@each(PREDICTIONS)
def test_every_wrong_prediction_is_named(exercise):
    assert set(Report(exercise, exercise.evaluate(Local({exercise.id: {}}))).state.split()) == {"blank"}
    for mistake in exercise.mistakes:
        outcomes = exercise.evaluate(Local({exercise.id: exercise.answers(mistake.reference)}))
        failed = [o for o in outcomes if o.state == "failed"]
        assert failed, mistake.name
        assert {o.diagnosis for o in failed} == {mistake.text}


@each(CHOICES)
def test_every_wrong_choice_has_its_own_reply(exercise):
    replies = {}
    for letter, (_, reply) in exercise.options.items():
        (outcome,) = exercise.evaluate(Local({exercise.id: letter.upper()}))
        assert outcome.state == ("passed" if letter == exercise.right else "failed")
        replies[letter] = outcome.diagnosis
        assert outcome.diagnosis == reply
    assert len(set(replies.values())) == len(replies) >= 3


@each(ALL)
def test_untouched_stub_is_not_attempted(exercise):
    names = defined_by(exercise.stub)
    report = exercises.check(exercise.id, *(names[name] for name in exercise.names))
    assert (report.state, report.points) == ("blank", 0), repr(report)


@each(ALL)
def test_solution_gets_full_marks_within_a_second(exercise):
    names = defined_by(exercise.solution)
    start = time.process_time()
    report = exercises.check(exercise.id, *(names[name] for name in exercise.names))
    assert (report.state, report.points) == ("passed", exercise.points), repr(report)
    assert time.process_time() - start < 5  # a second, with room for slow machines


@each([e for e in ALL if "```python" in e.explanation])
def test_code_of_an_explanation_is_right_too(exercise):
    """Another answer, or a check of the first."""
    source = "".join(re.findall(r"```python\n(.*?)```", exercise.explanation, re.S))
    names = {"mc": mc} | defined_by(exercise.solution)
    exec(source, names)
    report = exercises.check(exercise.id, *(names[name] for name in exercise.names))
    assert (report.state, report.points) == ("passed", exercise.points), repr(report)


def test_sums_in_explanations_are_right():
    sums = [s for e in ALL for s in re.findall(r"\$([^$=a-z]*) = ([-\d{},]+)\$", e.explanation.replace(r"\cdot", "*"))]
    assert len(sums) >= 8
    assert [s for s in sums if eval(re.sub("[{},]", "", s[0])) != int(re.sub("[{},]", "", s[1]))] == []


@each(ALL)
def test_texts_read_well_everywhere(exercise):
    """Plain Markdown for notebooks; hints are printed, too. A line that starts with "+ 1" would be a list."""
    text = f"{exercise.prompt}\n\n{exercise.explanation}"
    assert not re.search(r"\S.*\n {0,3}([+*]|1[.)]) ", text)
    assert not re.search(r"^ *(```\{|:::|:\w+:)|\{\w+(:\w+)?\}`", text, re.M)
    assert not any("$" in hint for hint in exercise.hints)


@each(ALL)
def test_reports_are_data_and_the_same_in_every_run(exercise):
    names = defined_by(exercise.stub)
    first, second = (exercises.check(exercise.id, *(names[n] for n in exercise.names)) for _ in range(2))
    assert first.to_html() == second.to_html()
    assert json.loads(json.dumps(first.as_dict()))["out_of"] == exercise.points


@each(ALL)
def test_exercise_is_complete(exercise):
    assert exercise.id.isidentifier()
    assert exercise.id == exercise.id.lower()
    assert exercise.prompt.strip()
    assert exercise.hints
    assert 1 <= exercise.points <= 6
    sentences = [*exercise.hints, *(m.text for m in exercise.mistakes)]
    assert [s for s in sentences if not s.rstrip('*"`)').endswith((".", "?"))] == []
    assert [m.name for m in exercise.mistakes if not m.name] == []


def test_names_are_unique():
    assert len({e.id for e in ALL}) == len(ALL)
    for chapter in {e.chapter for e in ALL}:  # an instructor's notebook holds all of a chapter
        names = [name for e in exercises.by_chapter(chapter) for name in e.names]
        assert len(set(names)) == len(names), f"chapter {chapter}"
    for e in FUNCTIONS:
        titles = [c.title for c in e.checks]
        assert len(set(titles)) == len(titles), e.id
