"""gpt2-past-mini: GPT-2 with a key/value cache, in two forms.

gpt2-past-mini-op10 is written the way the first Hugging Face versions were: one past and one
present tensor per layer, [2, batch, heads, past, head_dim], keys transposed as they are split.
gpt2-past-mini-op17 has separate keys and values, and an attention mask over past and present.
"""

import math

import torch
from torch import nn

from common import Conv1D, export, randomise

VOCAB, POSITIONS, HIDDEN, LAYERS, HEADS, FFN, EPS = 100, 48, 48, 2, 3, 96, 1e-5
HEAD_DIM = HIDDEN // HEADS


def gelu_new(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * torch.pow(x, 3))))


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_fc = Conv1D(FFN, HIDDEN)
        self.c_proj = Conv1D(HIDDEN, FFN)

    def forward(self, x):
        return self.c_proj(gelu_new(self.c_fc(x)))


class StackedAttention(nn.Module):
    def __init__(self):
        super().__init__()
        mask = torch.tril(torch.ones((POSITIONS, POSITIONS), dtype=torch.uint8))
        self.register_buffer("bias", mask.view(1, 1, POSITIONS, POSITIONS))
        self.register_buffer("masked_bias", torch.tensor(-1e4))
        self.c_attn = Conv1D(HIDDEN * 3, HIDDEN)
        self.c_proj = Conv1D(HIDDEN, HIDDEN)

    def _attn(self, q, k, v):
        w = torch.matmul(q, k)
        w = w / (float(v.size(-1)) ** 0.5)
        nd, ns = w.size(-2), w.size(-1)
        mask = self.bias[:, :, ns - nd : ns, :ns]
        w = torch.where(mask.bool(), w, self.masked_bias.to(w.dtype))
        w = nn.Softmax(dim=-1)(w)
        return torch.matmul(w, v)

    def merge_heads(self, x):
        x = x.permute(0, 2, 1, 3).contiguous()
        new_x_shape = x.size()[:-2] + (x.size(-2) * x.size(-1),)
        return x.view(*new_x_shape)

    def split_heads(self, x, k=False):
        new_x_shape = x.size()[:-1] + (HEADS, x.size(-1) // HEADS)
        x = x.view(*new_x_shape)
        if k:
            return x.permute(0, 2, 3, 1)
        return x.permute(0, 2, 1, 3)

    def forward(self, x, layer_past, attention_mask=None):
        x = self.c_attn(x)
        query, key, value = x.split(HIDDEN, dim=2)
        query = self.split_heads(query)
        key = self.split_heads(key, k=True)
        value = self.split_heads(value)
        past_key, past_value = layer_past[0].transpose(-2, -1), layer_past[1]
        key = torch.cat((past_key, key), dim=-1)
        value = torch.cat((past_value, value), dim=-2)
        present = torch.stack((key.transpose(-2, -1), value))
        a = self.merge_heads(self._attn(query, key, value))
        return self.c_proj(a), present


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        mask = torch.tril(torch.ones((POSITIONS, POSITIONS), dtype=torch.bool))
        self.register_buffer("bias", mask.view(1, 1, POSITIONS, POSITIONS), persistent=False)
        self.c_attn = Conv1D(HIDDEN * 3, HIDDEN)
        self.c_proj = Conv1D(HIDDEN, HIDDEN)

    def _split_heads(self, tensor):
        return tensor.view(tensor.size()[:-1] + (HEADS, HEAD_DIM)).permute(0, 2, 1, 3)

    def forward(self, hidden_states, layer_past, attention_mask):
        query, key, value = self.c_attn(hidden_states).split(HIDDEN, dim=2)
        query, key, value = (self._split_heads(t) for t in (query, key, value))
        past_key, past_value = layer_past
        key = torch.cat((past_key, key), dim=-2)
        value = torch.cat((past_value, value), dim=-2)
        present = (key, value)

        attn_weights = torch.matmul(query, key.transpose(-1, -2))
        attn_weights = attn_weights / torch.full([], value.size(-1) ** 0.5)
        query_length, key_length = query.size(-2), key.size(-2)
        causal_mask = self.bias[:, :, key_length - query_length : key_length, :key_length]
        mask_value = torch.full([], torch.finfo(attn_weights.dtype).min)
        attn_weights = torch.where(causal_mask, attn_weights, mask_value)
        attn_weights = attn_weights + attention_mask
        attn_weights = nn.functional.softmax(attn_weights, dim=-1)
        attn_output = torch.matmul(attn_weights, value)

        attn_output = attn_output.permute(0, 2, 1, 3).contiguous()
        attn_output = attn_output.view(attn_output.size()[:-2] + (HIDDEN,))
        return self.c_proj(attn_output), present


class Block(nn.Module):
    def __init__(self, attention):
        super().__init__()
        self.ln_1 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.attn = attention()
        self.ln_2 = nn.LayerNorm(HIDDEN, eps=EPS)
        self.mlp = MLP()

    def forward(self, x, layer_past, attention_mask=None):
        a, present = self.attn(self.ln_1(x), layer_past, attention_mask)
        x = x + a
        m = self.mlp(self.ln_2(x))
        return x + m, present


class GPT2Model(nn.Module):
    def __init__(self, attention):
        super().__init__()
        self.wte = nn.Embedding(VOCAB, HIDDEN)
        self.wpe = nn.Embedding(POSITIONS, HIDDEN)
        self.h = nn.ModuleList([Block(attention) for _ in range(LAYERS)])
        self.ln_f = nn.LayerNorm(HIDDEN, eps=EPS)

    def forward(self, input_ids, past, attention_mask=None):
        past_length = past[0][0].size(-2)
        input_shape = input_ids.size()
        position_ids = torch.arange(past_length, input_shape[-1] + past_length, dtype=torch.long)
        position_ids = position_ids.unsqueeze(0).view(-1, input_shape[-1])
        if attention_mask is not None:
            attention_mask = attention_mask[:, None, None, :].to(dtype=torch.float32)
            attention_mask = (1.0 - attention_mask) * torch.finfo(torch.float32).min
        hidden_states = self.wte(input_ids) + self.wpe(position_ids)
        presents = ()
        for block, layer_past in zip(self.h, past):
            hidden_states, present = block(hidden_states, layer_past, attention_mask)
            presents = presents + (present,)
        hidden_states = self.ln_f(hidden_states)
        return hidden_states.view(input_shape + (hidden_states.size(-1),)), presents


class GPT2LMHeadModel(nn.Module):
    def __init__(self, attention):
        super().__init__()
        self.transformer = GPT2Model(attention)
        self.lm_head = nn.Linear(HIDDEN, VOCAB, bias=False)
        self.lm_head.weight = self.transformer.wte.weight


class StackedLMHeadModel(GPT2LMHeadModel):
    def __init__(self):
        super().__init__(StackedAttention)

    def forward(self, input_ids, past):
        hidden_states, presents = self.transformer(input_ids, past)
        return self.lm_head(hidden_states), presents


class SeparateLMHeadModel(GPT2LMHeadModel):
    def __init__(self):
        super().__init__(Attention)

    def forward(self, input_ids, past_key_values, attention_mask):
        hidden_states, presents = self.transformer(input_ids, past_key_values, attention_mask)
        return self.lm_head(hidden_states), presents


def sample(batch, sequence, past, stacked):
    generator = torch.Generator().manual_seed(batch * 1000 + sequence * 100 + past)
    input_ids = torch.randint(0, VOCAB, (batch, sequence), generator=generator)
    shape = (batch, HEADS, past, HEAD_DIM)

    def cache():
        key, value = (torch.randn(shape, generator=generator) for _ in range(2))
        return torch.stack((key, value)) if stacked else (key, value)

    past_key_values = tuple(cache() for _ in range(LAYERS))
    if stacked:
        return input_ids, past_key_values
    attention_mask = torch.ones(batch, past + sequence, dtype=torch.int64)
    for row in range(1, batch):
        attention_mask[row, : min(2 * row, past + sequence - 1)] = 0
    return input_ids, past_key_values, attention_mask


SIZES = ((2, 3, 5), (1, 8, 0), (3, 1, 12), (2, 24, 24))


def main(out_dir):
    tokens = {0: "batch", 1: "sequence"}
    pasts = [f"past_{i}" for i in range(LAYERS)]
    presents = [f"present_{i}" for i in range(LAYERS)]
    export(
        randomise(StackedLMHeadModel(), seed=18),
        "gpt2-past-mini",
        ["input_ids"] + pasts,
        ["logits"] + presents,
        out_dir,
        dynamic_axes={
            "input_ids": tokens, "logits": tokens,
            **{name: {1: "batch", 3: "past_sequence"} for name in pasts},
            **{name: {1: "batch", 3: "past_sequence + sequence"} for name in presents},
        },
        samples=[sample(*size, True) for size in SIZES],
        folding=False,
        tied="transformer.wte.weight",
        opsets=(10,),
    )
    pasts = [f"past_key_values.{i}.{kind}" for i in range(LAYERS) for kind in ("key", "value")]
    presents = [f"present.{i}.{kind}" for i in range(LAYERS) for kind in ("key", "value")]
    export(
        randomise(SeparateLMHeadModel(), seed=18),
        "gpt2-past-mini",
        ["input_ids"] + pasts + ["attention_mask"],
        ["logits"] + presents,
        out_dir,
        dynamic_axes={
            "input_ids": tokens, "logits": tokens,
            "attention_mask": {0: "batch", 1: "past_sequence + sequence"},
            **{name: {0: "batch", 2: "past_sequence"} for name in pasts},
            **{name: {0: "batch", 2: "past_sequence + sequence"} for name in presents},
        },
        samples=[sample(*size, False) for size in SIZES],
        folding=False,
        tied="transformer.wte.weight",
        opsets=(17,),
    )
