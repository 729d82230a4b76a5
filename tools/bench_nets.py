"""The networks that tools/bench.py times: minicnn.models and their twins, and two that no paper has.

A `library` has ``nn``, minicnn or torch.nn; ``F``, its functions; and ``models``, minicnn.models or twins.
"""

import numpy as np


def mean(nn, dimensions):
    """The layer that averages each channel over all its positions."""
    axes = tuple(range(2, 2 + dimensions))
    return type("Mean", (nn.Module,), {"forward": lambda self, x: x.mean(axes)})()


def dilated1d(library):
    """Residual 1-D convolutions with dilation 1, 2, … 32: a receptive field of 129 samples."""
    nn, F = library.nn, library.F

    class Block(nn.Module):
        def __init__(self, dilation):
            super().__init__()
            self.conv = nn.Conv1d(32, 32, 3, padding=dilation, dilation=dilation)

        def forward(self, x):
            return F.relu(self.conv(x)) + x

    blocks = [Block(2**i) for i in range(6)]
    return nn.Sequential(nn.Conv1d(1, 32, 3, padding=1), *blocks, mean(nn, 1), nn.Linear(32, 10))


def volumes3d(library):
    """Three 3-D convolutions with batch norm and ReLU, which minicnn has as one layer, and max pooling."""
    nn, layers, inputs = library.nn, [], 1
    fused = getattr(nn, "BatchNormReLU3d", None)
    for outputs in (8, 16, 32):
        norm = [fused(outputs)] if fused else [nn.BatchNorm3d(outputs), nn.ReLU()]
        layers += [nn.Conv3d(inputs, outputs, 3, padding=1, bias=False), *norm, nn.MaxPool3d(2)]
        inputs = outputs
    return nn.Sequential(*layers, mean(nn, 3), nn.Linear(32, 10))


def small_mobilenet(library):
    """The first blocks of MobileNet, for small images."""
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1)]
    return library.models.MobileNetV1(10, blocks=blocks, stride=1)


# name: (network of a library, shape of an input, batches to train with)
NETS = {
    "LeNet-5": (lambda library: library.models.LeNet5(), (1, 32, 32), (64, 256)),
    "ResNet-20": (lambda library: library.models.resnet20(shortcut="B"), (3, 32, 32), (64, 128)),
    "VGG-11": (lambda library: library.models.vgg11_bn(10, hidden=(), pooled=1), (3, 32, 32), (32,)),
    "MobileNet": (small_mobilenet, (3, 32, 32), (32,)),
    "dilated 1-D": (dilated1d, (1, 1024), (32,)),
    "3-D": (volumes3d, (1, 16, 32, 32), (16,)),
}


class Minicnn:
    """What differs between the libraries."""

    def __init__(self, package=None):
        import minicnn

        mc = package or minicnn
        self.name = mc.__name__
        self.nn, self.F, self.models, self.optimisers, self.inference = mc, mc.functional, mc.models, mc, mc.no_grad

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
        import twins

        self.name = "torch_channels_last" if channels_last else "torch"
        self.torch, self.channels_last = torch, channels_last
        self.nn, self.F, self.models, self.optimisers = torch.nn, torch.nn.functional, twins, torch.optim
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
    net, rng = make(library), np.random.default_rng(seed)
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
