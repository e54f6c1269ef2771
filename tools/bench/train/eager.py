"""Trains BERT, GPT-2 or ViT of about ten million parameters with PyTorch in eager mode, and leaves behind what another
trainer needs to do the same: the model as ONNX before the first step, the batches, the losses and the times."""
import argparse, json, math, os, resource, time
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, width, heads, causal, length, pre, gelu):
        super().__init__()
        self.heads, self.causal, self.pre, self.gelu = heads, causal, pre, gelu
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        if causal:
            self.register_buffer("mask", torch.tril(torch.ones(length, length, dtype=torch.bool)))

    def attend(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(-2, -1) / math.sqrt(c // self.heads)
        if self.causal:
            scores = scores.masked_fill(~self.mask[:n, :n], -1e4)
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, n, c))

    def feed(self, x):
        return self.down(F.gelu(self.up(x), approximate=self.gelu))

    def forward(self, x):
        if self.pre:
            x = x + self.attend(self.norm1(x))
            return x + self.feed(self.norm2(x))
        x = self.norm1(x + self.attend(x))
        return self.norm2(x + self.feed(x))


class Text(nn.Module):
    def __init__(self, width, layers, heads, vocabulary, length, causal):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        pre, gelu = (True, "tanh") if causal else (False, "none")
        self.blocks = nn.ModuleList(Block(width, heads, causal, length, pre, gelu) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.register_buffer("index", torch.arange(length))

    def forward(self, ids):
        x = self.tokens(ids) + self.positions(self.index[: ids.shape[1]])
        for block in self.blocks:
            x = block(x)
        return F.linear(self.norm(x), self.tokens.weight)


class Vision(nn.Module):
    def __init__(self, width, layers, heads, size, patch, classes):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.cls = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, 1 + (size // patch) ** 2, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads, False, 0, True, "none") for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, pixels):
        x = self.patches(pixels).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("model", choices=["bert", "gpt2", "vit"])
    p.add_argument("folder")
    p.add_argument("--steps", type=int, default=50)
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(a.threads)
    rng = np.random.default_rng(0)
    vocabulary, length = 8000, 128
    if a.model == "vit":
        model = Vision(288, 10, 6, 64, 8, 100)
        inputs = [rng.standard_normal((a.batch, 3, 64, 64)).astype(np.float32) for _ in range(a.steps)]
        labels = [rng.integers(0, 100, a.batch) for _ in range(a.steps)]
        name, shape = "pixel_values", {0: "batch"}
    else:
        model = Text(288, 8, 6, vocabulary, length, a.model == "gpt2")
        # A few sequences over and over: the loss moves, so that the curves have something to agree on.
        pool = rng.integers(0, vocabulary, (16 * a.batch, length))
        inputs = [pool[rng.integers(0, len(pool), a.batch)] for _ in range(a.steps)]
        if a.model == "gpt2":
            labels = [np.concatenate([x[:, 1:], np.full((a.batch, 1), -100)], 1) for x in inputs]
        else:
            labels = [np.where(rng.random(x.shape) < 0.15, x, -100) for x in inputs]
        name, shape = "input_ids", {0: "batch", 1: "sequence"}
    for m in model.modules():
        if isinstance(m, (nn.Linear, nn.Embedding)):
            nn.init.normal_(m.weight, std=0.02)
    count = sum(x.numel() for x in model.parameters())
    model.eval()
    torch.onnx.export(model, torch.from_numpy(inputs[0]), os.path.join(a.folder, "model.onnx"), input_names=[name],
                      output_names=["logits"], dynamic_axes={name: shape}, opset_version=17)
    for i, (x, y) in enumerate(zip(inputs, labels)):
        np.save(os.path.join(a.folder, f"x{i}.npy"), x if a.model == "vit" else x.astype(np.int64))
        np.save(os.path.join(a.folder, f"y{i}.npy"), y.astype(np.int64))
    decayed = [x for x in model.parameters() if x.dim() > 1 and sum(d > 1 for d in x.shape) > 1 and x.dim() != 3]
    others = [x for x in model.parameters() if not any(x is d for d in decayed)]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
                                  lr=0, betas=(0.9, 0.95), eps=1e-8)
    losses, seconds = [], []
    for i, (x, y) in enumerate(zip(inputs, labels)):
        # Warmed up, as any run is: without it float32 noise grows until no two trainers agree.
        for group in optimizer.param_groups:
            group["lr"] = 3e-4 * min(1, (i + 1) / 20)
        start = time.perf_counter()
        logits = model(torch.from_numpy(x))
        loss = F.cross_entropy(logits.flatten(0, -2), torch.from_numpy(y).flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    json.dump({"parameters": count, "losses": losses, "seconds": seconds, "peak_mb": peak, "torch": torch.__version__},
              open(os.path.join(a.folder, "eager.json"), "w"))


main()
