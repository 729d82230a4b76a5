"""VGG (Simonyan and Zisserman, arXiv:1409.1556), with torchvision's names of the weights."""

import torch
from torch import nn

__all__ = ["vgg11", "vgg11_bn"]


class VGG(nn.Module):
    def __init__(self, stages, num_classes, batch_norm, hidden, pooled):
        super().__init__()
        self.features, channels = nn.Sequential(), 3
        for outputs, convolutions in stages:
            for _ in range(convolutions):
                self.features.append(nn.Conv2d(channels, outputs, 3, padding=1))
                if batch_norm:
                    self.features.append(nn.BatchNorm2d(outputs))
                self.features.append(nn.ReLU())
                channels = outputs
            self.features.append(nn.MaxPool2d(2, 2))
        self.avgpool = nn.AdaptiveAvgPool2d((pooled, pooled))
        self.classifier, size = nn.Sequential(), channels * pooled * pooled
        for outputs in hidden:
            self.classifier.extend([nn.Linear(size, outputs), nn.ReLU(), nn.Dropout(0.5)])
            size = outputs
        self.classifier.append(nn.Linear(size, num_classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


VGG11 = [(64, 1), (128, 1), (256, 2), (512, 2), (512, 2)]


def vgg11(num_classes=1000, hidden=(4096, 4096), pooled=7):
    return VGG(VGG11, num_classes, False, hidden, pooled)


def vgg11_bn(num_classes=1000, hidden=(4096, 4096), pooled=7):
    return VGG(VGG11, num_classes, True, hidden, pooled)
