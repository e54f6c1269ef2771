"""phi-mini: a decoder written the way Hugging Face writes PhiForCausalLM.

Attention and MLP in parallel behind one LayerNorm; rotary embedding of the first part of every
head, from tables indexed with the position ids; biases everywhere; tanh GELU; an untied head with
a bias.
"""

import math

import torch
from torch import nn

from common import export, randomise

VOCAB, POSITIONS, HIDDEN, LAYERS, FFN, EPS = 100, 64, 48, 2, 80, 1e-5
HEADS, PARTIAL_ROTARY_FACTOR, THETA = 3, 0.25, 10000.0
HEAD_DIM = HIDDEN // HEADS


class NewGELUActivation(nn.Module):
    def forward(self, x):
        return 0.5 * x * (
            1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0)))
        )


class PhiRotaryEmbedding(nn.Module):
    def __init__(self, dim):
        super().__init__()
        inv_freq = 1.0 / (THETA ** (torch.arange(0, dim, 2).float() / dim))
        t = torch.arange(POSITIONS).type_as(inv_freq)
        emb = torch.outer(t, inv_freq)
        emb = torch.cat((emb, emb), dim=-1)
        self.register_buffer("cos_cached", emb.cos(), persistent=False)
        self.register_buffer("sin_cached", emb.sin(), persistent=False)

    def forward(self, x, seq_len):
        return (
            self.cos_cached[:seq_len].to(dtype=x.dtype),
            self.sin_cached[:seq_len].to(dtype=x.dtype),
        )


def rotate_half(x):
    x1 = x[..., : x.shape[-1] // 2]
    x2 = x[..., x.shape[-1] // 2 :]
    return torch.cat((-x2, x1), dim=-1)


def apply_rotary_pos_emb(q, k, cos, sin, position_ids):
    cos = cos[position_ids].unsqueeze(1)
    sin = sin[position_ids].unsqueeze(1)
    return (q * cos) + (rotate_half(q) * sin), (k * cos) + (rotate_half(k) * sin)


class PhiAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.rotary_ndims = int(PARTIAL_ROTARY_FACTOR * HEAD_DIM)
        self.q_proj = nn.Linear(HIDDEN, HEADS * HEAD_DIM, bias=True)
        self.k_proj = nn.Linear(HIDDEN, HEADS * HEAD_DIM, bias=True)
        self.v_proj = nn.Linear(HIDDEN, HEADS * HEAD_DIM, bias=True)
        self.dense = nn.Linear(HEADS * HEAD_DIM, HIDDEN, bias=True)
        self.rotary_emb = PhiRotaryEmbedding(self.rotary_ndims)

    def forward(self, hidden_states, attention_mask, position_ids):
        bsz, q_len, _ = hidden_states.size()
        query_states = self.q_proj(hidden_states)
        key_states = self.k_proj(hidden_states)
        value_states = self.v_proj(hidden_states)
        query_states = query_states.view(bsz, q_len, HEADS, HEAD_DIM).transpose(1, 2)
        key_states = key_states.view(bsz, q_len, HEADS, HEAD_DIM).transpose(1, 2)
        value_states = value_states.view(bsz, q_len, HEADS, HEAD_DIM).transpose(1, 2)

        cos, sin = self.rotary_emb(value_states, seq_len=key_states.shape[-2])
        query_rot, query_pass = (
            query_states[..., : self.rotary_ndims],
            query_states[..., self.rotary_ndims :],
        )
        key_rot, key_pass = (
            key_states[..., : self.rotary_ndims],
            key_states[..., self.rotary_ndims :],
        )
        query_rot, key_rot = apply_rotary_pos_emb(query_rot, key_rot, cos, sin, position_ids)
        query_states = torch.cat((query_rot, query_pass), dim=-1)
        key_states = torch.cat((key_rot, key_pass), dim=-1)

        attn_weights = torch.matmul(
            query_states.to(torch.float32), key_states.to(torch.float32).transpose(2, 3)
        ) / math.sqrt(HEAD_DIM)
        attn_weights = attn_weights + attention_mask
        attn_weights = nn.functional.softmax(attn_weights, dim=-1, dtype=torch.float32)
        attn_output = torch.matmul(attn_weights.to(value_states.dtype), value_states)
        attn_output = attn_output.transpose(1, 2).contiguous()
        return self.dense(attn_output.reshape(bsz, q_len, HIDDEN))


class PhiMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.activation_fn = NewGELUActivation()
        self.fc1 = nn.Linear(HIDDEN, FFN)
        self.fc2 = nn.Linear(FFN, HIDDEN)

    def forward(self, hidden_states):
        return self.fc2(self.activation_fn(self.fc1(hidden_states)))


class PhiDecoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn = PhiAttention()
        self.mlp = PhiMLP()
        self.input_layernorm = nn.LayerNorm(HIDDEN, eps=EPS)

    def forward(self, hidden_states, attention_mask, position_ids):
        residual = hidden_states
        hidden_states = self.input_layernorm(hidden_states)
        attn_outputs = self.self_attn(hidden_states, attention_mask, position_ids)
        feed_forward_hidden_states = self.mlp(hidden_states)
        return attn_outputs + feed_forward_hidden_states + residual


class PhiModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCAB, HIDDEN)
        self.layers = nn.ModuleList([PhiDecoderLayer() for _ in range(LAYERS)])
        self.final_layernorm = nn.LayerNorm(HIDDEN, eps=EPS)

    def causal_mask(self, attention_mask, dtype):
        bsz, length = attention_mask.shape
        mask = torch.full((length, length), torch.finfo(dtype).min)
        mask_cond = torch.arange(mask.size(-1))
        mask.masked_fill_(mask_cond < (mask_cond + 1).view(mask.size(-1), 1), 0)
        causal_4d_mask = mask[None, None, :, :].expand(bsz, 1, length, length)
        expanded_mask = attention_mask[:, None, None, :].expand(bsz, 1, length, length).to(dtype)
        inverted_mask = 1.0 - expanded_mask
        expanded_attn_mask = inverted_mask.masked_fill(
            inverted_mask.to(torch.bool), torch.finfo(dtype).min
        )
        return causal_4d_mask.masked_fill(expanded_attn_mask.bool(), torch.finfo(dtype).min)

    def forward(self, input_ids, attention_mask):
        seq_length = input_ids.shape[1]
        position_ids = torch.arange(0, seq_length, dtype=torch.long).unsqueeze(0)
        hidden_states = self.embed_tokens(input_ids)
        causal_mask = self.causal_mask(attention_mask, hidden_states.dtype)
        for layer in self.layers:
            hidden_states = layer(hidden_states, causal_mask, position_ids)
        return self.final_layernorm(hidden_states)


class PhiForCausalLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = PhiModel()
        self.lm_head = nn.Linear(HIDDEN, VOCAB, bias=True)

    def forward(self, input_ids, attention_mask):
        return self.lm_head(self.model(input_ids, attention_mask))


def sample(batch, sequence):
    """Random tokens; every row but the first is padded on the right."""
    generator = torch.Generator().manual_seed(batch * 1000 + sequence)
    input_ids = torch.randint(0, VOCAB, (batch, sequence), generator=generator)
    attention_mask = torch.ones(batch, sequence, dtype=torch.int64)
    for row in range(1, batch):
        attention_mask[row, max(1, sequence - 2 * row):] = 0
    return input_ids, attention_mask


def main(out_dir):
    inputs = ["input_ids", "attention_mask"]
    export(
        randomise(PhiForCausalLM(), seed=17),
        "phi-mini",
        inputs,
        ["logits"],
        out_dir,
        dynamic_axes={key: {0: "batch", 1: "sequence"} for key in inputs + ["logits"]},
        samples=[sample(2, 8), sample(1, 1), sample(3, 13), sample(4, POSITIONS)],
        opsets=(12, 17),
    )
