"""Writes every model under models/ again:

    python3 tools/export/export_all.py [--out DIRECTORY]

Needs PyTorch 1.13 and onnx 1.12 (Debian 12: apt install python3-torch python3-onnx).  Seeds are
fixed and one thread is used, so with those versions the files come out byte for byte the same.
"""

import argparse
import os

import torch

import bert
import gpt2
import vit
import vit_qkv

import beit
import bn_vit
import cait
import clip
import deit
import element_types
import hybrid
import swin
import swinv2
import vit_layerscale_gap
import vit_nchw
import whisper_encoder

HERE = os.path.dirname(os.path.abspath(__file__))
VISION = (
    deit, cait, swin, swinv2, clip, whisper_encoder, bn_vit, hybrid, vit_layerscale_gap, beit,
    vit_nchw, element_types,
)


def main():
    parser = argparse.ArgumentParser(description="Exports the sample models.")
    parser.add_argument("--out", default=os.path.join(HERE, "..", "..", "models"))
    out_dir = parser.parse_args().out
    os.makedirs(out_dir, exist_ok=True)
    torch.set_num_threads(1)
    for architecture in (bert, gpt2, vit, vit_qkv):
        architecture.main(out_dir)
    for architecture in VISION:
        architecture.main(out_dir)


if __name__ == "__main__":
    main()
