"""The residual networks for 32 × 32 of He et al., arXiv:1512.03385, section 4.2."""

import torch
from torch import nn

__all__ = ["resnet20"]


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, shortcut):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride, self.inputs, self.outputs = stride, inputs, outputs
        self.downsample = None
        if shortcut == "B" and stride > 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.downsample is not None:
            x = self.downsample(x)
        elif self.stride > 1:
            N, C, H, W = y.shape
            zeros = x.new_zeros(N, C - self.inputs, H, W)
            x = torch.cat([x[:, :, :: self.stride, :: self.stride], zeros], dim=1)
        return torch.relu(y + x)


class ResNet(nn.Module):
    def __init__(self, blocks, num_classes, shortcut):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        channels = 16
        for number, outputs in enumerate([16, 32, 64], start=1):
            layer = nn.Sequential()
            for i in range(blocks):
                layer.append(Block(channels, outputs, 2 if i == 0 and number > 1 else 1, shortcut))
                channels = outputs
            self.add_module(f"layer{number}", layer)
        self.fc = nn.Linear(64, num_classes)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean(dim=(2, 3)))


def resnet20(num_classes=10, shortcut="A"):
    return ResNet(3, num_classes, shortcut)
