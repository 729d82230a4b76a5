"""MobileNet (Howard et al., arXiv:1704.04861)."""

from torch import nn

__all__ = ["MobileNetV1", "mobilenet_v1"]

TABLE_1 = [
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1),
    (1024, 2), (1024, 1),
]  # fmt: skip


def conv_norm_relu(inputs, outputs, kernel, stride=1, groups=1):
    conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


class MobileNetV1(nn.Module):
    def __init__(self, num_classes=1000, width_mult=1.0, blocks=TABLE_1, stride=2):
        super().__init__()
        channels = int(32 * width_mult)
        self.features = nn.Sequential(conv_norm_relu(3, channels, 3, stride))
        for outputs, stride in blocks:
            outputs = int(outputs * width_mult)
            depthwise = conv_norm_relu(channels, channels, 3, stride, groups=channels)
            pointwise = conv_norm_relu(channels, outputs, 1)
            self.features.append(nn.Sequential(depthwise, pointwise))
            channels = outputs
        self.classifier = nn.Linear(channels, num_classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean(dim=(2, 3)))


def mobilenet_v1(num_classes=1000, width_mult=1.0):
    return MobileNetV1(num_classes, width_mult)
