"""swinv2-mini: Swin v2's changes on top of swin.py's windows: norms after the branches, cosine
attention with a scale per head, and a position bias computed by a small network."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from swin import Mlp, window_partition, window_reverse
from vision_common import export, images, randomise

IMAGE, PATCH, CHANNELS, CLASSES = 32, 4, 3, 10
DIM, DEPTHS, HEADS, WINDOW, MLP_RATIO, CPB = 16, (2, 1), (2, 4), 4, 2, 32


class WindowAttention(nn.Module):
    def __init__(self, dim, window_size, num_heads):
        super().__init__()
        self.window_size = window_size
        self.num_heads = num_heads
        self.logit_scale = nn.Parameter(torch.log(10 * torch.ones((num_heads, 1, 1))))
        self.cpb_mlp = nn.Sequential(
            nn.Linear(2, CPB, bias=True),
            nn.ReLU(inplace=True),
            nn.Linear(CPB, num_heads, bias=False),
        )
        offsets = torch.arange(-(window_size - 1), window_size, dtype=torch.float32)
        table = torch.stack(torch.meshgrid([offsets, offsets], indexing="ij"))
        table = table.permute(1, 2, 0).contiguous().unsqueeze(0) / (window_size - 1)
        table = table * 8
        table = torch.sign(table) * torch.log2(torch.abs(table) + 1.0) / math.log2(8)
        self.register_buffer("relative_coords_table", table)
        coords = torch.arange(window_size)
        coords = torch.stack(torch.meshgrid([coords, coords], indexing="ij")).flatten(1)
        relative_coords = (coords[:, :, None] - coords[:, None, :]).permute(1, 2, 0).contiguous()
        relative_coords = relative_coords + (window_size - 1)
        relative_coords[:, :, 0] *= 2 * window_size - 1
        self.register_buffer("relative_position_index", relative_coords.sum(-1))
        self.qkv = nn.Linear(dim, dim * 3, bias=False)
        self.q_bias = nn.Parameter(torch.zeros(dim))
        self.v_bias = nn.Parameter(torch.zeros(dim))
        self.proj = nn.Linear(dim, dim)
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x, mask=None):
        B_, N, C = x.shape
        qkv_bias = torch.cat(
            (self.q_bias, torch.zeros_like(self.v_bias, requires_grad=False), self.v_bias))
        qkv = F.linear(input=x, weight=self.qkv.weight, bias=qkv_bias)
        qkv = qkv.reshape(B_, N, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        attn = (F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1))
        logit_scale = torch.clamp(self.logit_scale, max=math.log(1.0 / 0.01)).exp()
        attn = attn * logit_scale
        relative_position_bias_table = self.cpb_mlp(
            self.relative_coords_table).view(-1, self.num_heads)
        relative_position_bias = relative_position_bias_table[
            self.relative_position_index.view(-1)].view(
                self.window_size * self.window_size, self.window_size * self.window_size, -1)
        relative_position_bias = relative_position_bias.permute(2, 0, 1).contiguous()
        relative_position_bias = 16 * torch.sigmoid(relative_position_bias)
        attn = attn + relative_position_bias.unsqueeze(0)
        if mask is not None:
            nW = mask.shape[0]
            attn = attn.view(-1, nW, self.num_heads, N, N) + mask.unsqueeze(1).unsqueeze(0)
            attn = attn.view(-1, self.num_heads, N, N)
        attn = self.softmax(attn)
        x = (attn @ v).transpose(1, 2).reshape(B_, N, C)
        return self.proj(x)


class SwinTransformerV2Block(nn.Module):
    def __init__(self, dim, resolution, num_heads, shift_size):
        super().__init__()
        self.input_resolution = resolution
        self.window_size = WINDOW
        self.shift_size = shift_size
        self.attn = WindowAttention(dim, WINDOW, num_heads)
        self.norm1 = nn.LayerNorm(dim)
        self.mlp = Mlp(dim, dim * MLP_RATIO)
        self.norm2 = nn.LayerNorm(dim)
        self.register_buffer("attn_mask", self.make_mask() if shift_size > 0 else None)

    def make_mask(self):
        H, W = self.input_resolution
        img_mask = torch.zeros((1, H, W, 1))
        spans = (slice(0, -WINDOW), slice(-WINDOW, -self.shift_size), slice(-self.shift_size, None))
        cnt = 0
        for h in spans:
            for w in spans:
                img_mask[:, h, w, :] = cnt
                cnt += 1
        mask_windows = window_partition(img_mask, WINDOW).view(-1, WINDOW * WINDOW)
        attn_mask = mask_windows.unsqueeze(1) - mask_windows.unsqueeze(2)
        attn_mask = attn_mask.masked_fill(attn_mask != 0, float(-100.0))
        return attn_mask.masked_fill(attn_mask == 0, float(0.0))

    def _attn(self, x):
        H, W = self.input_resolution
        B, L, C = x.shape
        x = x.view(B, H, W, C)
        if self.shift_size > 0:
            x = torch.roll(x, shifts=(-self.shift_size, -self.shift_size), dims=(1, 2))
        x_windows = window_partition(x, self.window_size)
        x_windows = x_windows.view(-1, self.window_size * self.window_size, C)
        attn_windows = self.attn(x_windows, mask=self.attn_mask)
        attn_windows = attn_windows.view(-1, self.window_size, self.window_size, C)
        x = window_reverse(attn_windows, self.window_size, H, W)
        if self.shift_size > 0:
            x = torch.roll(x, shifts=(self.shift_size, self.shift_size), dims=(1, 2))
        return x.view(B, L, C)

    def forward(self, x):
        x = x + self.norm1(self._attn(x))
        x = x + self.norm2(self.mlp(x))
        return x


class PatchMerging(nn.Module):
    def __init__(self, resolution, dim):
        super().__init__()
        self.input_resolution = resolution
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.norm = nn.LayerNorm(2 * dim)

    def forward(self, x):
        H, W = self.input_resolution
        B, L, C = x.shape
        x = x.view(B, H, W, C)
        x0 = x[:, 0::2, 0::2, :]
        x1 = x[:, 1::2, 0::2, :]
        x2 = x[:, 0::2, 1::2, :]
        x3 = x[:, 1::2, 1::2, :]
        x = torch.cat([x0, x1, x2, x3], -1)
        x = x.view(B, -1, 4 * C)
        return self.norm(self.reduction(x))


class BasicLayer(nn.Module):
    def __init__(self, dim, resolution, depth, num_heads, downsample):
        super().__init__()
        shifted = range(1, depth, 2) if min(resolution) > WINDOW else ()  # else one window is all
        self.blocks = nn.ModuleList([
            SwinTransformerV2Block(dim, resolution, num_heads, WINDOW // 2 if i in shifted else 0)
            for i in range(depth)])
        self.downsample = PatchMerging(resolution, dim) if downsample else nn.Identity()

    def forward(self, x):
        for blk in self.blocks:
            x = blk(x)
        return self.downsample(x)


class PatchEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(CHANNELS, DIM, kernel_size=PATCH, stride=PATCH)
        self.norm = nn.LayerNorm(DIM)

    def forward(self, x):
        return self.norm(self.proj(x).flatten(2).transpose(1, 2))


class SwinTransformerV2(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        grid = IMAGE // PATCH
        self.layers = nn.ModuleList([
            BasicLayer(DIM * 2 ** i, (grid // 2 ** i,) * 2, depth, HEADS[i], i < len(DEPTHS) - 1)
            for i, depth in enumerate(DEPTHS)])
        features = DIM * 2 ** (len(DEPTHS) - 1)
        self.norm = nn.LayerNorm(features)
        self.head = nn.Linear(features, CLASSES)

    def forward(self, x):
        x = self.patch_embed(x)
        for layer in self.layers:
            x = layer(x)
        x = self.norm(x)
        return self.head(x.mean(dim=1))


def main(out_dir):
    export(
        randomise(SwinTransformerV2(), seed=34),
        "swinv2-mini",
        ["pixel_values"],
        ["logits"],
        out_dir,
        samples=images([2, 1, 5]),
        opsets={13: {}, 17: {"do_constant_folding": False}},
    )
