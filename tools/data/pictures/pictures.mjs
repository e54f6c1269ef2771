// Decodes a folder of pictures, with a folder for each class, to .npy files of bytes (height x width x channels).
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import sharp from "sharp";

const [source, target, channels, height, width] = process.argv.slice(2);
const gray = channels === "1";
const kinds = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff"];
const mostPixels = 2 ** 26;

sharp.cache(false);

const part = `${target}.part`;
const unfinished = () => rm(part, { recursive: true, force: true });
try {
  await unfinished();
  const count = await decodeAll();
  await rename(part, target);
  console.log(`${count} images in ${target}`);
} catch (error) {
  await unfinished();
  console.error(error.message);
  process.exitCode = 2;
}

async function decodeAll() {
  const folders = (await readdir(source, { withFileTypes: true })).filter((e) => e.isDirectory()).map((e) => e.name);
  let count = 0;
  for (const folder of folders) {
    const pictures = (await readdir(join(source, folder))).filter((n) => kinds.includes(extname(n).toLowerCase()));
    await mkdir(join(part, folder), { recursive: true });
    const taken = new Map();
    for (const picture of pictures) {
      const name = `${basename(picture, extname(picture))}.npy`;
      if (taken.has(name)) {
        throw new Error(`'${join(source, folder, picture)}' and '${taken.get(name)}' would both become '${name}': rename one of them`);
      }

      taken.set(name, picture);
      await writeFile(join(part, folder, name), await decode(join(source, folder, picture)));
      count++;
    }
  }

  if (count === 0) {
    throw new Error(`'${source}' holds no pictures: it needs a folder for each class, with files in it that end in ${kinds.join(", ")}`);
  }

  return count;
}

async function decode(path) {
  try {
    // Turned as a camera has noted, on black where it is transparent, the same channels for all.
    let image = sharp(path, { failOn: "error", limitInputPixels: mostPixels }).autoOrient().flatten().toColourspace(gray ? "b-w" : "srgb");
    if (height) {
      image = image.resize({ height: Number(height), width: Number(width), fit: "cover" });
    }

    const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    return Buffer.concat([header([info.height, info.width, info.channels]), data]);
  } catch (error) {
    throw new Error(`'${path}' cannot be decoded: ${error.message}`);
  }
}

function header(shape) {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = Buffer.alloc(length, " ");
  bytes.write("\x93NUMPY\x01\x00", 0, "latin1");
  bytes.writeUInt16LE(length - 10, 8);
  bytes.write(text, 10, "latin1");
  bytes.write("\n", length - 1);
  return bytes;
}
