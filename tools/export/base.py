"""The base models before training: a GPT, a BERT and a ViT, small and with the usual initial weights.

    python3 tools/export/base.py gpt bert vit [--out DIRECTORY] [--hidden 96] [--layers 4] [--heads 3] [--seed 0]
                                 [--vocabulary 4096] [--patch 4]

Needs PyTorch 1.13 and onnx 1.12.  The graphs are those of gpt2.py, bert.py and vit.py; the weights are drawn as GPT-2 and ViT
draw theirs: normal with a deviation of 0.02, biases zero, gains one, and in GPT-2 what writes into the residual stream
smaller by the root of twice the layers; BERT's as initialise_bert says.  bert-pre has its norms before attention and FFN, as the BERT of LEMON's experiments.
"""

import argparse
import math
import os
import warnings

import onnx
import torch
from torch import nn

import bert
import gpt2
import vit
from common import Conv1D, compare

HERE = os.path.dirname(os.path.abspath(__file__))
SPECIALS = 4       # [CLS], [SEP], [MASK] and [PAD] behind the vocabulary, in BERT's recipe
SEQUENCE = 128


class BertForMaskedLM(bert.BertForPreTraining):
    """Without the pooler and the head for the next sentence: only the masked tokens have labels."""

    def __init__(self):
        super().__init__()
        del self.cls.seq_relationship
        self.bert.pooler = nn.Identity()

    def forward(self, input_ids, attention_mask, token_type_ids):
        sequence_output, _ = self.bert(input_ids, attention_mask, token_type_ids)
        return self.cls.predictions(sequence_output)


class PreLayer(nn.Module):
    """BertLayer with its norms where GPT-2 has them."""

    def __init__(self):
        super().__init__()
        self.attention = bert.BertSelfAttention()
        self.output = nn.Linear(bert.HIDDEN, bert.HIDDEN)
        self.intermediate = bert.BertIntermediate()
        self.dense = nn.Linear(bert.FFN, bert.HIDDEN)
        self.layernorm_before = nn.LayerNorm(bert.HIDDEN, eps=bert.EPS)
        self.layernorm_after = nn.LayerNorm(bert.HIDDEN, eps=bert.EPS)

    def forward(self, hidden_states, attention_mask):
        hidden_states = hidden_states + self.output(self.attention(self.layernorm_before(hidden_states), attention_mask))
        return hidden_states + self.dense(self.intermediate(self.layernorm_after(hidden_states)))


class PreBertForMaskedLM(BertForMaskedLM):
    """A final norm takes the place of the head's transform, whose GELU would allow whole multiples of the width only."""

    def __init__(self):
        super().__init__()
        self.bert.encoder.layer = nn.ModuleList([PreLayer() for _ in range(bert.LAYERS)])
        self.bert.embeddings.LayerNorm = nn.Identity()
        self.cls.predictions.transform = nn.LayerNorm(bert.HIDDEN, eps=bert.EPS)


@torch.no_grad()
def initialise(model, seed, residual=()):
    torch.manual_seed(seed)
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d, nn.Embedding, Conv1D)):
            std = 0.02 / math.sqrt(2 * gpt2.LAYERS) if name.endswith(residual) and residual else 0.02
            nn.init.normal_(module.weight, std=std)
            if getattr(module, "bias", None) is not None:
                nn.init.zeros_(module.bias)
    for name, parameter in model.named_parameters():
        if name.endswith(("cls_token", "position_embeddings")):  # ViT's, which belong to no layer
            nn.init.normal_(parameter, std=0.02)
    return model.eval()


@torch.no_grad()
def initialise_bert(model, seed):
    """Attention that begins nearly uniform keeps a small masked-language model at the frequencies of its tokens for very long:
    so matrices begin at one over the root of what they sum over, and positions at sines and cosines, and both are trained."""
    initialise(model, seed)
    for name, parameter in model.named_parameters():
        if name.endswith("position_embeddings.weight"):
            length, width = parameter.shape
            turns = 100.0 ** (-torch.arange(width // 2) / (width // 2))
            angles = torch.arange(length)[:, None] * turns
            parameter.copy_(0.3 * torch.cat([torch.sin(angles), torch.cos(angles)], 1))
        elif "embeddings" in name and parameter.ndim == 2:
            nn.init.normal_(parameter, std=0.3 if "word" in name else 0.02)
        elif parameter.ndim == 2:
            nn.init.normal_(parameter, std=1 / math.sqrt(parameter.shape[1]))
    return model


def gpt_model(seed):
    tokens = {0: "batch", 1: "sequence"}
    model = initialise(gpt2.GPT2LMHeadModel(), seed, residual=("c_proj",))
    return model, ["input_ids"], {"input_ids": tokens, "logits": tokens}, [gpt2.sample(2, 8), gpt2.sample(3, SEQUENCE)], False


def bert_model(seed, kind=BertForMaskedLM):
    tokens = {0: "batch", 1: "sequence"}
    inputs = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {**{name: tokens for name in inputs}, "logits": tokens}
    return initialise_bert(kind(), seed), inputs, axes, [bert.sample(2, 8), bert.sample(3, SEQUENCE)], False


def vit_model(seed):
    axes = {"pixel_values": {0: "batch"}, "logits": {0: "batch"}}
    return initialise(vit.ViTForImageClassification(), seed), ["pixel_values"], axes, [vit.sample(2), vit.sample(5)], True


def main():
    parser = argparse.ArgumentParser(description="Exports the base models before training.")
    parser.add_argument("models", nargs="+", choices=["gpt", "bert", "bert-pre", "vit"])
    parser.add_argument("--out", default=".")
    parser.add_argument("--hidden", type=int, default=96)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=3)
    parser.add_argument("--vocabulary", type=int, default=4096, help="tokens, as of tools/data train-bpe")
    parser.add_argument("--patch", type=int, default=4, help="side of ViT's patches of an image of 28 x 28")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", help="the file's name without .onnx, for one model")
    a = parser.parse_args()
    os.makedirs(a.out, exist_ok=True)
    torch.set_num_threads(1)
    for module in (gpt2, bert, vit):
        module.HIDDEN, module.LAYERS, module.HEADS, module.FFN = a.hidden, a.layers, a.heads, 4 * a.hidden
    gpt2.VOCAB, gpt2.POSITIONS = a.vocabulary, SEQUENCE
    bert.VOCAB, bert.POSITIONS = a.vocabulary + SPECIALS, SEQUENCE
    vit.IMAGE, vit.PATCH, vit.CHANNELS, vit.CLASSES = 28, a.patch, 1, 10

    makers = {
        "gpt": gpt_model, "bert": bert_model, "vit": vit_model,
        "bert-pre": lambda seed: bert_model(seed, PreBertForMaskedLM),
    }
    for name in a.models:
        model, inputs, axes, samples, folding = makers[name](a.seed)
        path = os.path.join(a.out, f"{a.name or name}.onnx")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(model, samples[0], path, input_names=inputs, output_names=["logits"], dynamic_axes=axes,
                              opset_version=17, do_constant_folding=folding)
        onnx.checker.check_model(onnx.load(path), full_check=True)
        worst, _ = compare(path, model, inputs, ["logits"], samples)
        print(f"{path}: {os.path.getsize(path)} bytes, {sum(p.numel() for p in model.parameters())} parameters, "
              f"max difference {worst:.1e}")


if __name__ == "__main__":
    main()
