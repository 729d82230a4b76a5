// The reader's own picture in a small grid: reduced from a file, in the browser alone.

/** A picture file as height × width colours [red, green, blue] in 0..1: its middle, the mean of the pixels in each cell. */
export async function openPicture(file, height, width) {
  const picture = new Image();
  picture.src = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  await picture.decode();
  const fine = 16, canvas = document.createElement("canvas"); // so many pixels to a cell, each way
  Object.assign(canvas, { width: fine * width, height: fine * height });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const scale = Math.max(canvas.width / picture.naturalWidth, canvas.height / picture.naturalHeight);
  const w = scale * picture.naturalWidth, h = scale * picture.naturalHeight;
  pen.fillStyle = "#fff"; // paper, under what is transparent
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
  return Array.from({ length: height }, (_, i) => Array.from({ length: width }, (_, j) => {
    const block = pen.getImageData(fine * j, fine * i, fine, fine).data, sum = [0, 0, 0];
    block.forEach((v, k) => { if (k % 4 < 3) sum[k % 4] += v; });
    return sum.map((s) => s / (255 * fine * fine));
  }));
}

/** How bright a colour is, 0..1. */
export const brightness = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b;
