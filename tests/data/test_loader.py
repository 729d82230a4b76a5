"""ArrayDataset and DataLoader: every sample once, in the order asked for."""

import numpy as np
import pytest

from minicnn.data import ArrayDataset, DataLoader


def numbered(n):
    """n images whose every pixel is their label."""
    labels = np.arange(n)
    return ArrayDataset(np.tile(labels[:, None, None, None], (1, 1, 2, 2)).astype(np.float32), labels)


def order(loader):
    return [label for _, labels in loader for label in labels.tolist()]


@pytest.mark.parametrize("index", [2, slice(1, 3), np.array([4, 0]), np.arange(5) % 2 == 0])
def test_indexing_keeps_images_and_labels_together(index):
    images, labels = numbered(5)[index]
    np.testing.assert_array_equal(images[..., 0, 0].squeeze(), labels)


def test_repr():
    assert repr(numbered(5)) == "ArrayDataset(5 images of shape (1, 2, 2))"
    named = ArrayDataset(np.zeros((1, 3, 4)), [0], classes=["cat", "dog"])
    assert repr(named) == "ArrayDataset(1 images of shape (3, 4), 2 classes)"


@pytest.mark.parametrize(
    ("images", "labels", "counts"),
    [
        (np.zeros((3, 1, 2, 2)), [0, 1], "3 images and 2 labels"),
        (np.zeros((3, 1, 2, 2)), 7, "3 images and a single labels"),
    ],
)
def test_lengths_must_agree(images, labels, counts):
    with pytest.raises(ValueError) as error:
        ArrayDataset(images, labels)
    assert str(error.value) == (
        f"ArrayDataset: every image needs one label, but there are {counts}. Pass two arrays of equal length."
    )


def test_split_shares_out_every_sample_once():
    data = ArrayDataset(*numbered(11)[:], classes=list("abcdefghijk"))
    rest, held_out = data.split(0.25, rng=np.random.default_rng(0))
    assert (len(rest), len(held_out)) == (8, 3)
    assert sorted([*rest.labels, *held_out.labels]) == list(range(11))
    np.testing.assert_array_equal(held_out.images[:, 0, 0, 0], held_out.labels)
    assert rest.classes == held_out.classes == data.classes
    assert sorted(held_out.labels) != [8, 9, 10]  # at random, not the last ones


def test_split_is_repeatable():
    first, again, other = (
        numbered(30).split(0.5, rng=np.random.default_rng(seed))[1].labels.tolist() for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 20])
def test_split_needs_a_fraction(fraction):
    with pytest.raises(ValueError) as error:
        numbered(5).split(fraction)
    assert str(error.value) == (
        f"split: fraction must lie between 0 and 1, got {fraction}. Pass 0.2 to hold out a fifth."
    )


@pytest.mark.parametrize(
    ("n", "batch_size", "drop_last", "sizes"),
    [
        (7, 3, False, [3, 3, 1]),
        (7, 3, True, [3, 3]),
        (6, 3, False, [3, 3]),
        (6, 3, True, [3, 3]),
        (2, 5, False, [2]),
        (2, 5, True, []),
        (0, 5, False, []),
        (0, 5, True, []),
        (3, np.int64(2), False, [2, 1]),
    ],
)
@pytest.mark.parametrize("shuffle", [False, True])
def test_batch_sizes(n, batch_size, drop_last, sizes, shuffle):
    loader = DataLoader(numbered(n), batch_size, shuffle, drop_last)
    assert [len(labels) for _, labels in loader] == sizes
    assert len(loader) == len(sizes)


class Own:
    """A data set of the reader's own: a length, and a sample for each number."""

    def __len__(self):
        return 5

    def __getitem__(self, i):
        return np.full((1, 2, 2), i, np.float32), i


@pytest.mark.parametrize(
    "samples",
    [[Own()[i] for i in range(5)], tuple([image, label] for image, label in map(Own().__getitem__, range(5))), Own()],
    ids=["list of pairs", "tuple of lists", "own class"],
)
def test_any_sequence_of_samples_is_a_data_set(samples):
    batches = list(DataLoader(samples, 2, shuffle=True, rng=np.random.default_rng(0)))
    expected = list(DataLoader(numbered(5), 2, shuffle=True, rng=np.random.default_rng(0)))
    for (images, labels), (pixels, answers) in zip(batches, expected, strict=True):
        np.testing.assert_array_equal(images.data, pixels, strict=True)
        np.testing.assert_array_equal(labels.data, answers)


def test_without_shuffle_the_order_is_kept():
    loader = DataLoader(numbered(10), batch_size=3)
    assert order(loader) == order(loader) == list(range(10))


def test_shuffle_draws_a_new_order_of_everything_each_epoch():
    loader = DataLoader(numbered(50), batch_size=8, shuffle=True, rng=np.random.default_rng(0))
    first, second = order(loader), order(loader)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second != list(range(50))


def test_same_rng_same_batches():
    first, again, other = (
        order(DataLoader(numbered(20), 6, shuffle=True, rng=np.random.default_rng(seed))) for seed in (5, 5, 6)
    )
    assert first == again != other


def test_without_rng_two_loaders_differ():
    assert order(DataLoader(numbered(100), shuffle=True)) != order(DataLoader(numbered(100), shuffle=True))


def test_not_shuffling_leaves_the_rng_alone():
    rng = np.random.default_rng(0)
    order(DataLoader(numbered(10), rng=rng))
    assert rng.bit_generator.state == np.random.default_rng(0).bit_generator.state


def test_batches_are_arrays_of_the_same_dtype_and_copies():
    data = numbered(4)
    for images, labels in DataLoader(data, batch_size=2):
        assert images.dtype == np.float32
        assert labels.dtype == data.labels.dtype
        images[:] = -1
    assert data.images.min() == 0


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, True, None])
def test_batch_size_must_be_a_positive_whole_number(batch_size):
    with pytest.raises(ValueError) as error:
        DataLoader(numbered(3), batch_size)
    assert str(error.value) == (
        f"DataLoader: batch_size must be a whole number ≥ 1, got {batch_size!r}. "
        "Pass batch_size=64, or len(dataset) for one batch with everything."
    )


def test_rng_must_be_a_generator():
    for where, call in [
        ("DataLoader", lambda: DataLoader(numbered(3), shuffle=True, rng=0)),
        ("split", lambda: numbered(3).split(0.5, rng=0)),
    ]:
        with pytest.raises(TypeError) as error:
            call()
        assert str(error.value) == (
            f"{where}: rng must be a numpy.random.Generator, not 0. Pass np.random.default_rng(seed)."
        )
