"""Layers show their settings as PyTorch's do."""

import pytest

import minicnn as mc


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (mc.ChannelShuffle(3), "ChannelShuffle(groups=3)"),
        (mc.CircularPad2d((1, 1, 2, 0)), "CircularPad2d((1, 1, 2, 0))"),
        (mc.ConstantPad3d(1, 3.5), "ConstantPad3d(padding=(1, 1, 1, 1, 1, 1), value=3.5)"),
        (
            mc.Conv2d(1, 2, 3, padding="same", padding_mode="reflect", bias=False),
            "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=same, bias=False, padding_mode=reflect)",
        ),
        (mc.Fold((4, 5), 2), "Fold(output_size=(4, 5), kernel_size=2, dilation=1, padding=0, stride=1)"),
        (mc.LPPool2d(2, 3), "LPPool2d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)"),
        (mc.MaxUnpool1d(3, 2, 1), "MaxUnpool1d(kernel_size=(3,), stride=(2,), padding=(1,))"),
        (mc.PixelUnshuffle(2), "PixelUnshuffle(downscale_factor=2)"),
        (mc.Unfold((2, 3), stride=2), "Unfold(kernel_size=(2, 3), dilation=1, padding=0, stride=2)"),
        (mc.Upsample(scale_factor=2), "Upsample(scale_factor=2.0, mode='nearest')"),
        (mc.UpsamplingBilinear2d((3, 4)), "UpsamplingBilinear2d(size=(3, 4), mode='bilinear')"),
        (mc.ZeroPad1d((1, 2)), "ZeroPad1d((1, 2))"),
    ],
)
def test_repr_is_pytorchs(layer, text):
    assert repr(layer) == text
