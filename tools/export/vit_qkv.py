"""vit-mini-qkv: a Pre-LN vision transformer written the way timm writes VisionTransformer,
with one fused projection for query, key and value."""

import torch
from torch import nn

from common import export, randomise
from vit import CHANNELS, CLASSES, EPS, FFN, HEADS, HIDDEN, IMAGE, LAYERS, PATCH, sample


class PatchEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.num_patches = (IMAGE // PATCH) ** 2
        self.proj = nn.Conv2d(CHANNELS, HIDDEN, kernel_size=PATCH, stride=PATCH)

    def forward(self, x):
        x = self.proj(x)
        return x.flatten(2).transpose(1, 2)  # BCHW -> BNC


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.num_heads = HEADS
        self.scale = (HIDDEN // HEADS) ** -0.5
        self.qkv = nn.Linear(HIDDEN, HIDDEN * 3)
        self.proj = nn.Linear(HIDDEN, HIDDEN)

    def forward(self, x):
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, C // self.num_heads)
        qkv = qkv.permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        attn = (q @ k.transpose(-2, -1)) * self.scale
        attn = attn.softmax(dim=-1)
        x = (attn @ v).transpose(1, 2).reshape(B, N, C)
        return self.proj(x)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(HIDDEN, FFN)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(FFN, HIDDEN)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.attn = Attention()
        self.norm2 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.mlp = Mlp()

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        return x


class VisionTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, HIDDEN))
        self.pos_embed = nn.Parameter(torch.zeros(1, self.patch_embed.num_patches + 1, HIDDEN))
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.head = nn.Linear(HIDDEN, CLASSES)

    def forward_features(self, x):
        x = self.patch_embed(x)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        x = x + self.pos_embed
        x = self.blocks(x)
        return self.norm(x)

    def forward(self, x):
        x = self.forward_features(x)
        return self.head(x[:, 0])


def main(out_dir):
    export(
        randomise(VisionTransformer(), seed=4),
        "vit-mini-qkv",
        ["pixel_values"],
        ["logits"],
        out_dir,
        dynamic_axes={"pixel_values": {0: "batch"}, "logits": {0: "batch"}},
        samples=[sample(2), sample(1), sample(5)],
    )
