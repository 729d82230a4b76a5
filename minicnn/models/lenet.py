"""LeNet-5."""

from .. import functional as F
from ..checks import whole
from ..layers import Conv2d, Linear, Module

__all__ = ["LeNet5"]


class LeNet5(Module):
    """The modern LeNet-5: the shapes of 1998, with ReLU, plain average pooling, dense connections and softmax.

    ==========  ============  =====================
    layer       output        parameters
    ==========  ============  =====================
    conv1 5×5   6 × 28 × 28   156
    avg pool    6 × 14 × 14
    conv2 5×5   16 × 10 × 10  2,416
    avg pool    16 × 5 × 5
    fc1         120           48,120
    fc2         84            10,164
    fc3         num_classes   850 for 10 classes
    ==========  ============  =====================

    Parameters
    ----------
    num_classes : int
    rng : numpy.random.Generator, optional
        For the starting values (PyTorch's defaults); that of `manual_seed` if left out.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, Proceedings
    of the IEEE 86 (1998).

    Example
    -------
    >>> model = LeNet5()
    >>> model(np.zeros((8, 1, 32, 32), np.float32)).shape
    (8, 10)
    >>> sum(p.size for p in model.parameters())
    61706
    """

    def __init__(self, num_classes=10, *, rng=None):
        whole("LeNet5", "num_classes", num_classes, 1)
        self.conv1 = Conv2d(1, 6, 5, rng=rng)
        self.conv2 = Conv2d(6, 16, 5, rng=rng)
        self.fc1 = Linear(400, 120, rng=rng)
        self.fc2 = Linear(120, 84, rng=rng)
        self.fc3 = Linear(84, num_classes, rng=rng)

    def forward(self, x):
        """Images (N, 1, 32, 32) to scores (N, num_classes)."""
        if x.shape[1:] != (1, 32, 32):
            raise ValueError(
                f"LeNet5: x must have shape (N, 1, 32, 32), not {x.shape}. Use data.resize(images, 32) or "
                "data.pad_to(images, 32)."
            )
        x = F.avg_pool2d(F.relu(self.conv1(x)), 2)  # (N, 6, 14, 14)
        x = F.avg_pool2d(F.relu(self.conv2(x)), 2)  # (N, 16, 5, 5)
        x = F.relu(self.fc1(F.flatten(x, 1)))
        x = F.relu(self.fc2(x))
        return self.fc3(x)
