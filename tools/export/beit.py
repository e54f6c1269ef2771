"""beit-mini: a BEiT written the way timm writes it: a relative position bias per layer, bias for
query and value but none for the key, LayerScale as bare parameters, mean pooling."""

import torch
import torch.nn.functional as F
from torch import nn

from vision_common import export, images, randomise

IMAGE, PATCH, CHANNELS, CLASSES = 32, 8, 3, 10
HIDDEN, LAYERS, HEADS, FFN, EPS = 48, 2, 4, 144, 1e-6


def gen_relative_position_index(window_size):
    num_relative_distance = (2 * window_size - 1) ** 2 + 3
    area = window_size * window_size
    coords = torch.arange(window_size)
    coords = torch.stack(torch.meshgrid([coords, coords], indexing="ij")).flatten(1)
    relative_coords = (coords[:, :, None] - coords[:, None, :]).permute(1, 2, 0).contiguous()
    relative_coords = relative_coords + (window_size - 1)
    relative_coords[:, :, 0] *= 2 * window_size - 1
    index = torch.zeros(size=(area + 1,) * 2, dtype=relative_coords.dtype)
    index[1:, 1:] = relative_coords.sum(-1)
    index[0, 0:] = num_relative_distance - 3
    index[0:, 0] = num_relative_distance - 2
    index[0, 0] = num_relative_distance - 1
    return index


class PatchEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(CHANNELS, HIDDEN, kernel_size=PATCH, stride=PATCH)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Attention(nn.Module):
    def __init__(self, window_size):
        super().__init__()
        self.num_heads = HEADS
        self.scale = (HIDDEN // HEADS) ** -0.5
        self.qkv = nn.Linear(HIDDEN, HIDDEN * 3, bias=False)
        self.q_bias = nn.Parameter(torch.zeros(HIDDEN))
        self.v_bias = nn.Parameter(torch.zeros(HIDDEN))
        self.window_size = window_size
        self.relative_position_bias_table = nn.Parameter(
            torch.zeros((2 * window_size - 1) ** 2 + 3, HEADS))
        self.register_buffer(
            "relative_position_index", gen_relative_position_index(window_size))
        self.proj = nn.Linear(HIDDEN, HIDDEN)

    def _get_rel_pos_bias(self):
        relative_position_bias = self.relative_position_bias_table[
            self.relative_position_index.view(-1)].view(
                self.window_size * self.window_size + 1,
                self.window_size * self.window_size + 1, -1)
        relative_position_bias = relative_position_bias.permute(2, 0, 1).contiguous()
        return relative_position_bias.unsqueeze(0)

    def forward(self, x):
        B, N, C = x.shape
        qkv_bias = torch.cat(
            (self.q_bias, torch.zeros_like(self.v_bias, requires_grad=False), self.v_bias))
        qkv = F.linear(input=x, weight=self.qkv.weight, bias=qkv_bias)
        qkv = qkv.reshape(B, N, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        q = q * self.scale
        attn = (q @ k.transpose(-2, -1))
        attn = attn + self._get_rel_pos_bias()
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
    def __init__(self, window_size):
        super().__init__()
        self.norm1 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.attn = Attention(window_size)
        self.norm2 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.mlp = Mlp()
        self.gamma_1 = nn.Parameter(torch.ones(HIDDEN))
        self.gamma_2 = nn.Parameter(torch.ones(HIDDEN))

    def forward(self, x):
        x = x + self.gamma_1 * self.attn(self.norm1(x))
        x = x + self.gamma_2 * self.mlp(self.norm2(x))
        return x


class Beit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, HIDDEN))
        self.blocks = nn.ModuleList([Block(IMAGE // PATCH) for _ in range(LAYERS)])
        self.fc_norm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.head = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        x = self.patch_embed(x)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        for blk in self.blocks:
            x = blk(x)
        x = x[:, 1:].mean(dim=1)
        x = self.fc_norm(x)
        return self.head(x)


def main(out_dir):
    export(
        randomise(Beit(), seed=40),
        "beit-mini",
        ["pixel_values"],
        ["logits"],
        out_dir,
        samples=images([2, 1, 5]),
        opsets={13: {}, 17: {"do_constant_folding": False}},
    )
