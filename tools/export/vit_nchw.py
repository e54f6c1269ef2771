"""vit-nchw-conv-attn-mini: a transformer on NCHW maps in the manner of MaxViT's and CoAtNet's
Attention2d: 1x1 convolutions for every projection, LayerNorm over axis 1, channels first all the
way through."""

import torch
from torch import nn

from vision_common import export, images, randomise

IMAGE, PATCH, CHANNELS, CLASSES = 32, 4, 3, 10
HIDDEN, LAYERS, HEADS, FFN, EPS = 48, 2, 3, 144, 1e-6


class LayerNorm2d(nn.Module):
    """ConvNeXt's LayerNorm with data_format channels_first."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.eps = EPS

    def forward(self, x):
        u = x.mean(1, keepdim=True)
        s = (x - u).pow(2).mean(1, keepdim=True)
        x = (x - u) / torch.sqrt(s + self.eps)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


class Attention2d(nn.Module):
    def __init__(self):
        super().__init__()
        self.num_heads = HEADS
        self.dim_head = HIDDEN // HEADS
        self.scale = self.dim_head ** -0.5
        self.qkv = nn.Conv2d(HIDDEN, HIDDEN * 3, 1)
        self.proj = nn.Conv2d(HIDDEN, HIDDEN, 1)

    def forward(self, x):
        B, C, H, W = x.shape
        q, k, v = self.qkv(x).view(B, self.num_heads, self.dim_head * 3, -1).chunk(3, dim=2)
        attn = (q.transpose(-2, -1) @ k) * self.scale
        attn = attn.softmax(dim=-1)
        x = (v @ attn.transpose(-2, -1)).view(B, -1, H, W)
        return self.proj(x)


class ConvMlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Conv2d(HIDDEN, FFN, kernel_size=1)
        self.act = nn.GELU()
        self.fc2 = nn.Conv2d(FFN, HIDDEN, kernel_size=1)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = LayerNorm2d(HIDDEN)
        self.attn = Attention2d()
        self.norm2 = LayerNorm2d(HIDDEN)
        self.mlp = ConvMlp()

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class NchwTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(CHANNELS, HIDDEN, kernel_size=PATCH, stride=PATCH)
        self.pos_embed = nn.Parameter(torch.zeros(1, HIDDEN, IMAGE // PATCH, IMAGE // PATCH))
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm = LayerNorm2d(HIDDEN)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        x = self.stem(x) + self.pos_embed
        x = self.norm(self.blocks(x))
        return self.head(self.pool(x).flatten(1))


def main(out_dir):
    export(
        randomise(NchwTransformer(), seed=41),
        "vit-nchw-conv-attn-mini",
        ["pixel_values"],
        ["logits"],
        out_dir,
        samples=images([2, 1, 5]),
        opsets={11: {"do_constant_folding": False}, 17: {}},
    )
