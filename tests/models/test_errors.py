"""What networks say of what they cannot take; the rest is said by the layers in them."""

import numpy as np
import pytest

import minicnn as mc


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: mc.models.LeNet5()(np.zeros((2, 1, 28, 28), np.float32)), ValueError,
            "LeNet5: x must have shape (N, 1, 32, 32), not (2, 1, 28, 28). Use data.resize(images, 32) or "
            "data.pad_to(images, 32).",
        ),
        (
            lambda: mc.models.resnet20(shortcut="C"), ValueError,
            "CifarResNet: shortcut must be \"A\" or \"B\", not 'C'.",
        ),
        (lambda: mc.models.vgg11(0), ValueError, "VGG: num_classes must be at least 1, not 0."),
        (lambda: mc.models.CifarResNet(0), ValueError, "CifarResNet: n must be at least 1, not 0."),
        (
            lambda: mc.models.mobilenet_v1(width_mult=-1), ValueError,
            "MobileNetV1: width_mult must be at least 0, not -1.",
        ),
        (
            lambda: mc.models.VGG(["M"], 10), ValueError,
            "VGG: configuration must be a list of numbers of channels and \"M\", with one number at least, not ['M'].",
        ),
        (
            lambda: mc.models.resnet20(classes=3), TypeError,
            "resnet20: there is no argument 'classes'. Did you mean 'num_classes'? It takes (num_classes=10, *, "
            "shortcut='A', rng=None).",
        ),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == text
