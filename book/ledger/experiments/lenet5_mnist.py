"""LeNet-5 learns from all 60,000 images of MNIST. How many of the 10,000 test images does it read wrongly?"""

from functools import cache

import numpy as np

import minicnn as mc
from book.ledger.experiment import Experiment


@cache
def mnist(train):
    """MNIST with a border of two pixels, so that 28 × 28 becomes LeNet-5's 32 × 32."""
    data = mc.data.mnist(train=train)
    return mc.data.ArrayDataset(mc.data.pad_to(data.images, 32), data.labels, data.classes)


def lenet5(data, seed, epochs, batch_size, schedule, optimizer, **options):
    rng = np.random.default_rng(seed)
    model = mc.models.LeNet5(rng=rng)
    optimizer = getattr(mc, optimizer)(model.parameters(), **options)
    return dict(
        model=model,
        train_loader=mc.data.DataLoader(data, batch_size, shuffle=True, rng=rng),
        optimizer=optimizer,
        schedule=getattr(mc, schedule)(optimizer, epochs),
    )


def setup(seed, **settings):
    return lenet5(mnist(train=True), seed, **settings)


def measure(model, **_):
    loss, accuracy = mc.evaluate(model, mc.data.DataLoader(mnist(train=False), 500))
    return {"test_error": 100 * (1 - accuracy), "test_loss": loss}


EXPERIMENT = Experiment(
    data="MNIST, 28 × 28 padded with zeros to 32 × 32, pixels in [0, 1], no augmentation",
    recipe="mc.models.LeNet5; settings chosen in lenet5_mnist_choice, without a look at the test images",
    arms={
        "LeNet-5": dict(
            epochs=12,
            batch_size=64,
            schedule="CosineAnnealingLR",
            optimizer="SGD",
            lr=0.05,
            momentum=0.9,
            weight_decay=5e-4,
        )
    },
    setup=setup,
    measure=measure,
    result="test_error",
    unit="%",
    published={"LeNet-5": 0.95},
    source="LeCun et al., Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998)",
    refuted="the mean over the seeds lies above 0.95 %",
    deviations="the modern LeNet-5 (ReLU, dense connections, softmax), SGD with momentum, 12 epochs",
)
