"""VGG: nothing but small filters, and more and more of them."""

from .. import functional as F
from ..checks import whole
from ..layers import (
    AdaptiveAvgPool2d,
    BatchNormReLU2d,
    Conv2d,
    Dropout,
    Identity,
    Linear,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
    init,
)  # fmt: skip

__all__ = ["VGG", "vgg11", "vgg11_bn"]

# Channels of the 3×3 convolutions; "M" stands for max pooling. The letters are those of table 1 in the paper.
CONFIGURATIONS = {"A": [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]}


class VGG(Module):
    """The networks of the Visual Geometry Group: 3×3 convolutions, each before a ReLU, and 2×2 max pooling.

    ===============  ===============  =============
    configuration A  output           parameters
    ===============  ===============  =============
    conv 64          64 × 224 × 224   1,792
    pool, conv 128   128 × 112 × 112  73,856
    pool, conv 256   256 × 56 × 56    295,168
    conv 256         256 × 56 × 56    590,080
    pool, conv 512   512 × 28 × 28    1,180,160
    conv 512         512 × 28 × 28    2,359,808
    pool, conv 512   512 × 14 × 14    2,359,808
    conv 512         512 × 14 × 14    2,359,808
    pool             512 × 7 × 7
    dense 4096       4096             102,764,544
    dense 4096       4096             16,781,312
    dense            num_classes      4,097,000
    ===============  ===============  =============

    Parameters
    ----------
    configuration : list
        Channels of the convolutions; "M" stands for max pooling.
    num_classes : int
    batch_norm : bool
        Whether batch norm follows each convolution; the paper is from before it.
    dropout : float
        Probability of dropping a number between the dense layers.
    hidden : tuple of int
        Sizes of the dense layers before the last; for small images ``()``.
    pooled : int
        To so many rows and columns of averages the last maps are brought; 7 is what 224 × 224 pixels lead to.
    rng : numpy.random.Generator, optional
        For the starting values (as torchvision's: He's for convolutions, a standard deviation of 0.01 in dense layers)
        and for dropout; that of `manual_seed` if left out.

    References
    ----------
    Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, arXiv:1409.1556,
    table 1.

    Example
    -------
    >>> VGG([8, "M", 16, "M"], 10, hidden=(), pooled=1)(np.zeros((5, 3, 32, 32), np.float32)).shape
    (5, 10)
    """

    def __init__(
        self, configuration, num_classes=1000, *, batch_norm=False, dropout=0.5, hidden=(4096, 4096), pooled=7, rng=None
    ):
        whole("VGG", "num_classes", num_classes, 1)
        maps = [step for step in configuration if step != "M"]
        if not maps:
            raise ValueError(
                'VGG: configuration must be a list of numbers of channels and "M", with one number at least, not '
                f"{configuration}."
            )
        inputs, features = iter([3, *maps]), []
        for step in configuration:
            features += [MaxPool2d(2)] if step == "M" else _convolution(next(inputs), step, batch_norm, rng)
        self.features = Sequential(*features)
        self.avgpool = AdaptiveAvgPool2d(pooled)
        sizes, dense = [maps[-1] * pooled**2, *hidden], []
        for size, following in zip(sizes, hidden, strict=False):
            dense += [Linear(size, following, rng=rng), ReLU(), Dropout(dropout, rng=rng)]
        self.classifier = Sequential(*dense, Linear(sizes[-1], num_classes, rng=rng))
        for layer in self.modules():
            if isinstance(layer, Conv2d):
                init.kaiming_normal_(layer.weight, mode="fan_out", rng=rng)
                init.zeros_(layer.bias)
            elif isinstance(layer, Linear):
                init.normal_(layer.weight, std=0.01, rng=rng)
                init.zeros_(layer.bias)

    def forward(self, x):
        """Images (N, 3, H, W) to scores (N, num_classes)."""
        x = self.avgpool(self.features(x))  # (N, 512, pooled, pooled)
        return self.classifier(F.flatten(x, 1))


def _convolution(inputs, outputs, batch_norm, rng):
    conv = Conv2d(inputs, outputs, 3, padding=1, rng=rng)
    # torchvision numbers the ReLU, too: Identity keeps its place
    return [conv, BatchNormReLU2d(outputs), Identity()] if batch_norm else [conv, ReLU()]


def vgg11(num_classes=1000, *, dropout=0.5, hidden=(4096, 4096), pooled=7, rng=None):
    """`VGG` in configuration A: 132,863,336 parameters for 1000 classes.

    Example
    -------
    For images of 32 × 32:

    >>> sum(p.size for p in vgg11(10, hidden=(), pooled=1).parameters())
    9225610
    """
    return VGG(CONFIGURATIONS["A"], num_classes, dropout=dropout, hidden=hidden, pooled=pooled, rng=rng)


def vgg11_bn(num_classes=1000, *, dropout=0.5, hidden=(4096, 4096), pooled=7, rng=None):
    """`vgg11` with batch norm: 132,868,840 parameters for 1000 classes.

    Example
    -------
    >>> sum(p.size for p in vgg11_bn(10, hidden=(), pooled=1).parameters())
    9231114
    """
    return VGG(
        CONFIGURATIONS["A"], num_classes, batch_norm=True, dropout=dropout, hidden=hidden, pooled=pooled, rng=rng
    )  # fmt: skip
