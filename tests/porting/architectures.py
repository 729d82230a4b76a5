"""Networks in the manner of public PyTorch repositories, with the calls that these make: for PyTorch and for minicnn.

Each function is given the library as ``torch``, ``nn``, ``F`` and ``optim``, and returns ``step()``, which takes one
training step and returns a loss, and the networks. tools/make_golden.py runs them with PyTorch, test_architectures.py
with minicnn; nothing else differs.
"""

from collections import OrderedDict

import numpy as np


def data(torch, *shape, seed=0, classes=None):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.standard_normal(shape) if classes is None else rng.integers(0, classes, shape))


def mnist_example(torch, nn, F, optim):
    """Two convolutions, pooling, a logarithm of softmax, Adadelta with a schedule."""

    class Net(nn.Module):
        def __init__(self):
            super(Net, self).__init__()  # noqa: UP008
            self.conv1 = nn.Conv2d(1, 8, 3, 1)
            self.conv2 = nn.Conv2d(8, 16, 3, 1)
            self.dropout1 = nn.Dropout(0.0)
            self.fc1 = nn.Linear(400, 32)
            self.fc2 = nn.Linear(32, 10)

        def forward(self, x):
            x = F.relu(self.conv1(x))
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            x = torch.flatten(self.dropout1(x), 1)
            return F.log_softmax(self.fc2(F.relu(self.fc1(x))), dim=1)

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = Net().double().to(device)
    optimizer = optim.Adadelta(net.parameters(), lr=1.0)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    x, target = data(torch, 6, 1, 14, 14), data(torch, 6, classes=10)

    def step():
        net.train()
        optimizer.zero_grad()
        output = net(x.to(device))
        loss = F.nll_loss(output, target.to(device))
        loss.backward()
        optimizer.step()
        scheduler.step()
        pred = output.argmax(dim=1, keepdim=True)
        assert 0 <= pred.eq(target.view_as(pred)).sum().item() <= 6
        return loss

    return step, [net]


def residual(torch, nn, F, optim):
    """A residual network for small images: shortcuts that are empty Sequentials or projections, `out +=`."""

    class BasicBlock(nn.Module):
        expansion = 1

        def __init__(self, in_planes, planes, stride=1):
            super().__init__()
            self.conv1 = nn.Conv2d(in_planes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(planes)
            self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=1, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(planes)
            self.shortcut = nn.Sequential()
            if stride != 1 or in_planes != self.expansion * planes:
                self.shortcut = nn.Sequential(
                    nn.Conv2d(in_planes, self.expansion * planes, kernel_size=1, stride=stride, bias=False),
                    nn.BatchNorm2d(self.expansion * planes),
                )

        def forward(self, x):
            out = F.relu(self.bn1(self.conv1(x)))
            out = self.bn2(self.conv2(out))
            out += self.shortcut(x)
            return F.relu(out)

    class ResNet(nn.Module):
        def __init__(self, num_blocks, num_classes=10):
            super().__init__()
            self.in_planes = 8
            self.conv1 = nn.Conv2d(3, 8, kernel_size=3, stride=1, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(8)
            self.layer1 = self._make_layer(8, num_blocks[0], stride=1)
            self.layer2 = self._make_layer(16, num_blocks[1], stride=2)
            self.linear = nn.Linear(16 * BasicBlock.expansion, num_classes)
            for m in self.modules():
                if isinstance(m, nn.Conv2d):
                    nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
                elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
                    nn.init.constant_(m.weight, 1)
                    nn.init.constant_(m.bias, 0)

        def _make_layer(self, planes, num_blocks, stride):
            layers = []
            for stride in [stride] + [1] * (num_blocks - 1):  # noqa: B020
                layers.append(BasicBlock(self.in_planes, planes, stride))
                self.in_planes = planes * BasicBlock.expansion
            return nn.Sequential(*layers)

        def forward(self, x):
            out = F.relu(self.bn1(self.conv1(x)))
            out = self.layer2(self.layer1(out))
            out = F.avg_pool2d(out, 4)
            out = out.view(out.size(0), -1)
            return self.linear(out)

    net = ResNet([1, 2]).double()
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=200)
    inputs, targets = data(torch, 6, 3, 8, 8), data(torch, 6, classes=10)

    def step():
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), max_norm=5.0)
        optimizer.step()
        scheduler.step()
        _, predicted = outputs.max(1)
        assert 0 <= predicted.eq(targets).sum().item() <= targets.size(0)
        return loss

    return step, [net]


def gan(torch, nn, F, optim):
    """A generator of transposed convolutions against a discriminator of strided ones, in turns."""
    ngf = ndf = 4
    generator = nn.Sequential(
        nn.ConvTranspose2d(6, ngf * 2, 4, 1, 0, bias=False), nn.BatchNorm2d(ngf * 2), nn.ReLU(True),
        nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf), nn.ReLU(True),
        nn.ConvTranspose2d(ngf, 1, 4, 2, 1, bias=False), nn.Tanh(),
    ).double()  # fmt: skip
    discriminator = nn.Sequential(
        nn.Conv2d(1, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ndf * 2), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(ndf * 2, 1, 4, 1, 0, bias=False), nn.Sigmoid(),
    ).double()  # fmt: skip

    def weights_init(m):
        classname = m.__class__.__name__
        if classname.find("Conv") != -1:
            nn.init.normal_(m.weight.data, 0.0, 0.02)
        elif classname.find("BatchNorm") != -1:
            nn.init.normal_(m.weight.data, 1.0, 0.02)
            nn.init.constant_(m.bias.data, 0)

    generator.apply(weights_init)
    discriminator.apply(weights_init)
    criterion = nn.BCELoss()
    optimizer_d = optim.Adam(discriminator.parameters(), lr=0.01, betas=(0.5, 0.999))
    optimizer_g = optim.Adam(generator.parameters(), lr=0.01, betas=(0.5, 0.999))
    real, noise = data(torch, 4, 1, 16, 16), data(torch, 4, 6, 1, 1, seed=1)

    def step():
        discriminator.zero_grad()
        label = torch.full((real.size(0),), 1.0, dtype=torch.float64)
        error_real = criterion(discriminator(real).view(-1), label)
        error_real.backward()
        fake = generator(noise)
        label.fill_(0.0)
        error_fake = criterion(discriminator(fake.detach()).view(-1), label)
        error_fake.backward()
        optimizer_d.step()
        generator.zero_grad()
        label = torch.ones_like(label)
        error = criterion(discriminator(fake).view(-1), label)
        error.backward()
        optimizer_g.step()
        return error_real + error_fake + error

    return step, [generator, discriminator]


def unet(torch, nn, F, optim):
    """Down, up again, and across: concatenated maps, bilinear upsampling, padding to fit, one score a pixel."""

    class DoubleConv(nn.Module):
        def __init__(self, in_channels, out_channels):
            super().__init__()
            self.double_conv = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
                nn.BatchNorm2d(out_channels),
                nn.ReLU(inplace=True),
                nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1, padding_mode="reflect"),
                nn.GroupNorm(2, out_channels),
                nn.SiLU(inplace=True),
            )

        def forward(self, x):
            return self.double_conv(x)

    class Up(nn.Module):
        def __init__(self, in_channels, out_channels, bilinear=True):
            super().__init__()
            if bilinear:
                self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            else:
                self.up = nn.ConvTranspose2d(in_channels // 2, in_channels // 2, kernel_size=2, stride=2)
            self.conv = DoubleConv(in_channels, out_channels)

        def forward(self, x1, x2):
            x1 = self.up(x1)
            dy, dx = x2.size()[2] - x1.size()[2], x2.size()[3] - x1.size()[3]
            x1 = F.pad(x1, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
            return self.conv(torch.cat([x2, x1], dim=1))

    class UNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.inc = DoubleConv(3, 4)
            self.down1 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(4, 8))
            self.down2 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(8, 8))
            self.up1, self.up2 = Up(16, 4), Up(8, 4, bilinear=False)
            self.outc = nn.Conv2d(4, 2, kernel_size=1)

        def forward(self, x):
            x1 = self.inc(x)
            x2 = self.down1(x1)
            x3 = self.down2(x2)
            return self.outc(self.up2(self.up1(x3, x2), x1))

    net = UNet().double()
    optimizer = optim.RMSprop(net.parameters(), lr=1e-3, weight_decay=1e-8, momentum=0.9)
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, "max", patience=0)
    images, masks = data(torch, 2, 3, 11, 13), data(torch, 2, 11, 13, classes=2)

    def step():
        pred = net(images)
        loss = F.cross_entropy(pred, masks)
        p = F.softmax(pred, dim=1).double()
        onehot = F.one_hot(masks, 2).permute(0, 3, 1, 2).double()
        inter = 2 * (p * onehot).sum(dim=(-1, -2))
        loss += 1 - ((inter + 1e-6) / (p.sum(dim=(-1, -2)) + onehot.sum(dim=(-1, -2)) + 1e-6)).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        scheduler.step(loss.item())
        return loss

    return step, [net]


def mobile(torch, nn, F, optim):
    """Inverted residuals with squeeze and excitation: depthwise convolutions, hard swish, a mean instead of pooling."""

    def conv_bn(inp, oup, kernel, stride=1, groups=1, act=nn.Hardswish):
        return nn.Sequential(OrderedDict([
            ("conv", nn.Conv2d(inp, oup, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False)),
            ("bn", nn.BatchNorm2d(oup, eps=0.001, momentum=0.01)), ("act", act(inplace=True)),
        ]))  # fmt: skip

    class SE(nn.Module):
        def __init__(self, c):
            super().__init__()
            self.fc1, self.fc2 = nn.Conv2d(c, c // 2, 1), nn.Conv2d(c // 2, c, 1)

        def forward(self, x):
            s = F.adaptive_avg_pool2d(x, 1)
            return x * F.hardsigmoid(self.fc2(F.relu(self.fc1(s), inplace=True)), inplace=True)

    class InvertedResidual(nn.Module):
        def __init__(self, inp, oup, stride, expand):
            super().__init__()
            hidden = int(round(inp * expand))
            self.use_res_connect = stride == 1 and inp == oup
            layers = [conv_bn(inp, hidden, 1, act=nn.ReLU6)] if expand != 1 else []
            layers.extend([
                conv_bn(hidden, hidden, 3, stride, groups=hidden), SE(hidden), nn.Conv2d(hidden, oup, 1, bias=False),
                nn.BatchNorm2d(oup),
            ])  # fmt: skip
            self.conv = nn.Sequential(*layers)

        def forward(self, x):
            return x + self.conv(x) if self.use_res_connect else self.conv(x)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(conv_bn(3, 4, 3, 2))
            self.blocks = nn.ModuleList(
                [InvertedResidual(4, 4, 1, 1), InvertedResidual(4, 6, 2, 2), InvertedResidual(6, 6, 1, 3)]
            )
            self.classifier = nn.Sequential(nn.Dropout(0.0), nn.Linear(6, 5))
            self.scale = nn.Parameter(torch.ones(1, 6) * 2)

        def forward(self, x):
            x = self.features(x)
            for block in self.blocks:
                x = block(x)
            x = x.mean([2, 3]) * self.scale.expand(x.shape[0], -1)
            return self.classifier(x)

    net = Net().double()
    decay, no_decay = [], []
    for name, p in net.named_parameters():
        (no_decay if p.dim() <= 1 or name.endswith(".bias") else decay).append(p)
    groups = [{"params": no_decay, "weight_decay": 0.0}, {"params": decay, "weight_decay": 0.05}]
    optimizer = optim.AdamW(groups, lr=1e-2)
    scheduler = optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
    x, target = data(torch, 4, 3, 12, 12), data(torch, 4, classes=5)

    def step():
        net.train()
        loss = F.cross_entropy(net(x), target, reduction="none").mean()
        for p in net.parameters():
            p.grad = None
        loss.backward()
        torch.nn.utils.clip_grad_value_(net.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        return loss

    return step, [net]


def dense(torch, nn, F, optim):
    """Dense blocks: every layer sees the maps of all before it, concatenated; transitions halve."""

    class DenseLayer(nn.Module):
        def __init__(self, channels, growth, bn_size=2):
            super().__init__()
            self.add_module("norm1", nn.BatchNorm2d(channels))
            self.add_module("relu1", nn.ReLU(inplace=True))
            self.add_module("conv1", nn.Conv2d(channels, bn_size * growth, kernel_size=1, stride=1, bias=False))
            self.norm2 = nn.BatchNorm2d(bn_size * growth)
            self.conv2 = nn.Conv2d(bn_size * growth, growth, kernel_size=3, stride=1, padding=1, bias=False)

        def forward(self, features):
            x = torch.cat(features, 1)
            x = self.conv1(self.relu1(self.norm1(x)))
            return self.conv2(F.elu(self.norm2(x)))

    class DenseBlock(nn.ModuleDict):
        def __init__(self, layers, channels, growth):
            super().__init__()
            for i in range(layers):
                self.add_module("denselayer%d" % (i + 1), DenseLayer(channels + i * growth, growth))  # noqa: UP031

        def forward(self, x):
            features = [x]
            for _, layer in self.items():
                features.append(layer(features))
            return torch.cat(features, 1)

    net = nn.Sequential(OrderedDict([
        ("conv0", nn.Conv2d(1, 4, kernel_size=3, padding=1, bias=False)), ("block1", DenseBlock(2, 4, 3)),
        ("norm", nn.InstanceNorm2d(10, affine=True)), ("act", nn.Softplus()), ("conv", nn.Conv2d(10, 5, kernel_size=1)),
        ("pool", nn.AvgPool2d(kernel_size=2, stride=2)), ("block2", DenseBlock(1, 5, 3)),
        ("gap", nn.AdaptiveAvgPool2d((1, 1))), ("flat", nn.Flatten()), ("head", nn.Linear(8, 3)),
    ])).double()  # fmt: skip
    optimizer = optim.Adagrad(net.parameters(), lr=0.05)
    x, y = data(torch, 4, 1, 8, 8), data(torch, 4, 3, seed=2)

    def step():
        optimizer.zero_grad()
        out = net(x)
        loss = F.smooth_l1_loss(out, y) + 1e-3 * sum(p.pow(2).sum() for p in net.parameters()) + torch.norm(out) * 0.01
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for p in net.parameters():
                p.clamp_(-3, 3)
        return loss

    return step, [net]


ALL = [mnist_example, residual, gan, unet, mobile, dense]


def projections(state):
    """Three random projections of each array: any wrong entry changes them."""
    rng = np.random.default_rng(0)
    return np.array([rng.standard_normal((3, np.size(a))) @ np.ravel(a).astype(float) for a in state.values()])


def set_weights(net, name):
    """The same starting values in both libraries: small for weights, near 1 for scales."""
    rng = np.random.default_rng([ord(c) for c in name])
    state = net.state_dict()
    for key, value in state.items():
        a = np.array(value)
        if a.dtype.kind == "f":
            fan = a[0].size if a.ndim > 1 else 4
            drawn = rng.standard_normal(a.shape) / np.sqrt(fan)
            state[key] = np.abs(drawn) + 0.5 if a.ndim == 1 and key.endswith(("weight", "running_var")) else drawn
    return state
