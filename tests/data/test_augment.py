"""Augmentations: what SciPy says of moved pixels, what can be counted of the others; and how a loader applies them."""

from functools import partial

import numpy as np
import pytest
from scipy import ndimage

import minicnn as mc
from minicnn.data import (
    ArrayDataset,
    DataLoader,
    cutout,
    elastic,
    mixup,
    random_crop,
    random_horizontal_flip,
    shift,
)

AUGMENTATIONS = [random_crop, random_horizontal_flip, shift, elastic, cutout]


def rng(seed=0):
    return np.random.default_rng(seed)


def noise(n=6, c=3, h=9, w=7, dtype=np.float32):
    return rng(1).random((n, c, h, w)).astype(dtype)


# --- what all of them keep ------------------------------------------------------------------------


@pytest.mark.parametrize("f", AUGMENTATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
@pytest.mark.parametrize("n", [0, 1, 6])
def test_shape_and_dtype_are_kept_and_the_input_is_left_alone(f, dtype, n):
    images = (255 * noise(n)).astype(dtype)
    before = images.copy()
    out = f(images, rng=rng())
    assert (out.shape, out.dtype) == (images.shape, dtype)
    np.testing.assert_array_equal(images, before)
    assert not np.shares_memory(out, images)


@pytest.mark.parametrize("f", AUGMENTATIONS)
def test_the_seed_decides(f):
    first, again, other = (f(noise(), rng=rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("f", AUGMENTATIONS)
def test_each_image_has_its_own_luck_and_its_channels_share_it(f):
    out = f(np.broadcast_to(noise(1, 1), (6, 3, 9, 7)), rng=rng())
    np.testing.assert_array_equal(out[:, :1], out[:, 1:2])
    assert any((out[0] != image).any() for image in out)


@pytest.mark.parametrize("f", [random_crop, shift, elastic, cutout])
def test_what_is_not_seen_is_filled(f):
    out = f(np.full((50, 1, 9, 9), 7, np.uint8), fill=7, rng=rng())
    assert (out == 7).all()
    assert (f(np.full((50, 1, 9, 9), 7, np.uint8), rng=rng()) == 0).any()


# --- one by one -----------------------------------------------------------------------------------


def test_a_random_crop_is_every_shift_by_whole_pixels_equally_often():
    n, p = 1800, 1
    images = noise(1, 2)
    moved = {
        (down, right): ndimage.shift(images[0], (0, down, right), order=0)
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    }
    out = random_crop(np.broadcast_to(images, (n, *images.shape[1:])), p, rng=rng())
    found = [[key for key, image in moved.items() if np.array_equal(image, each)] for each in out]
    counts = [found.count([key]) for key in moved]
    assert sum(counts) == n
    assert 150 < min(counts) <= max(counts) < 250  # 200 ± 13


def test_half_of_the_images_are_flipped_or_none_or_all():
    images = noise(400)
    mirrored = images[:, :, :, ::-1]
    out = random_horizontal_flip(images, rng=rng())
    flipped = (out == mirrored).all((1, 2, 3))
    np.testing.assert_array_equal(out[~flipped], images[~flipped])
    assert 160 < flipped.sum() < 240
    np.testing.assert_array_equal(random_horizontal_flip(images, 0, rng=rng()), images)
    np.testing.assert_array_equal(random_horizontal_flip(images, 1, rng=rng()), mirrored)


def test_shifts_are_scipys():
    images = noise(5, dtype=np.float64)
    out = shift(images, 2.5, fill=0.25, rng=rng())
    by = rng().uniform(-2.5, 2.5, (2, 5))
    for k in range(5):
        expected = [
            ndimage.shift(channel, -by[:, k], order=1, mode="grid-constant", cval=0.25) for channel in images[k]
        ]
        np.testing.assert_allclose(out[k], expected, atol=1e-12)
    assert (np.abs(by) > 1).any()


def test_elastic_distortions_are_scipys():
    images, (alpha, sigma) = noise(2, 2, 20, 17, np.float64), (30, 3)
    out = elastic(images, alpha, sigma, fill=0.5, rng=rng())
    fields = rng().uniform(-1, 1, (2, 2, 20, 17))
    smooth = alpha * ndimage.gaussian_filter(fields, (0, 0, sigma, sigma), mode="constant", truncate=9)
    places = smooth + np.indices((20, 17))[:, np.newaxis]
    for k in range(2):
        for c in range(2):
            expected = ndimage.map_coordinates(images[k, c], places[:, k], order=1, mode="grid-constant", cval=0.5)
            np.testing.assert_allclose(out[k, c], expected, atol=1e-6)
    assert 0.8 < smooth[:, :, 6:-6, 6:-6].std() / (alpha / (sigma * np.sqrt(12 * np.pi))) < 1.2


def test_no_distortion_is_the_image_itself():
    images = noise(dtype=np.uint8)
    for f in (
        partial(elastic, alpha=0),
        partial(shift, most=0),
        partial(cutout, size=0),
        partial(random_crop, padding=0),
    ):
        np.testing.assert_array_equal(f(images, rng=rng()), images)


@pytest.mark.parametrize("size", [1, 4, 5])
def test_cutout_covers_a_square_around_any_pixel(size):
    out = cutout(np.ones((2000, 2, 8, 6), np.uint8), size, rng=rng())[:, 0] == 0
    reach = (size - 1) // 2
    seen = set()
    for covered in out:
        rows, columns = np.nonzero(covered.any(1))[0], np.nonzero(covered.any(0))[0]
        assert covered.sum() == len(rows) * len(columns) <= size**2
        seen.add((rows[-1] - reach if rows[0] == 0 else rows[0] + size // 2,
                  columns[-1] - reach if columns[0] == 0 else columns[0] + size // 2))  # fmt: skip
    assert seen == {(row, column) for row in range(8) for column in range(6)}


def test_mixup_mixes_images_and_targets_alike():
    images, labels = noise(dtype=np.float64), np.array([0, 1, 2, 3, 4, 5])
    mixed, targets = mixup(images, labels, num_classes=6, rng=rng())
    np.testing.assert_allclose(mixed, np.tensordot(targets, images, 1))  # image k is class k: targets are the recipe
    np.testing.assert_allclose(targets.sum(1), 1)
    assert 0 < np.median(targets.max(1)) < 1
    again, same = mixup(images, np.eye(6), rng=rng())
    np.testing.assert_array_equal(again, mixed)
    np.testing.assert_array_equal(same, targets)
    assert mixup(images.astype(np.float32), labels, 6, rng=rng())[1].dtype == np.float32


def test_a_small_alpha_hardly_mixes():
    images, labels = noise(100, 1, 1, 1), np.arange(100)
    little, much = (
        np.mean([mixup(images, labels, 100, alpha, rng=rng(seed))[1].max(1).mean() for seed in range(40)])
        for alpha in (0.01, 1)
    )
    assert little > 0.97
    assert 0.7 < much < 0.8  # the larger of λ and 1 − λ, where all λ are as likely: 3/4


# --- in a loader ----------------------------------------------------------------------------------


def dataset(n=10):
    return ArrayDataset(noise(n), np.arange(n) % 3)


def test_a_loader_applies_transforms_in_order_with_its_own_rng():
    loader = DataLoader(dataset(), 4, rng=rng(), transform=[partial(random_crop, padding=2), random_horizontal_flip])
    own = rng()
    for (images, labels), start in zip(loader, (0, 4, 8), strict=True):
        expected, right = dataset()[start : start + 4]
        expected = random_horizontal_flip(random_crop(expected, 2, rng=own), rng=own)
        np.testing.assert_array_equal(images, expected)
        np.testing.assert_array_equal(labels, right)


def test_an_augmented_set_differs_from_epoch_to_epoch_and_repeats_with_the_seed():
    def epochs():
        loader = DataLoader(dataset(), 10, shuffle=True, rng=rng(), transform=elastic)
        return [images.sum() for _ in range(2) for images, _ in loader]

    first, second = epochs()
    assert first != second
    assert epochs() == [first, second]


def test_of_single_samples_a_transform_gets_arrays_and_gives_tensors():
    pairs = [(image, int(label)) for image, label in zip(*dataset()[:], strict=True)]
    flip = partial(random_horizontal_flip, p=1)
    images, labels = next(iter(DataLoader(pairs, 4, transform=flip)))
    assert isinstance(images, mc.Tensor)
    np.testing.assert_array_equal(images.data, dataset().images[:4, :, :, ::-1])
    assert labels.tolist() == [0, 1, 2, 0]
    (alone,) = DataLoader(list(dataset().images), 10, transform=flip)
    np.testing.assert_array_equal(alone.data, dataset().images[..., ::-1])


def test_training_on_mixed_targets():
    generator = rng()
    loader = DataLoader(dataset(), 5, rng=generator, batch_transform=partial(mixup, num_classes=3))
    model = mc.Sequential(mc.Flatten(), mc.Linear(189, 3, rng=generator))
    history = mc.fit(model, loader, optimizer=mc.SGD(model.parameters(), lr=0.1), epochs=2, progress=False)
    assert np.isfinite(history.train_loss).all()
    assert np.isnan(history.train_accuracy).all()  # nothing is right or wrong


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: random_crop(np.zeros((28, 28))), ValueError,
         "random_crop: images must have shape (N, C, H, W), not (28, 28). Pass image[np.newaxis] for one image."),
        (lambda: random_crop(noise(), -1), ValueError, "random_crop: padding must be at least 0, not -1."),
        (lambda: random_horizontal_flip(noise(), 2), ValueError,
         "random_horizontal_flip: p must be a probability from 0 to 1, not 2."),
        (lambda: shift(noise(), -1), ValueError, "shift: most must be at least 0, not -1."),
        (lambda: elastic(noise(), sigma=0), ValueError, "elastic: sigma must be greater than 0, not 0."),
        (lambda: cutout(noise(), 2.5), TypeError, "cutout: size must be an int, not 2.5."),
        (lambda: cutout(noise(), rng=0), TypeError,
         "cutout: rng must be a numpy.random.Generator, not 0. Pass np.random.default_rng(seed)."),
        (lambda: mixup(noise(), np.zeros(6, int)), ValueError,
         "mixup: how many classes there are cannot be seen from class numbers. Pass num_classes=10."),
        (lambda: mixup(noise(), np.arange(6), 5), ValueError,
         "mixup: labels must lie from 0 to 4, for num_classes=5, but range from 0 to 5."),
        (lambda: mixup(noise(), np.zeros(5, int), 2), ValueError, "mixup: 6 images need as many labels, not 5."),
        (lambda: mixup(noise(), np.zeros(6), 2), ValueError,
         "mixup: labels must be class numbers of shape (N,) or probabilities of shape (N, K), "
         "not float64 of shape (6,)."),
        (lambda: mixup(noise(), np.eye(6), alpha=0), ValueError, "mixup: alpha must be greater than 0, not 0."),
        (lambda: mixup(noise(dtype=np.uint8), np.eye(6)), TypeError,
         "mixup: images must be a floating point array, not dtype uint8. Use images.astype(np.float32)."),
        (lambda: DataLoader(dataset(), transform=np.sort), TypeError,
         "DataLoader: transform must be a function of images and rng, but sort is not. "
         "Write transform=lambda images, rng: …"),
        (lambda: DataLoader(dataset(), transform=[3]), TypeError,
         "DataLoader: transform must be a function of images and rng, but 3 is not. "
         "Write transform=lambda images, rng: …"),
        (lambda: DataLoader(dataset(), batch_transform=len), TypeError,
         "DataLoader: batch_transform must be a function of images, labels and rng, but len is not. "
         "Write batch_transform=lambda images, labels, rng: …"),
        (lambda: next(iter(DataLoader(dataset(), transform=lambda images, rng: images[1:]))), ValueError,
         "DataLoader: transform <lambda> was given 10 images and must return 10, not (9, 3, 9, 7)."),
        (lambda: next(iter(DataLoader(dataset(), transform=lambda images, rng: None))), ValueError,
         "DataLoader: transform <lambda> was given 10 images and must return 10, not NoneType."),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
