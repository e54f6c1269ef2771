"""hybrid-mini: a small residual CNN whose feature map, projected by a 1x1 convolution, goes
through transformer blocks and back to a map for global pooling, in the manner of BoTNet."""

import torch
from torch import nn

from vision_common import export, images, randomise

CHANNELS, CLASSES, STEM, HIDDEN, LAYERS, HEADS, FFN, EPS = 3, 10, 20, 48, 2, 3, 96, 1e-6
GRID = 8


class BasicBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out = out + identity
        return self.relu(out)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.num_heads = HEADS
        self.scale = (HIDDEN // HEADS) ** -0.5
        self.q = nn.Linear(HIDDEN, HIDDEN)
        self.kv = nn.Linear(HIDDEN, HIDDEN * 2)
        self.proj = nn.Linear(HIDDEN, HIDDEN)

    def forward(self, x):
        B, N, C = x.shape
        q = self.q(x).reshape(B, N, self.num_heads, C // self.num_heads).permute(0, 2, 1, 3)
        kv = self.kv(x).reshape(B, -1, 2, self.num_heads, C // self.num_heads)
        kv = kv.permute(2, 0, 3, 1, 4)
        k, v = kv[0], kv[1]
        attn = (q @ k.transpose(-2, -1)) * self.scale
        attn = attn.softmax(dim=-1)
        x = (attn @ v).transpose(1, 2).reshape(B, N, C)
        return self.proj(x)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.attn = Attention()
        self.norm2 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.mlp = nn.Sequential(nn.Linear(HIDDEN, FFN), nn.GELU(), nn.Linear(FFN, HIDDEN))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Hybrid(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(CHANNELS, STEM, kernel_size=3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(STEM)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = nn.Sequential(BasicBlock(STEM), BasicBlock(STEM))
        self.proj = nn.Conv2d(STEM, HIDDEN, kernel_size=1)
        self.pos_embed = nn.Parameter(torch.zeros(1, GRID * GRID, HIDDEN))
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer1(x)
        x = self.proj(x)
        B, C, H, W = x.shape
        x = x.flatten(2).transpose(1, 2)
        x = x + self.pos_embed
        x = self.norm(self.blocks(x))
        x = x.transpose(1, 2).reshape(B, C, H, W)
        x = torch.flatten(self.avgpool(x), 1)
        return self.fc(x)


def main(out_dir):
    export(
        randomise(Hybrid(), seed=38),
        "hybrid-mini",
        ["pixel_values"],
        ["logits"],
        out_dir,
        samples=images([2, 1, 5]),
        opsets={  # the exporter joins convolutions and norms when it may: op9 joined, op17 not
            9: {"training": torch.onnx.TrainingMode.EVAL},
            17: {"training": torch.onnx.TrainingMode.PRESERVE},
        },
    )
