"""neox-mini: a decoder written the way Hugging Face writes GPTNeoXForCausalLM.

Attention and MLP in parallel, each behind its own LayerNorm; a fused query_key_value laid out
[heads, 3, head_dim]; rotary embedding of the first half of every head, from tables read with a
gather; scores with baddbmm; erf GELU; an untied embed_out.
"""

import torch
from torch import nn
from torch.nn import functional as F

from common import export, randomise

VOCAB, POSITIONS, HIDDEN, LAYERS, FFN, EPS = 100, 48, 48, 2, 64, 1e-5
HEADS, ROTARY_PCT = 3, 0.5
HEAD_SIZE = HIDDEN // HEADS


class RotaryEmbedding(nn.Module):
    def __init__(self, dim, max_position_embeddings=POSITIONS, base=10000):
        super().__init__()
        inv_freq = 1.0 / (base ** (torch.arange(0, dim, 2).float() / dim))
        t = torch.arange(max_position_embeddings, dtype=inv_freq.dtype)
        freqs = torch.einsum("i,j->ij", t, inv_freq)
        emb = torch.cat((freqs, freqs), dim=-1)
        self.register_buffer("cos_cached", emb.cos()[None, None, :, :], persistent=False)
        self.register_buffer("sin_cached", emb.sin()[None, None, :, :], persistent=False)

    def forward(self, x, seq_len):
        return self.cos_cached[:, :, :seq_len, ...], self.sin_cached[:, :, :seq_len, ...]


def rotate_half(x):
    x1 = x[..., : x.shape[-1] // 2]
    x2 = x[..., x.shape[-1] // 2 :]
    return torch.cat((-x2, x1), dim=-1)


def apply_rotary_pos_emb(q, k, cos, sin, position_ids):
    gather_indices = position_ids[:, None, :, None]
    gather_indices = gather_indices.repeat(1, cos.shape[1], 1, cos.shape[3])
    cos = torch.gather(cos.repeat(gather_indices.shape[0], 1, 1, 1), 2, gather_indices)
    sin = torch.gather(sin.repeat(gather_indices.shape[0], 1, 1, 1), 2, gather_indices)
    q_embed = (q * cos) + (rotate_half(q) * sin)
    k_embed = (k * cos) + (rotate_half(k) * sin)
    return q_embed, k_embed


class GPTNeoXAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.rotary_ndims = int(HEAD_SIZE * ROTARY_PCT)
        bias = torch.tril(torch.ones((POSITIONS, POSITIONS), dtype=torch.bool))
        self.register_buffer("bias", bias.view(1, 1, POSITIONS, POSITIONS), persistent=False)
        self.rotary_emb = RotaryEmbedding(self.rotary_ndims)
        self.norm_factor = HEAD_SIZE ** -0.5
        self.query_key_value = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.dense = nn.Linear(HIDDEN, HIDDEN)

    def _attn(self, query, key, value, attention_mask):
        batch_size, num_attention_heads, query_length, attn_head_size = query.size()
        key_length = key.size(-2)
        causal_mask = self.bias[:, :, key_length - query_length : key_length, :key_length]

        query = query.view(batch_size * num_attention_heads, query_length, attn_head_size)
        key = key.view(batch_size * num_attention_heads, key_length, attn_head_size)
        attn_scores = torch.zeros(
            batch_size * num_attention_heads, query_length, key_length, dtype=query.dtype
        )
        attn_scores = torch.baddbmm(
            attn_scores, query, key.transpose(1, 2), beta=1.0, alpha=self.norm_factor
        )
        attn_scores = attn_scores.view(batch_size, num_attention_heads, query_length, key_length)
        mask_value = torch.tensor(torch.finfo(attn_scores.dtype).min, dtype=attn_scores.dtype)
        attn_scores = torch.where(causal_mask, attn_scores, mask_value)
        attn_scores = attn_scores + attention_mask
        attn_weights = F.softmax(attn_scores, dim=-1).to(value.dtype)
        return torch.matmul(attn_weights, value)

    def forward(self, hidden_states, attention_mask, position_ids):
        qkv = self.query_key_value(hidden_states)
        new_qkv_shape = qkv.size()[:-1] + (HEADS, 3 * HEAD_SIZE)
        qkv = qkv.view(*new_qkv_shape)
        query = qkv[..., :HEAD_SIZE].permute(0, 2, 1, 3)
        key = qkv[..., HEAD_SIZE : 2 * HEAD_SIZE].permute(0, 2, 1, 3)
        value = qkv[..., 2 * HEAD_SIZE :].permute(0, 2, 1, 3)

        query_rot = query[..., : self.rotary_ndims]
        query_pass = query[..., self.rotary_ndims :]
        key_rot = key[..., : self.rotary_ndims]
        key_pass = key[..., self.rotary_ndims :]
        cos, sin = self.rotary_emb(value, seq_len=key.shape[-2])
        query, key = apply_rotary_pos_emb(query_rot, key_rot, cos, sin, position_ids)
        query = torch.cat((query, query_pass), dim=-1)
        key = torch.cat((key, key_pass), dim=-1)

        attn_output = self._attn(query, key, value, attention_mask)
        attn_output = attn_output.permute(0, 2, 1, 3).contiguous()
        attn_output = attn_output.view(attn_output.size(0), attn_output.size(1), HIDDEN)
        return self.dense(attn_output)


class GPTNeoXMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense_h_to_4h = nn.Linear(HIDDEN, FFN)
        self.dense_4h_to_h = nn.Linear(FFN, HIDDEN)

    def forward(self, hidden_states):
        return self.dense_4h_to_h(F.gelu(self.dense_h_to_4h(hidden_states)))


class GPTNeoXLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.input_layernorm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.post_attention_layernorm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.attention = GPTNeoXAttention()
        self.mlp = GPTNeoXMLP()

    def forward(self, hidden_states, attention_mask, position_ids):
        attn_output = self.attention(
            self.input_layernorm(hidden_states), attention_mask, position_ids
        )
        mlp_output = self.mlp(self.post_attention_layernorm(hidden_states))
        return mlp_output + attn_output + hidden_states


class GPTNeoXModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_in = nn.Embedding(VOCAB, HIDDEN)
        self.layers = nn.ModuleList([GPTNeoXLayer() for _ in range(LAYERS)])
        self.final_layer_norm = nn.LayerNorm(HIDDEN, eps=EPS)

    def forward(self, input_ids, attention_mask):
        batch_size, seq_length = input_ids.size()
        position_ids = torch.arange(0, seq_length, dtype=torch.long)
        position_ids = position_ids.unsqueeze(0).view(-1, seq_length)
        attention_mask = attention_mask.view(batch_size, -1)
        attention_mask = attention_mask[:, None, None, :].to(dtype=torch.float32)
        attention_mask = (1.0 - attention_mask) * torch.finfo(torch.float32).min
        hidden_states = self.embed_in(input_ids)
        for layer in self.layers:
            hidden_states = layer(hidden_states, attention_mask, position_ids)
        return self.final_layer_norm(hidden_states)


class GPTNeoXForCausalLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.gpt_neox = GPTNeoXModel()
        self.embed_out = nn.Linear(HIDDEN, VOCAB, bias=False)

    def forward(self, input_ids, attention_mask):
        return self.embed_out(self.gpt_neox(input_ids, attention_mask))


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
    for folding, opset in ((True, 11), (False, 17)):
        export(
            randomise(GPTNeoXForCausalLM(), seed=16),
            "neox-mini",
            inputs,
            ["logits"],
            out_dir,
            dynamic_axes={key: {0: "batch", 1: "sequence"} for key in inputs + ["logits"]},
            samples=[sample(2, 8), sample(1, 1), sample(3, 13), sample(4, POSITIONS)],
            folding=folding,
            opsets=(opset,),
        )
