"""bn-vit-mini: a vision transformer with BatchNorm1d over the channels where others have
LayerNorm; in evaluation mode every norm is an affine map with fixed statistics."""

import torch
from torch import nn

from vision_common import export, images, randomise

IMAGE, PATCH, CHANNELS, CLASSES = 32, 8, 3, 10
HIDDEN, LAYERS, HEADS, FFN = 48, 2, 3, 144


class BatchNorm(nn.Module):
    """BatchNorm1d wants the channels on axis 1: [B, N, C] -> [B, C, N] and back."""

    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm1d(HIDDEN)

    def forward(self, x):
        return self.bn(x.transpose(1, 2)).transpose(1, 2)


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
        self.scale = (HIDDEN // HEADS) ** -0.5
        self.qkv = nn.Linear(HIDDEN, HIDDEN * 3)
        self.proj = nn.Linear(HIDDEN, HIDDEN)

    def forward(self, x):
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, C // self.num_heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
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
        self.norm1 = BatchNorm()
        self.attn = Attention()
        self.norm2 = BatchNorm()
        self.mlp = Mlp()

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class BatchNormVisionTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, HIDDEN))
        self.pos_embed = nn.Parameter(torch.zeros(1, self.patch_embed.num_patches + 1, HIDDEN))
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm = BatchNorm()
        self.head = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        x = self.patch_embed(x)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        x = x + self.pos_embed
        x = self.norm(self.blocks(x))
        return self.head(x[:, 0])


def main(out_dir):
    export(
        randomise(BatchNormVisionTransformer(), seed=37),
        "bn-vit-mini",
        ["pixel_values"],
        ["logits"],
        out_dir,
        samples=images([2, 1, 5]),
        opsets={
            11: {"training": torch.onnx.TrainingMode.EVAL},
            17: {"training": torch.onnx.TrainingMode.PRESERVE},
        },
    )
