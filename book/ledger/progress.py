"""How far a run is, in epochs of all its arms, and how much time is left."""

import io
import sys

from tqdm import tqdm

FORMAT = "{desc} {percentage:3.0f} %|{bar}| {elapsed} passed, {remaining} left"


class Progress:
    """A bar over epochs that moves with every batch, in a log once a minute; and a line for every epoch."""

    def __init__(self, epochs=None, shown=False):
        pace = {} if sys.stderr.isatty() else {"mininterval": 60}
        file = None if shown else io.StringIO()
        self.shown, self.about = shown, ""
        self.bar = tqdm(total=epochs, bar_format=FORMAT, smoothing=0, dynamic_ncols=True, file=file, **pace)

    def begin(self, about):
        self.about = about
        self.bar.set_description_str(about)

    def skip(self, epochs):
        """Epochs that need not be trained: they say nothing about the time that others take."""
        self.bar.initial += epochs
        self.bar.update(epochs)

    def count(self, loader):
        return _Counted(loader, self.bar)

    def line(self, text):
        if self.shown:
            self.bar.write(f"{self.about}, {text}")

    def close(self):
        self.bar.close()


class _Counted:
    """A loader that moves a bar on by one epoch as it is gone through."""

    def __init__(self, loader, bar):
        self.loader, self.bar = loader, bar

    def __iter__(self):
        for batch in self.loader:
            yield batch
            self.bar.update(1 / len(self.loader))
