"""Writes every model under models/ again:

    python3 tools/export/export_all.py [--out DIRECTORY]

Needs PyTorch 1.13 and onnx 1.12 (Debian 12: apt install python3-torch python3-onnx).  Seeds are
fixed and one thread is used, so with those versions the files come out byte for byte the same.
"""

import argparse
import os

import torch

import bart
import bert
import bloom
import distilbert
import gemma
import gpt2
import gpt2_past
import llama
import llama_interleaved
import mixtral
import neox
import olmo2
import phi
import qwen
import roberta
import t5
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
ARCHITECTURES = (
    bert, gpt2, vit, vit_qkv,
    bart, bloom, distilbert, gemma, gpt2_past, llama, llama_interleaved, mixtral, neox, olmo2, phi,
    qwen, roberta, t5,
)
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
    for architecture in ARCHITECTURES:
        architecture.main(out_dir)
    for architecture in VISION:
        architecture.main(out_dir)


if __name__ == "__main__":
    main()
