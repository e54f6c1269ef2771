"""llama-mini: a Pre-LN decoder written the way Hugging Face writes LlamaForCausalLM.

Grouped-query attention (key and value heads repeated by expand and reshape), rotary embedding in
halves with cos and sin computed in the graph from position_ids, RMSNorm in primitive ops, SwiGLU.
Exported twice: without a cache, with an untied head and constant folding; and with a key/value
cache, a tied head and no folding.
"""

import torch
from torch import nn
from torch.nn import functional as F

from common import export, randomise

VOCAB, POSITIONS, HIDDEN, LAYERS, FFN, EPS = 100, 64, 48, 2, 72, 1e-6
HEADS, KV_HEADS, HEAD_DIM, THETA = 6, 2, 8, 10000.0


class LlamaRMSNorm(nn.Module):
    def __init__(self, hidden_size, eps=EPS):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden_size))
        self.variance_epsilon = eps

    def forward(self, hidden_states):
        input_dtype = hidden_states.dtype
        hidden_states = hidden_states.to(torch.float32)
        variance = hidden_states.pow(2).mean(-1, keepdim=True)
        hidden_states = hidden_states * torch.rsqrt(variance + self.variance_epsilon)
        return self.weight * hidden_states.to(input_dtype)


class LlamaRotaryEmbedding(nn.Module):
    def __init__(self, dim=HEAD_DIM, base=THETA):
        super().__init__()
        inv_freq = 1.0 / (base ** (torch.arange(0, dim, 2, dtype=torch.int64).float() / dim))
        self.register_buffer("inv_freq", inv_freq, persistent=False)

    def forward(self, x, position_ids):
        inv_freq_expanded = self.inv_freq[None, :, None].float()
        inv_freq_expanded = inv_freq_expanded.expand(position_ids.shape[0], -1, 1)
        position_ids_expanded = position_ids[:, None, :].float()
        freqs = (inv_freq_expanded.float() @ position_ids_expanded.float()).transpose(1, 2)
        emb = torch.cat((freqs, freqs), dim=-1)
        return emb.cos().to(dtype=x.dtype), emb.sin().to(dtype=x.dtype)


def rotate_half(x):
    x1 = x[..., : x.shape[-1] // 2]
    x2 = x[..., x.shape[-1] // 2 :]
    return torch.cat((-x2, x1), dim=-1)


def apply_rotary_pos_emb(q, k, cos, sin):
    cos = cos.unsqueeze(1)
    sin = sin.unsqueeze(1)
    q_embed = (q * cos) + (rotate_half(q) * sin)
    k_embed = (k * cos) + (rotate_half(k) * sin)
    return q_embed, k_embed


def repeat_kv(hidden_states, n_rep):
    batch, num_key_value_heads, slen, head_dim = hidden_states.shape
    hidden_states = hidden_states[:, :, None, :, :].expand(
        batch, num_key_value_heads, n_rep, slen, head_dim
    )
    return hidden_states.reshape(batch, num_key_value_heads * n_rep, slen, head_dim)


def make_causal_mask(input_ids_shape, dtype, past_key_values_length=0):
    bsz, tgt_len = input_ids_shape
    mask = torch.full((tgt_len, tgt_len), torch.finfo(dtype).min)
    mask_cond = torch.arange(mask.size(-1))
    mask.masked_fill_(mask_cond < (mask_cond + 1).view(mask.size(-1), 1), 0)
    mask = mask.to(dtype)
    if past_key_values_length > 0:
        past = torch.zeros(tgt_len, past_key_values_length, dtype=dtype)
        mask = torch.cat([past, mask], dim=-1)
    return mask[None, None, :, :].expand(bsz, 1, tgt_len, tgt_len + past_key_values_length)


def expand_mask(mask, dtype, tgt_len):
    bsz, src_len = mask.size()
    expanded_mask = mask[:, None, None, :].expand(bsz, 1, tgt_len, src_len).to(dtype)
    inverted_mask = 1.0 - expanded_mask
    return inverted_mask.masked_fill(inverted_mask.to(torch.bool), torch.finfo(dtype).min)


class LlamaMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate_proj = nn.Linear(HIDDEN, FFN, bias=False)
        self.up_proj = nn.Linear(HIDDEN, FFN, bias=False)
        self.down_proj = nn.Linear(FFN, HIDDEN, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class LlamaAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj = nn.Linear(HIDDEN, HEADS * HEAD_DIM, bias=False)
        self.k_proj = nn.Linear(HIDDEN, KV_HEADS * HEAD_DIM, bias=False)
        self.v_proj = nn.Linear(HIDDEN, KV_HEADS * HEAD_DIM, bias=False)
        self.o_proj = nn.Linear(HEADS * HEAD_DIM, HIDDEN, bias=False)

    def forward(self, hidden_states, attention_mask, position_embeddings, past_key_value=None):
        bsz, q_len, _ = hidden_states.size()
        query_states = self.q_proj(hidden_states)
        key_states = self.k_proj(hidden_states)
        value_states = self.v_proj(hidden_states)
        query_states = query_states.view(bsz, q_len, HEADS, HEAD_DIM).transpose(1, 2)
        key_states = key_states.view(bsz, q_len, KV_HEADS, HEAD_DIM).transpose(1, 2)
        value_states = value_states.view(bsz, q_len, KV_HEADS, HEAD_DIM).transpose(1, 2)

        query_states, key_states = apply_rotary_pos_emb(
            query_states, key_states, *position_embeddings
        )
        if past_key_value is not None:
            key_states = torch.cat([past_key_value[0], key_states], dim=2)
            value_states = torch.cat([past_key_value[1], value_states], dim=2)
        present = (key_states, value_states)

        key_states = repeat_kv(key_states, HEADS // KV_HEADS)
        value_states = repeat_kv(value_states, HEADS // KV_HEADS)
        attn_weights = torch.matmul(query_states, key_states.transpose(2, 3)) / HEAD_DIM ** 0.5
        attn_weights = attn_weights + attention_mask
        attn_weights = F.softmax(attn_weights, dim=-1, dtype=torch.float32).to(query_states.dtype)
        attn_output = torch.matmul(attn_weights, value_states)
        attn_output = attn_output.transpose(1, 2).contiguous()
        attn_output = attn_output.reshape(bsz, q_len, HEADS * HEAD_DIM)
        return self.o_proj(attn_output), present


class LlamaDecoderLayer(nn.Module):
    def __init__(self, mlp=LlamaMLP):
        super().__init__()
        self.self_attn = LlamaAttention()
        self.mlp = mlp()
        self.input_layernorm = LlamaRMSNorm(HIDDEN)
        self.post_attention_layernorm = LlamaRMSNorm(HIDDEN)

    def forward(self, hidden_states, attention_mask, position_embeddings, past_key_value=None):
        residual = hidden_states
        hidden_states = self.input_layernorm(hidden_states)
        hidden_states, present = self.self_attn(
            hidden_states, attention_mask, position_embeddings, past_key_value
        )
        hidden_states = residual + hidden_states

        residual = hidden_states
        hidden_states = self.post_attention_layernorm(hidden_states)
        hidden_states = self.mlp(hidden_states)
        return residual + hidden_states, present


class LlamaModel(nn.Module):
    def __init__(self, mlp=LlamaMLP):
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCAB, HIDDEN)
        self.layers = nn.ModuleList([LlamaDecoderLayer(mlp) for _ in range(LAYERS)])
        self.norm = LlamaRMSNorm(HIDDEN)
        self.rotary_emb = LlamaRotaryEmbedding()

    def forward(self, input_ids, attention_mask, position_ids, past_key_values=None):
        batch_size, seq_length = input_ids.shape
        past_key_values_length = 0
        if past_key_values is not None:
            past_key_values_length = past_key_values[0][0].shape[2]
        hidden_states = self.embed_tokens(input_ids)
        causal_mask = expand_mask(attention_mask, hidden_states.dtype, seq_length)
        causal_mask = causal_mask + make_causal_mask(
            (batch_size, seq_length), hidden_states.dtype, past_key_values_length
        )
        position_embeddings = self.rotary_emb(hidden_states, position_ids)
        presents = ()
        for idx, layer in enumerate(self.layers):
            past_key_value = past_key_values[idx] if past_key_values is not None else None
            hidden_states, present = layer(
                hidden_states, causal_mask, position_embeddings, past_key_value
            )
            presents += (present,)
        return self.norm(hidden_states), presents


class LlamaForCausalLM(nn.Module):
    def __init__(self, tied=False, mlp=LlamaMLP):
        super().__init__()
        self.model = LlamaModel(mlp)
        self.lm_head = nn.Linear(HIDDEN, VOCAB, bias=False)
        if tied:
            self.lm_head.weight = self.model.embed_tokens.weight

    def forward(self, input_ids, attention_mask, position_ids, past_key_values=None):
        hidden_states, presents = self.model(
            input_ids, attention_mask, position_ids, past_key_values
        )
        logits = self.lm_head(hidden_states)
        return logits if past_key_values is None else (logits, presents)


def padded(batch, length, side):
    """A mask whose every row but the first is padded on one side."""
    attention_mask = torch.ones(batch, length, dtype=torch.int64)
    for row in range(1, batch):
        count = min(2 * row, length - 1)
        if count > 0:
            attention_mask[row, slice(0, count) if side == "left" else slice(-count, None)] = 0
    return attention_mask


def sample(batch, sequence, vocab=VOCAB):
    generator = torch.Generator().manual_seed(batch * 1000 + sequence)
    input_ids = torch.randint(0, vocab, (batch, sequence), generator=generator)
    attention_mask = padded(batch, sequence, "left")
    position_ids = (attention_mask.cumsum(-1) - 1).clamp(min=0)
    return input_ids, attention_mask, position_ids


def sample_past(batch, sequence, past):
    generator = torch.Generator().manual_seed(batch * 1000 + sequence * 100 + past)
    input_ids = torch.randint(0, VOCAB, (batch, sequence), generator=generator)
    attention_mask = padded(batch, past + sequence, "left")
    position_ids = (attention_mask.cumsum(-1) - 1).clamp(min=0)[:, past:]
    shape = (batch, KV_HEADS, past, HEAD_DIM)
    past_key_values = tuple(
        tuple(torch.randn(shape, generator=generator) for _ in range(2)) for _ in range(LAYERS)
    )
    return input_ids, attention_mask, position_ids, past_key_values


def main(out_dir):
    tokens = {0: "batch", 1: "sequence"}
    inputs = ["input_ids", "attention_mask", "position_ids"]
    export(
        randomise(LlamaForCausalLM(), seed=11),
        "llama-mini",
        inputs,
        ["logits"],
        out_dir,
        dynamic_axes={name: tokens for name in inputs + ["logits"]},
        samples=[sample(2, 8), sample(1, 1), sample(3, 13), sample(4, POSITIONS)],
        opsets=(10, 17),
    )
    pasts = [f"past_key_values.{i}.{kind}" for i in range(LAYERS) for kind in ("key", "value")]
    presents = [f"present.{i}.{kind}" for i in range(LAYERS) for kind in ("key", "value")]
    export(
        randomise(LlamaForCausalLM(tied=True), seed=12),
        "llama-past-mini",
        inputs + pasts,
        ["logits"] + presents,
        out_dir,
        dynamic_axes={
            "input_ids": tokens, "position_ids": tokens, "logits": tokens,
            "attention_mask": {0: "batch", 1: "past_sequence + sequence"},
            **{name: {0: "batch", 2: "past_sequence"} for name in pasts},
            **{name: {0: "batch", 2: "past_sequence + sequence"} for name in presents},
        },
        samples=[sample_past(2, 3, 5), sample_past(1, 8, 0), sample_past(3, 1, 12),
                 sample_past(2, 30, 30)],
        folding=False,
        tied="model.embed_tokens.weight",
        opsets=(11, 17),
    )
