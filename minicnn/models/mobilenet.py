"""MobileNet: a convolution in two steps, within each channel and across channels."""

from ..checks import number, whole
from ..layers import BatchNormReLU2d, Conv2d, Linear, Module, Sequential, init

__all__ = ["MobileNetV1", "mobilenet_v1"]

# Channels and stride of the blocks after the first convolution: table 1 of the paper, whose last stride must be 1.
BLOCKS = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]


class MobileNetV1(Module):
    """The first MobileNet: 3×3 filters for single channels, then 1×1 filters that mix the channels.

    ==================================  ===============  ================
    block: stride, 3×3, 1×1             output           parameters
    ==================================  ===============  ================
    2, an ordinary 3×3                  32 × 112 × 112   928
    1                                   64 × 112 × 112   2,528
    2, then 1                           128 × 56 × 56    9,152 + 18,048
    2, then 1                           256 × 28 × 28    34,688 + 68,864
    2, then five times 1                512 × 14 × 14    134,912 + 5 × 268,800
    2, then 1                           1024 × 7 × 7     531,968 + 1,061,888
    average of each map                 1024
    dense                               num_classes      1,025,000 for 1000
    ==================================  ===============  ================

    Batch norm and ReLU follow each convolution, 3×3 and 1×1.

    Parameters
    ----------
    num_classes : int
    width_mult : float
        α of the paper: all numbers of channels are multiplied by it, and rounded down.
    blocks : list of (int, int)
        Channels and stride of each block; those of the table if left out.
    stride : int
        Of the first convolution; 1 for small images.
    rng : numpy.random.Generator, optional
        For the starting values (He's for convolutions, a standard deviation of 0.01 in the dense layer); that of
        `manual_seed` if left out.

    References
    ----------
    Howard et al., MobileNets: efficient convolutional neural networks for mobile vision applications, arXiv:1704.04861,
    table 1.

    Example
    -------
    >>> MobileNetV1(10, blocks=[(64, 1), (128, 2)], stride=1)(np.zeros((8, 3, 32, 32), np.float32)).shape
    (8, 10)
    """

    def __init__(self, num_classes=1000, *, width_mult=1.0, blocks=BLOCKS, stride=2, rng=None):
        whole("MobileNetV1", "num_classes", num_classes, 1)
        number("MobileNetV1", "width_mult", width_mult, 0)
        widths = [int(channels * width_mult) for channels in (32, *(channels for channels, _ in blocks))]
        strides = [step for _, step in blocks]
        self.features = Sequential(
            _convolution(3, widths[0], 3, stride, 1, rng),
            *(_separable(*sizes, rng) for sizes in zip(widths, widths[1:], strides, strict=False)),
        )
        self.classifier = Linear(widths[-1], num_classes, rng=rng)
        for layer in self.modules():
            if isinstance(layer, Conv2d):
                init.kaiming_normal_(layer.weight, mode="fan_out", rng=rng)
        init.normal_(self.classifier.weight, std=0.01, rng=rng)
        init.zeros_(self.classifier.bias)

    def forward(self, x):
        """Images (N, 3, H, W) to scores (N, num_classes)."""
        return self.classifier(self.features(x).mean((2, 3)))


def _separable(inputs, outputs, stride, rng):
    """Depthwise: each channel its own filter. Pointwise: each pixel on its own."""
    return Sequential(
        _convolution(inputs, inputs, 3, stride, inputs, rng),
        _convolution(inputs, outputs, 1, 1, 1, rng),
    )


def _convolution(inputs, outputs, kernel, stride, groups, rng):
    conv = Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False, rng=rng)
    return Sequential(conv, BatchNormReLU2d(outputs))


def mobilenet_v1(num_classes=1000, *, width_mult=1.0, rng=None):
    """`MobileNetV1` as the paper has it: 4,231,976 parameters for 1000 classes.

    Example
    -------
    >>> sum(p.size for p in mobilenet_v1(width_mult=0.5).parameters())
    1331592
    """
    return MobileNetV1(num_classes, width_mult=width_mult, rng=rng)
