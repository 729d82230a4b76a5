"""Which optimiser for LeNet-5 on MNIST? Chosen on 5,000 training images that are not learned from."""

import minicnn as mc
from book.ledger.experiment import Experiment
from book.ledger.experiments.lenet5_mnist import lenet5, mnist

LEARNED_FROM = 55_000


def part(*limits):
    return mc.data.ArrayDataset(*mnist(train=True)[slice(*limits)])


def setup(seed, **settings):
    validation = mc.data.DataLoader(part(LEARNED_FROM, None), 500)
    return lenet5(part(LEARNED_FROM), seed, **settings) | {"validation": validation}


def measure(history, **_):
    return {"validation_error": 100 * (1 - history.val_accuracy[-1])}


RECIPE = dict(epochs=12, batch_size=64, schedule="CosineAnnealingLR")

EXPERIMENT = Experiment(
    data="the training images of MNIST: learned from 55,000, validated on the other 5,000; else as lenet5_mnist",
    recipe="mc.models.LeNet5",
    arms={
        "SGD": RECIPE | dict(optimizer="SGD", lr=0.05, momentum=0.9, weight_decay=5e-4),
        "Adam": RECIPE | dict(optimizer="Adam", lr=1e-3),
    },
    setup=setup,
    measure=measure,
    result="validation_error",
    unit="%",
    seeds=(10,),
)
