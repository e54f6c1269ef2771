"""vit-layerscale-gap-mini: a vision transformer in the manner of DINOv2 with registers, as timm
writes it: LayerScale modules, register tokens, mean pooling over the patches, and fc_norm."""

import torch
from torch import nn

from vision_common import export, images, randomise

IMAGE, PATCH, CHANNELS, CLASSES, REGISTERS = 32, 8, 3, 10, 4
HIDDEN, LAYERS, HEADS, FFN, EPS = 48, 2, 3, 144, 1e-6


class PatchEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.num_patches = (IMAGE // PATCH) ** 2
        self.proj = nn.Conv2d(CHANNELS, HIDDEN, kernel_size=PATCH, stride=PATCH)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.num_heads = HEADS
        self.head_dim = HIDDEN // HEADS
        self.scale = self.head_dim ** -0.5
        self.qkv = nn.Linear(HIDDEN, HIDDEN * 3)
        self.proj = nn.Linear(HIDDEN, HIDDEN)

    def forward(self, x):
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, self.head_dim).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        q = q * self.scale
        attn = q @ k.transpose(-2, -1)
        attn = attn.softmax(dim=-1)
        x = attn @ v
        x = x.transpose(1, 2).reshape(B, N, C)
        return self.proj(x)


class LayerScale(nn.Module):
    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(HIDDEN))

    def forward(self, x):
        return x * self.gamma


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
        self.ls1 = LayerScale()
        self.norm2 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.mlp = Mlp()
        self.ls2 = LayerScale()

    def forward(self, x):
        x = x + self.ls1(self.attn(self.norm1(x)))
        x = x + self.ls2(self.mlp(self.norm2(x)))
        return x


class VisionTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, HIDDEN))
        self.reg_token = nn.Parameter(torch.zeros(1, REGISTERS, HIDDEN))
        self.num_prefix_tokens = 1 + REGISTERS
        self.pos_embed = nn.Parameter(torch.zeros(1, self.patch_embed.num_patches, HIDDEN))
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm = nn.Identity()
        self.fc_norm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.head = nn.Linear(HIDDEN, CLASSES)

    def _pos_embed(self, x):
        to_cat = [
            self.cls_token.expand(x.shape[0], -1, -1),
            self.reg_token.expand(x.shape[0], -1, -1),
        ]
        x = x + self.pos_embed
        return torch.cat(to_cat + [x], dim=1)

    def forward(self, x):
        x = self._pos_embed(self.patch_embed(x))
        x = self.norm(self.blocks(x))
        x = x[:, self.num_prefix_tokens:].mean(dim=1)
        return self.head(self.fc_norm(x))


def main(out_dir):
    export(
        randomise(VisionTransformer(), seed=39),
        "vit-layerscale-gap-mini",
        ["pixel_values"],
        ["logits"],
        out_dir,
        samples=images([2, 1, 5]),
        opsets={14: {"do_constant_folding": False}, 17: {}},
    )
