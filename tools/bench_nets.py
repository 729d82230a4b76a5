"""The networks that tools/bench.py times, each written once for both libraries: minicnn has PyTorch's names.

``nn`` is minicnn or torch.nn, ``F`` the functional module of the same library.
"""

import numpy as np


def lenet5(nn, F):
    """The modern LeNet-5 (LeCun et al. 1998): ReLU, average pooling; 61,706 parameters."""

    class LeNet5(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 6, 5)
            self.conv2 = nn.Conv2d(6, 16, 5)
            self.fc1 = nn.Linear(400, 120)
            self.fc2 = nn.Linear(120, 84)
            self.fc3 = nn.Linear(84, 10)

        def forward(self, x):
            x = F.avg_pool2d(F.relu(self.conv1(x)), 2)
            x = F.avg_pool2d(F.relu(self.conv2(x)), 2)
            x = F.relu(self.fc1(x.flatten(1)))
            return self.fc3(F.relu(self.fc2(x)))

    return LeNet5()


def norm_relu(nn, F, channels, dimensions=2):
    """Batch norm, then a residual is added if there is one, then ReLU: a single layer where a library offers it."""
    fused = getattr(nn, f"BatchNormReLU{dimensions}d", None)
    if fused:
        return fused(channels)

    class NormReLU(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = getattr(nn, f"BatchNorm{dimensions}d")(channels)

        def forward(self, x, residual=None):
            y = self.norm(x)
            return F.relu(y if residual is None else y + residual)

    return NormReLU()


def mean(nn, dimensions):
    """The layer that averages each channel over all its positions."""
    axes = tuple(range(2, 2 + dimensions))
    return type("Mean", (nn.Module,), {"forward": lambda self, x: x.mean(axes)})()


def resnet20(nn, F):
    """ResNet-20 for 32 × 32 (He et al. 2016), shortcuts of 1 × 1 convolution and batch norm (option B); 0.27 M."""

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
            self.norm1 = norm_relu(nn, F, outputs)
            self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
            self.norm2 = norm_relu(nn, F, outputs)
            self.shortcut = nn.Identity()
            if stride > 1:
                conv = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
                self.shortcut = nn.Sequential(conv, nn.BatchNorm2d(outputs))

        def forward(self, x):
            y = self.conv2(self.norm1(self.conv1(x)))
            return self.norm2(y, self.shortcut(x))

    widths = [16, 16, 16, 16, 32, 32, 32, 64, 64, 64]
    blocks = [Block(a, b, 1 if a == b else 2) for a, b in zip(widths, widths[1:], strict=False)]
    stem = nn.Conv2d(3, 16, 3, 1, 1, bias=False), norm_relu(nn, F, 16)
    return nn.Sequential(*stem, *blocks, mean(nn, 2), nn.Linear(64, 10))


def vgg11(nn, F):
    """VGG-11 (configuration A of Simonyan and Zisserman 2015), with batch norm, one dense layer on 512 × 1 × 1."""
    layers, inputs = [], 3
    for step in [64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"]:
        if step == "pool":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(inputs, step, 3, padding=1), norm_relu(nn, F, step)]
            inputs = step
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))


def mobilenet(nn, F):
    """In the manner of MobileNet (Howard et al. 2017): 3 × 3 convolutions within, 1 × 1 across channels."""
    layers, inputs = [nn.Conv2d(3, 32, 3, 1, 1, bias=False), norm_relu(nn, F, 32)], 32
    for outputs, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1)]:
        layers += [nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False), norm_relu(nn, F, inputs)]
        layers += [nn.Conv2d(inputs, outputs, 1, bias=False), norm_relu(nn, F, outputs)]
        inputs = outputs
    return nn.Sequential(*layers, mean(nn, 2), nn.Linear(256, 10))


def dilated1d(nn, F):
    """Residual 1-D convolutions with dilation 1, 2, … 32: a receptive field of 129 samples."""

    class Block(nn.Module):
        def __init__(self, dilation):
            super().__init__()
            self.conv = nn.Conv1d(32, 32, 3, padding=dilation, dilation=dilation)

        def forward(self, x):
            return F.relu(self.conv(x)) + x

    blocks = [Block(2**i) for i in range(6)]
    return nn.Sequential(nn.Conv1d(1, 32, 3, padding=1), *blocks, mean(nn, 1), nn.Linear(32, 10))


def volumes3d(nn, F):
    """Three 3-D convolutions with batch norm, ReLU and max pooling."""
    layers, inputs = [], 1
    for outputs in (8, 16, 32):
        layers += [nn.Conv3d(inputs, outputs, 3, padding=1, bias=False), norm_relu(nn, F, outputs, 3), nn.MaxPool3d(2)]
        inputs = outputs
    return nn.Sequential(*layers, mean(nn, 3), nn.Linear(32, 10))


# name: (network, shape of an input, batches to train with)
NETS = {
    "LeNet-5": (lenet5, (1, 32, 32), (64, 256)),
    "ResNet-20": (resnet20, (3, 32, 32), (64, 128)),
    "VGG-11": (vgg11, (3, 32, 32), (32,)),
    "MobileNet": (mobilenet, (3, 32, 32), (32,)),
    "dilated 1-D": (dilated1d, (1, 1024), (32,)),
    "3-D": (volumes3d, (1, 16, 32, 32), (16,)),
}


class Minicnn:
    """What differs between the libraries."""

    def __init__(self, package=None):
        import minicnn

        mc = package or minicnn
        self.name = mc.__name__
        self.nn, self.F, self.optimisers, self.inference = mc, mc.functional, mc, mc.no_grad

    def array(self, a):
        return a

    def place(self, net):
        return net

    def set_threads(self, n):
        if not hasattr(self.nn, "set_num_threads"):
            raise NotImplementedError("minicnn has no set_num_threads")
        self.nn.set_num_threads(n)


class Torch:
    """PyTorch in its default layout or in channels_last, which there is for images and volumes."""

    def __init__(self, channels_last=False):
        import torch

        self.name = "torch_channels_last" if channels_last else "torch"
        self.torch, self.channels_last = torch, channels_last
        self.nn, self.F, self.optimisers = torch.nn, torch.nn.functional, torch.optim
        self.inference, self.set_threads = torch.inference_mode, torch.set_num_threads
        self.formats = {4: torch.channels_last, 5: torch.channels_last_3d} if channels_last else {}

    def array(self, a):
        a = self.torch.from_numpy(np.asarray(a)).clone()  # where PyTorch wants it
        return a.to(memory_format=self.formats[a.ndim]) if a.ndim in self.formats else a

    def place(self, net):
        ranks = {p.ndim for p in net.parameters()} & self.formats.keys()
        return net.to(memory_format=self.formats[ranks.pop()]) if ranks else net


def starting_values(net, seed=0):
    """For a network of either library: weights of variance 1 / fan-in, biases 0, the rest as it is."""
    rng, values = np.random.default_rng(seed), {}
    for name, a in net.state_dict().items():
        a = np.array(a)
        if a.ndim > 1:
            a = rng.standard_normal(a.shape, np.float32) * np.float32(a[0].size ** -0.5)
        elif name.endswith("bias"):
            a = np.zeros_like(a)
        values[name] = a
    return values


def network(library, name, batch, seed=0):
    """The network with its starting values, and a batch of inputs and labels: the same in both libraries."""
    make, shape, _ = NETS[name]
    net, rng = make(library.nn, library.F), np.random.default_rng(seed)
    net.load_state_dict({key: library.array(a) for key, a in starting_values(net).items()})
    x = rng.standard_normal((batch, *shape), np.float32)
    labels = rng.integers(0, 10, batch)
    return library.place(net), library.array(x), library.array(labels)


def training(library, name, batch):
    """A function that takes one training step (SGD with momentum) and returns the loss."""
    net, x, labels = network(library, name, batch)
    optimiser = library.optimisers.SGD(net.parameters(), lr=0.001, momentum=0.9)

    def step():
        optimiser.zero_grad()
        loss = library.F.cross_entropy(net(x), labels)
        loss.backward()
        optimiser.step()
        return loss

    return step


def inference(library, name, batch):
    """A function that computes the scores of a batch, in eval mode and without recording."""
    net, x, _ = network(library, name, batch)
    net.eval()

    def scores():
        with library.inference():
            return net(x)

    return scores
