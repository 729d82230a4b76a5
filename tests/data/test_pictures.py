"""ImageFolder: pictures made here, in the order that torchvision gives them, and what can be wrong with them."""

import numpy as np
import pytest
from PIL import Image

from minicnn.data import DataLoader, ImageFolder

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def save(path, colour=RED, size=(20, 10), **options):
    """A picture of one colour, or of an array; `size` is (width, height)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", size, colour) if isinstance(colour, tuple) else Image.fromarray(colour)
    picture.save(path, **options)


@pytest.fixture
def pets(tmp_path):
    root = tmp_path / "pets"
    save(root / "dog" / "b.png", GREEN)
    save(root / "dog" / "a.png", BLUE)
    save(root / "cat" / "winter" / "c.PNG", RED)
    save(root / "cat" / "z.bmp", GREEN)
    (root / "cat" / "notes.txt").write_text("no picture")
    save(root / "cat" / ".hidden.png")
    save(root / "cat" / ".ipynb_checkpoints" / "z.png")
    save(root / ".ipynb_checkpoints" / "z.png")
    (root / "list.csv").write_text("no folder")
    return root


def test_a_folder_is_a_class_in_the_order_of_the_names(pets):
    data = ImageFolder(pets, 8)
    assert data.classes == ("cat", "dog")
    assert data.class_to_idx == {"cat": 0, "dog": 1}
    files = ["cat/winter/c.PNG", "cat/z.bmp", "dog/a.png", "dog/b.png"]
    assert data.samples == [(str(pets / file), k) for file, k in zip(files, (0, 0, 1, 1), strict=True)]
    assert data.labels.tolist() == [0, 0, 1, 1]
    assert (data.images.shape, data.images.dtype) == ((4, 3, 8, 8), np.float32)
    expected = np.float32([RED, GREEN, BLUE, GREEN]) / 255
    np.testing.assert_array_equal(data.images, np.broadcast_to(expected[:, :, None, None], (4, 3, 8, 8)))
    assert repr(data) == "ImageFolder(4 images of shape (3, 8, 8), 2 classes)"


def test_a_loader_serves_it_and_it_can_be_split(pets):
    data = ImageFolder(str(pets), (6, 8))
    ((images, labels),) = DataLoader(data, 4, shuffle=True, rng=np.random.default_rng(0))
    assert images.shape == (4, 3, 6, 8)
    assert sorted(labels.tolist()) == [0, 0, 1, 1]
    rest, held_out = data.split(0.25, rng=np.random.default_rng(0))
    assert (len(rest), len(held_out), rest.classes) == (3, 1, ("cat", "dog"))


def test_the_middle_is_cut_out_and_proportions_are_kept(tmp_path):
    stripes = np.zeros((10, 30, 3), np.uint8)
    stripes[:, :10], stripes[:, 10:20], stripes[:, 20:] = RED, GREEN, BLUE
    save(tmp_path / "a" / "wide.png", stripes)
    save(tmp_path / "a" / "high.png", np.ascontiguousarray(stripes.transpose(1, 0, 2)))
    middles = ImageFolder(tmp_path, 10).images
    np.testing.assert_array_equal(middles[:, 1], 1)
    np.testing.assert_array_equal(middles[:, [0, 2]], 0)
    wide = ImageFolder(tmp_path, (5, 15)).images[1]  # all of it, at half the size
    np.testing.assert_array_equal(wide.argmax(0), np.repeat([[0] * 5 + [1] * 5 + [2] * 5], 5, axis=0))


def test_shrinking_takes_means(tmp_path):
    """So that no fine pattern turns into a coarse one: of black and white lines remains grey."""
    save(tmp_path / "a" / "lines.png", np.tile(np.uint8([[0, 255]]), (64, 32)))
    image = ImageFolder(tmp_path, 16).images[0]
    assert np.abs(image[:, :, 2:-2] - 0.5).max() < 0.02


def test_grey(pets):
    data = ImageFolder(pets, 8, grey=True)
    assert data.images.shape == (4, 1, 8, 8)
    luma = np.float32([0.299, 0.587, 0.114])  # ITU-R BT.601
    np.testing.assert_allclose(data.images[:, 0, 0, 0], np.eye(3, dtype=np.float32)[[0, 1, 2, 1]] @ luma, atol=1 / 255)


def test_photos_lie_as_the_camera_says_and_transparent_is_white(tmp_path):
    upright = Image.Exif()
    upright[0x0112] = 6  # orientation: to be turned by 90° clockwise
    half = np.zeros((8, 8, 3), np.uint8)
    half[:, :4] = 255
    save(tmp_path / "a" / "camera.jpg", half, exif=upright, quality=95)
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "a" / "clear.png")
    camera, clear = ImageFolder(tmp_path, 8).images
    assert camera[:, :4].min() > 0.9 > 0.1 > camera[:, 4:].max()  # what was left is up
    np.testing.assert_array_equal(clear, 1)


def test_pictures_of_16_bits_keep_their_greys(tmp_path):
    greys = (np.arange(64).reshape(8, 8) * 1000).astype(np.uint16)
    save(tmp_path / "a" / "scan.png", greys)
    image = ImageFolder(tmp_path, 8, grey=True).images[0, 0]
    np.testing.assert_allclose(image, greys / 65535, atol=1 / 255)


# --- errors ---------------------------------------------------------------------------------------


def caught(error, *args, **options):
    with pytest.raises(error) as caught:
        ImageFolder(*args, **options)
    return str(caught.value)


def test_broken_files_are_named_all_at_once(pets):
    (pets / "dog" / "a.png").write_bytes(b"not a picture")
    save(pets / "dog" / "b.png", np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8))
    (pets / "dog" / "b.png").write_bytes((pets / "dog" / "b.png").read_bytes()[:600])
    message = caught(ValueError, pets, 8)
    assert message.startswith(f"ImageFolder: these files are not pictures, or damaged: {pets / 'dog' / 'a.png'} (")
    assert f"; {pets / 'dog' / 'b.png'} (" in message
    assert message.endswith("). Mend or remove them.")
    for k in range(4):
        (pets / "cat" / f"{k}.jpg").write_bytes(b"")
    assert caught(ValueError, pets, 8).endswith("; and 3 more. Mend or remove them.")


def test_folders_that_are_not_as_they_should_be(pets, tmp_path):
    assert caught(FileNotFoundError, tmp_path / "no", 8) == (
        f"ImageFolder: there is no folder {str(tmp_path / 'no')!r}. Give one that holds a folder a class."
    )
    assert caught(FileNotFoundError, pets / "dog", 8) == (
        f"ImageFolder: there are no folders in {str(pets / 'dog')!r}. "
        "Make one for each class, and put its pictures there."
    )
    (pets / "bird").mkdir()
    assert caught(FileNotFoundError, pets, 8) == (
        f"ImageFolder: there are no pictures in {str(pets / 'bird')!r}. Put some there, or remove it; "
        "files that are read end in .bmp, .gif, .jpeg, .jpg, .png, .ppm, .tif, .tiff, .webp."
    )


def test_wrong_arguments(pets):
    assert caught(ValueError, pets, 0) == (
        "ImageFolder: size must be one or two whole numbers ≥ 1, got 0. Pass 32 or (32, 24)."
    )
    assert caught(TypeError, pets, 8, grey="L") == "ImageFolder: grey must be True or False, not 'L'."
