"""The walk through a convolution in CONTRIBUTING.md is true."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from minicnn.kernels import simd

pytestmark = pytest.mark.patient
ROOT = Path(__file__).resolve().parents[2]
CODE = """
import doctest, sys, numpy as np, minicnn as mc
failed, tried = doctest.testfile(
    sys.argv[1], module_relative=False, globs=dict(np=np, mc=mc), optionflags=doctest.NORMALIZE_WHITESPACE
)
sys.exit(failed or tried < 20)
"""


@pytest.mark.skipif(simd.NAME not in ("avx2", "avx512"), reason="it is told for vectors of 8 numbers")
def test_the_image_finds_its_way():
    env = os.environ | dict(MINICNN_SIMD="avx2")
    command = [sys.executable, "-c", CODE, str(ROOT / "CONTRIBUTING.md")]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
