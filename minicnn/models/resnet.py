"""ResNet for small images: layers that learn what to add to their input."""

from .. import functional as F
from ..checks import one_of, whole
from ..layers import BatchNorm2d, BatchNormReLU2d, Conv2d, Linear, Module, Sequential, init

__all__ = ["CifarResNet", "resnet20"]


class CifarResNet(Module):
    """The residual network of 6n + 2 layers for images of 32 × 32.

    =======  ==============================  ============  ==============
    layer    what                            output        parameters
    =======  ==============================  ============  ==============
    conv1    3×3                             16 × 32 × 32  464
    layer1   n blocks of two 3×3             16 × 32 × 32  4,672 a block
    layer2   n blocks, the first in steps 2  32 × 16 × 16  18,560 a block
    layer3   n blocks, the first in steps 2  64 × 8 × 8    73,984 a block
    average  of each map                     64
    fc       dense                           num_classes   650 for 10
    =======  ==============================  ============  ==============

    The parameters of a block are those of one that keeps the number of channels; the first of `layer2` and `layer3`
    has 4,608 and 18,432 fewer, and with ``shortcut="B"`` also its projection. Batch norm follows each convolution.

    Parameters
    ----------
    n : int
        Blocks in each of the three layers.
    num_classes : int
    shortcut : {"A", "B"}
        Where the size changes: every second pixel, and zeros in the new channels, as the paper has it for this network;
        or a 1×1 convolution with batch norm.
    rng : numpy.random.Generator, optional
        For the starting values: He's for convolutions, PyTorch's for `fc`. That of `manual_seed` if left out.

    References
    ----------
    He, Zhang, Ren and Sun, Deep residual learning for image recognition, arXiv:1512.03385, section 4.2.

    Example
    -------
    >>> CifarResNet(1, num_classes=5)(np.zeros((8, 3, 32, 32), np.float32)).shape
    (8, 5)
    """

    def __init__(self, n, num_classes=10, *, shortcut="A", rng=None):
        whole("CifarResNet", "n", n, 1)
        whole("CifarResNet", "num_classes", num_classes, 1)
        one_of("CifarResNet", "shortcut", shortcut, "A", "B")
        make = Subsample if shortcut == "A" else Projection
        self.conv1 = Conv2d(3, 16, 3, padding=1, bias=False, rng=rng)
        self.bn1 = BatchNormReLU2d(16)
        self.layer1 = _blocks(n, 16, 16, None, rng)
        self.layer2 = _blocks(n, 16, 32, make(16, 32, rng=rng), rng)
        self.layer3 = _blocks(n, 32, 64, make(32, 64, rng=rng), rng)
        self.fc = Linear(64, num_classes, rng=rng)
        for layer in self.modules():
            if isinstance(layer, Conv2d):
                init.kaiming_normal_(layer.weight, mode="fan_out", rng=rng)

    def forward(self, x):
        """Images (N, 3, H, W) to scores (N, num_classes)."""
        x = self.bn1(self.conv1(x))  # (N, 16, H, W)
        x = self.layer3(self.layer2(self.layer1(x)))  # (N, 64, H/4, W/4)
        return self.fc(x.mean((2, 3)))


def _blocks(n, inputs, outputs, downsample, rng):
    first = BasicBlock(inputs, outputs, downsample, rng=rng)
    return Sequential(first, *(BasicBlock(outputs, outputs, rng=rng) for _ in range(n - 1)))


class BasicBlock(Module):
    """y = ReLU(f(x) + x), where f is convolution, batch norm, ReLU, convolution, batch norm."""

    def __init__(self, inputs, outputs, downsample=None, *, rng=None):
        self.conv1 = Conv2d(inputs, outputs, 3, 1 if downsample is None else 2, 1, bias=False, rng=rng)
        self.bn1 = BatchNormReLU2d(outputs)
        self.conv2 = Conv2d(outputs, outputs, 3, 1, 1, bias=False, rng=rng)
        self.bn2 = BatchNormReLU2d(outputs)
        self.downsample = downsample

    def forward(self, x):
        y = self.conv2(self.bn1(self.conv1(x)))
        return self.bn2(y, residual=x if self.downsample is None else self.downsample(x))


class Subsample(Module):
    """Option A: every second pixel, and zeros in the channels that are new. Nothing is learned."""

    def __init__(self, inputs, outputs, *, rng=None):
        self.new = outputs - inputs

    def forward(self, x):
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.new))


class Projection(Sequential):
    """Option B: a 1×1 convolution in steps of two, and batch norm."""

    def __init__(self, inputs, outputs, *, rng=None):
        super().__init__(Conv2d(inputs, outputs, 1, 2, bias=False, rng=rng), BatchNorm2d(outputs))


def resnet20(num_classes=10, *, shortcut="A", rng=None):
    """`CifarResNet` with n = 3: 269,722 parameters for 10 classes; with ``shortcut="B"`` 272,474.

    Example
    -------
    >>> sum(p.size for p in resnet20().parameters())
    269722
    """
    return CifarResNet(3, num_classes, shortcut=shortcut, rng=rng)
