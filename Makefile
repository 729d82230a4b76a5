# make book: build the book · make quick: check while you work · make test: check everything · make slow: what takes long
# make chapter CH=09: run, test and show one chapter · make lab: open JupyterLab · make coverage
# make bench: speed against PyTorch · make clean
# Needs only Python ≥ 3.11 and make; everything else goes into .venv. Another Python: make PYTHON=python3.13 book

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
NBVAL  := --nbval --nbval-current-env --nbval-cell-timeout 3600 --nbval-kernel-startup-timeout 3600 \
	--nbval-sanitize-with tests/nbval_sanitize.cfg
PIP    := -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt

.PHONY: book style test quick slow chapter coverage bench lab clean

book: $(VENV)/.site
	$(VENV)/bin/jupyter-book build . -W -n --keep-going -q
	@echo
	@echo "The book: file://$(CURDIR)/_build/html/index.html"

style: $(VENV)/.test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

test: style
	$(PY) -m pytest $(NBVAL) -n auto --dist loadfile -q -rs book tests minicnn

# While you work: the library itself, without the tests that take seconds.
quick: style
	$(PY) -m pytest -n auto --dist loadfile -q -rs -m "not slow and not browser and not patient" \
		$(addprefix tests/,functional kernels layers models training data figures) $(wildcard tests/test_*.py) minicnn

# What takes long, and is the same on every machine.
slow: $(VENV)/.test
	$(PY) -m pytest -n auto --dist loadfile -q -rs -m slow tests

# One chapter: its exercises' cells, a clean run, its tests, and pictures of its page.
CHAPTER = $(wildcard book/*/$(CH)-*.ipynb)

chapter: $(VENV)/.test
	@test -n "$(CHAPTER)" || { echo "There is no book/*/$(CH)-*.ipynb. Say which chapter: make chapter CH=09"; exit 1; }
	$(PY) tools/exercise_cells.py
	$(PY) tools/notebooks.py run $(CHAPTER)
	$(PY) -m pytest $(NBVAL) -q -k "$(CH)- or chapter_$(CH)" $(CHAPTER) $(wildcard tests/book/test_chapter_$(CH).py) \
		tests/book/test_notebooks.py tests/book/test_exercise_cells.py tests/exercises/test_every_exercise.py
	$(VENV)/bin/jupyter-book build . -W -n --keep-going -q
	$(PY) tools/screenshot.py $(CHAPTER:%.ipynb=_build/html/%.html) _build/shots --full
	@echo "Chapter $(CH) passes. Its page in light, dark and on a phone: $(CURDIR)/_build/shots"

# Lines that the tests reach, kernels included: the JIT is off, so what only the compiled code does fast (LeNet, what
# takes seconds anyway) or to the last digit (one-number groups) is left out, and NumPy's warnings of inf and NaN, which
# it does not give, too.
coverage: $(VENV)/.test
	NUMBA_DISABLE_JIT=1 $(PY) -m pytest -n auto -q -m "not slow and not patient" tests minicnn \
		--cov=minicnn --cov-report=term --cov-fail-under=95 -W ignore::RuntimeWarning \
		--ignore tests/book --ignore tests/models --ignore tests/tools --ignore tests/figures/test_lenet.py \
		--ignore tests/figures/test_lenet_browser.py --deselect minicnn/training/loop.py::minicnn.training.loop.evaluate \
		--deselect "tests/functional/test_golden.py::test_arrays[group_norm((5,4), Given(value=4))]"

# Speed against PyTorch, which goes into an environment of its own, unless $(PYTHON) has it. BENCH="--quick" takes a minute.
BENCH     ?=
TORCH     ?= torch==2.13.0
BENCH_ENV := .venv-bench

bench:
	@if $(PYTHON) -c "import numba, safetensors, torch, tqdm" 2> /dev/null; then $(PYTHON) tools/bench.py $(BENCH); \
	else $(MAKE) --no-print-directory $(BENCH_ENV)/.ready && $(BENCH_ENV)/bin/python tools/bench.py $(BENCH); fi

$(BENCH_ENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear $(BENCH_ENV)
	$(BENCH_ENV)/bin/python $(PIP) --editable .
	@$(BENCH_ENV)/bin/python -m pip install --quiet --disable-pip-version-check $(TORCH) || { echo \
		"PyTorch could not be installed. Name another version or source, make bench TORCH='torch --index-url …'," \
		"or time minicnn alone: $(VENV)/bin/python tools/bench.py --quick"; exit 1; }
	@touch $@

lab: $(VENV)/.lab
	$(PY) -m jupyterlab book

clean:
	rm -rf _build build dist *.egg-info .pytest_cache .ruff_cache .hypothesis $(VENV) $(BENCH_ENV)

# The virtual environment, made anew when the pins change; each command installs only what it needs.
$(VENV)/.made: constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if v >= (3, 11) else \
		"minicnn needs Python 3.11 or newer; this is %d.%d. Try: make PYTHON=python3.12" % v)'
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.site $(VENV)/.test $(VENV)/.lab: $(VENV)/.made pyproject.toml
	$(PY) $(PIP) --editable ".[$(patsubst .%,%,$(notdir $@))]"
	@touch $@
