"""cait-mini: a CaiT written the way timm writes it: LayerScale on every branch, talking-heads
attention over the patches, then class-attention layers in which only the class token asks."""

import torch
from torch import nn

from vision_common import export, images, randomise

IMAGE, PATCH, CHANNELS, CLASSES = 32, 8, 3, 10
HIDDEN, LAYERS, TOKEN_LAYERS, HEADS, FFN, EPS = 32, 2, 2, 4, 96, 1e-6


class PatchEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.num_patches = (IMAGE // PATCH) ** 2
        self.proj = nn.Conv2d(CHANNELS, HIDDEN, kernel_size=PATCH, stride=PATCH)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(HIDDEN, FFN)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(FFN, HIDDEN)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class ClassAttn(nn.Module):
    def __init__(self):
        super().__init__()
        self.num_heads = HEADS
        self.scale = (HIDDEN // HEADS) ** -0.5
        self.q = nn.Linear(HIDDEN, HIDDEN)
        self.k = nn.Linear(HIDDEN, HIDDEN)
        self.v = nn.Linear(HIDDEN, HIDDEN)
        self.proj = nn.Linear(HIDDEN, HIDDEN)

    def forward(self, x):
        B, N, C = x.shape
        q = self.q(x[:, 0]).unsqueeze(1)
        q = q.reshape(B, 1, self.num_heads, C // self.num_heads).permute(0, 2, 1, 3)
        k = self.k(x).reshape(B, N, self.num_heads, C // self.num_heads).permute(0, 2, 1, 3)
        q = q * self.scale
        v = self.v(x).reshape(B, N, self.num_heads, C // self.num_heads).permute(0, 2, 1, 3)
        attn = (q @ k.transpose(-2, -1))
        attn = attn.softmax(dim=-1)
        x_cls = (attn @ v).transpose(1, 2).reshape(B, 1, C)
        return self.proj(x_cls)


class LayerScaleBlockClassAttn(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.attn = ClassAttn()
        self.norm2 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.mlp = Mlp()
        self.gamma_1 = nn.Parameter(torch.ones(HIDDEN))
        self.gamma_2 = nn.Parameter(torch.ones(HIDDEN))

    def forward(self, x, x_cls):
        u = torch.cat((x_cls, x), dim=1)
        x_cls = x_cls + self.gamma_1 * self.attn(self.norm1(u))
        x_cls = x_cls + self.gamma_2 * self.mlp(self.norm2(x_cls))
        return x_cls


class TalkingHeadAttn(nn.Module):
    def __init__(self):
        super().__init__()
        self.num_heads = HEADS
        self.scale = (HIDDEN // HEADS) ** -0.5
        self.qkv = nn.Linear(HIDDEN, HIDDEN * 3)
        self.proj = nn.Linear(HIDDEN, HIDDEN)
        self.proj_l = nn.Linear(HEADS, HEADS)
        self.proj_w = nn.Linear(HEADS, HEADS)

    def forward(self, x):
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, C // self.num_heads)
        qkv = qkv.permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0] * self.scale, qkv[1], qkv[2]
        attn = (q @ k.transpose(-2, -1))
        attn = self.proj_l(attn.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        attn = attn.softmax(dim=-1)
        attn = self.proj_w(attn.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        x = (attn @ v).transpose(1, 2).reshape(B, N, C)
        return self.proj(x)


class LayerScaleBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.attn = TalkingHeadAttn()
        self.norm2 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.mlp = Mlp()
        self.gamma_1 = nn.Parameter(torch.ones(HIDDEN))
        self.gamma_2 = nn.Parameter(torch.ones(HIDDEN))

    def forward(self, x):
        x = x + self.gamma_1 * self.attn(self.norm1(x))
        x = x + self.gamma_2 * self.mlp(self.norm2(x))
        return x


class Cait(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, HIDDEN))
        self.pos_embed = nn.Parameter(torch.zeros(1, self.patch_embed.num_patches, HIDDEN))
        self.blocks = nn.Sequential(*[LayerScaleBlock() for _ in range(LAYERS)])
        self.blocks_token_only = nn.ModuleList(
            [LayerScaleBlockClassAttn() for _ in range(TOKEN_LAYERS)])
        self.norm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.head = nn.Linear(HIDDEN, CLASSES)

    def forward_features(self, x):
        x = self.patch_embed(x)
        x = x + self.pos_embed
        x = self.blocks(x)
        cls_tokens = self.cls_token.expand(x.shape[0], -1, -1)
        for blk in self.blocks_token_only:
            cls_tokens = blk(x, cls_tokens)
        x = torch.cat((cls_tokens, x), dim=1)
        return self.norm(x)

    def forward(self, x):
        x = self.forward_features(x)
        return self.head(x[:, 0])


def main(out_dir):
    export(
        randomise(Cait(), seed=32),
        "cait-mini",
        ["pixel_values"],
        ["logits"],
        out_dir,
        samples=images([2, 1, 5]),
        opsets={11: {}, 17: {"do_constant_folding": False}},
    )
