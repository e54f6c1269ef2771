"""gemma-mini: a decoder written the way Hugging Face writes Gemma2ForCausalLM.

RMSNorm that multiplies with 1 + weight, before and after attention and MLP (sandwich norms), the
embedding scaled with the root of the hidden size, GeGLU with the tanh GELU, soft caps on the
attention scores and on the logits, grouped-query attention whose heads together are wider than
the residual stream, rotary embedding, and a tied head.

gemma-einsum-mini is the same network with its projections as the JAX code has them: one weight
per projection with an axis for the heads, and every product an einsum.
"""

import math

import torch
from torch import nn

from common import export, randomise

VOCAB, POSITIONS, HIDDEN, LAYERS, FFN, EPS = 100, 64, 48, 2, 56, 1e-6
HEADS, KV_HEADS, HEAD_DIM, THETA = 4, 2, 16, 10000.0
QUERY_PRE_ATTN_SCALAR, ATTN_CAP, FINAL_CAP = 12, 6.0, 10.0


class Gemma2RMSNorm(nn.Module):
    offset = 1.0

    def __init__(self, dim, eps=EPS):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.zeros(dim))

    def _norm(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)

    def forward(self, x):
        output = self._norm(x.float())
        output = output * (1.0 + self.weight.float())
        return output.type_as(x)


def gelu_pytorch_tanh(x):
    inner = math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))
    return 0.5 * x * (1.0 + torch.tanh(inner))


class Gemma2MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate_proj = nn.Linear(HIDDEN, FFN, bias=False)
        self.up_proj = nn.Linear(HIDDEN, FFN, bias=False)
        self.down_proj = nn.Linear(FFN, HIDDEN, bias=False)

    def forward(self, x):
        return self.down_proj(gelu_pytorch_tanh(self.gate_proj(x)) * self.up_proj(x))


class EinsumMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.gating_einsum = nn.Parameter(torch.empty(2, HIDDEN, FFN))
        self.linear = nn.Linear(FFN, HIDDEN, bias=False)

    def forward(self, x):
        gate, up = torch.einsum("btd,cdf->cbtf", x, self.gating_einsum).unbind(0)
        return torch.einsum("btf,df->btd", gelu_pytorch_tanh(gate) * up, self.linear.weight)


class Gemma2RotaryEmbedding(nn.Module):
    def __init__(self):
        super().__init__()
        inv_freq = 1.0 / (THETA ** (torch.arange(0, HEAD_DIM, 2).float() / HEAD_DIM))
        self.register_buffer("inv_freq", inv_freq, persistent=False)

    def forward(self, x, position_ids):
        inv_freq_expanded = self.inv_freq[None, :, None].float()
        inv_freq_expanded = inv_freq_expanded.expand(position_ids.shape[0], -1, 1)
        position_ids_expanded = position_ids[:, None, :].float()
        freqs = (inv_freq_expanded @ position_ids_expanded).transpose(1, 2)
        emb = torch.cat((freqs, freqs), dim=-1)
        return emb.cos().to(dtype=x.dtype), emb.sin().to(dtype=x.dtype)


def rotate_half(x):
    x1, x2 = x.chunk(2, dim=-1)
    return torch.cat((-x2, x1), dim=-1)


def repeat_kv(hidden_states, n_rep):
    batch, num_key_value_heads, slen, head_dim = hidden_states.shape
    hidden_states = hidden_states[:, :, None, :, :].expand(
        batch, num_key_value_heads, n_rep, slen, head_dim
    )
    return hidden_states.reshape(batch, num_key_value_heads * n_rep, slen, head_dim)


class Gemma2Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.scaling = QUERY_PRE_ATTN_SCALAR ** -0.5
        self.q_proj = nn.Linear(HIDDEN, HEADS * HEAD_DIM, bias=False)
        self.k_proj = nn.Linear(HIDDEN, KV_HEADS * HEAD_DIM, bias=False)
        self.v_proj = nn.Linear(HIDDEN, KV_HEADS * HEAD_DIM, bias=False)
        self.o_proj = nn.Linear(HEADS * HEAD_DIM, HIDDEN, bias=False)

    def forward(self, hidden_states, attention_mask, cos, sin):
        input_shape = hidden_states.shape[:-1]
        hidden_shape = (*input_shape, -1, HEAD_DIM)
        query_states = self.q_proj(hidden_states).view(hidden_shape).transpose(1, 2)
        key_states = self.k_proj(hidden_states).view(hidden_shape).transpose(1, 2)
        value_states = self.v_proj(hidden_states).view(hidden_shape).transpose(1, 2)

        query_states = (query_states * cos) + (rotate_half(query_states) * sin)
        key_states = (key_states * cos) + (rotate_half(key_states) * sin)
        key_states = repeat_kv(key_states, HEADS // KV_HEADS)
        value_states = repeat_kv(value_states, HEADS // KV_HEADS)
        attn_weights = torch.matmul(query_states, key_states.transpose(2, 3)) * self.scaling
        attn_weights = attn_weights / ATTN_CAP
        attn_weights = torch.tanh(attn_weights)
        attn_weights = attn_weights * ATTN_CAP
        attn_weights = attn_weights + attention_mask
        attn_weights = nn.functional.softmax(attn_weights, dim=-1, dtype=torch.float32)
        attn_output = torch.matmul(attn_weights.to(query_states.dtype), value_states)
        attn_output = attn_output.transpose(1, 2).contiguous()
        attn_output = attn_output.reshape(*input_shape, -1).contiguous()
        return self.o_proj(attn_output)


class EinsumAttention(nn.Module):
    """The heads as an axis of the weights, grouped [kv head, query of the group]."""

    def __init__(self):
        super().__init__()
        groups = HEADS // KV_HEADS
        self.q_einsum = nn.Parameter(torch.empty(KV_HEADS * groups, HIDDEN, HEAD_DIM))
        self.kv_einsum = nn.Parameter(torch.empty(2, KV_HEADS, HIDDEN, HEAD_DIM))
        self.attn_vec_einsum = nn.Parameter(torch.empty(HEADS, HEAD_DIM, HIDDEN))

    def forward(self, x, attention_mask, cos, sin):
        query = torch.einsum("btd,ndh->bnth", x, self.q_einsum)
        key, value = torch.einsum("bsd,ckdh->cbksh", x, self.kv_einsum).unbind(0)
        query = (query * cos) + (rotate_half(query) * sin)
        key = (key * cos) + (rotate_half(key) * sin)
        query = query * QUERY_PRE_ATTN_SCALAR ** -0.5
        batch, heads, length, head_dim = query.shape
        query = query.reshape(batch, KV_HEADS, HEADS // KV_HEADS, length, head_dim)
        logits = torch.einsum("bkgth,bksh->bkgts", query, key)
        logits = torch.tanh(logits / ATTN_CAP) * ATTN_CAP
        probs = torch.softmax(logits + attention_mask.unsqueeze(1), dim=-1)
        encoded = torch.einsum("bkgts,bksh->bkgth", probs, value)
        encoded = encoded.reshape(batch, heads, length, head_dim)
        return torch.einsum("bnth,nhd->btd", encoded, self.attn_vec_einsum)


class Gemma2DecoderLayer(nn.Module):
    def __init__(self, einsum):
        super().__init__()
        self.self_attn = EinsumAttention() if einsum else Gemma2Attention()
        self.mlp = EinsumMLP() if einsum else Gemma2MLP()
        self.input_layernorm = Gemma2RMSNorm(HIDDEN)
        self.post_attention_layernorm = Gemma2RMSNorm(HIDDEN)
        self.pre_feedforward_layernorm = Gemma2RMSNorm(HIDDEN)
        self.post_feedforward_layernorm = Gemma2RMSNorm(HIDDEN)

    def forward(self, hidden_states, attention_mask, cos, sin):
        residual = hidden_states
        hidden_states = self.input_layernorm(hidden_states)
        hidden_states = self.self_attn(hidden_states, attention_mask, cos, sin)
        hidden_states = self.post_attention_layernorm(hidden_states)
        hidden_states = residual + hidden_states

        residual = hidden_states
        hidden_states = self.pre_feedforward_layernorm(hidden_states)
        hidden_states = self.mlp(hidden_states)
        hidden_states = self.post_feedforward_layernorm(hidden_states)
        return residual + hidden_states


class Gemma2Model(nn.Module):
    def __init__(self, einsum):
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCAB, HIDDEN, padding_idx=0)
        self.layers = nn.ModuleList([Gemma2DecoderLayer(einsum) for _ in range(LAYERS)])
        self.norm = Gemma2RMSNorm(HIDDEN)
        self.rotary_emb = Gemma2RotaryEmbedding()

    def causal_mask(self, attention_mask, dtype):
        """4-D, from which positions come later and which are padding."""
        sequence_length = attention_mask.shape[-1]
        positions = torch.arange(sequence_length)
        allowed = positions[None, :] <= positions[:, None]
        allowed = allowed[None, None, :, :] & attention_mask[:, None, None, :].to(torch.bool)
        mask = torch.zeros_like(allowed, dtype=dtype)
        return mask.masked_fill(~allowed, torch.finfo(dtype).min)

    def forward(self, input_ids, attention_mask, position_ids):
        hidden_states = self.embed_tokens(input_ids)
        causal_mask = self.causal_mask(attention_mask, hidden_states.dtype)
        cos, sin = self.rotary_emb(hidden_states, position_ids)
        cos, sin = cos.unsqueeze(1), sin.unsqueeze(1)
        normalizer = torch.tensor(HIDDEN ** 0.5, dtype=hidden_states.dtype)
        hidden_states = hidden_states * normalizer
        for layer in self.layers:
            hidden_states = layer(hidden_states, causal_mask, cos, sin)
        return self.norm(hidden_states)


class Gemma2ForCausalLM(nn.Module):
    def __init__(self, einsum=False):
        super().__init__()
        self.model = Gemma2Model(einsum)
        self.lm_head = nn.Linear(HIDDEN, VOCAB, bias=False)
        self.lm_head.weight = self.model.embed_tokens.weight

    def forward(self, input_ids, attention_mask, position_ids):
        logits = self.lm_head(self.model(input_ids, attention_mask, position_ids))
        logits = logits / FINAL_CAP
        logits = torch.tanh(logits)
        return logits * FINAL_CAP


def sample(batch, sequence):
    """Random tokens; every row but the first is padded on the right."""
    generator = torch.Generator().manual_seed(batch * 1000 + sequence)
    input_ids = torch.randint(0, VOCAB, (batch, sequence), generator=generator)
    attention_mask = torch.ones(batch, sequence, dtype=torch.int64)
    for row in range(1, batch):
        attention_mask[row, max(1, sequence - 2 * row):] = 0
    position_ids = torch.arange(sequence).repeat(batch, 1)
    return input_ids, attention_mask, position_ids


def main(out_dir):
    inputs = ["input_ids", "attention_mask", "position_ids"]
    for name, einsum, opsets in (
        ("gemma-mini", False, (11, 17)),
        ("gemma-einsum-mini", True, (12, 17)),
    ):
        export(
            randomise(Gemma2ForCausalLM(einsum), seed=14),
            name,
            inputs,
            ["logits"],
            out_dir,
            dynamic_axes={key: {0: "batch", 1: "sequence"} for key in inputs + ["logits"]},
            samples=[sample(2, 8), sample(1, 1), sample(3, 13), sample(4, POSITIONS)],
            folding=False,
            tied="model.embed_tokens.weight",
            opsets=opsets,
        )
