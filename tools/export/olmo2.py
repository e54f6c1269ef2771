"""olmo2-mini: a decoder written the way Hugging Face writes Olmo2ForCausalLM.

The norms are on the outputs of attention and MLP, x + RMSNorm(f(x)), with none before them; query
and key are normalised over all heads at once; the causal mask is a triu; rotary embedding, SwiGLU
and an untied head.
"""

import torch
from torch import nn
from torch.nn import functional as F

from common import export, randomise

VOCAB, POSITIONS, HIDDEN, LAYERS, FFN, EPS = 100, 64, 48, 2, 48, 1e-6
HEADS, THETA = 4, 500000.0
HEAD_DIM = HIDDEN // HEADS


class Olmo2RMSNorm(nn.Module):
    def __init__(self, hidden_size, eps=EPS):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden_size))
        self.variance_epsilon = eps

    def forward(self, hidden_states):
        input_dtype = hidden_states.dtype
        hidden_states = hidden_states.to(torch.float32)
        variance = hidden_states.pow(2).mean(-1, keepdim=True)
        hidden_states = hidden_states * torch.rsqrt(variance + self.variance_epsilon)
        return (self.weight * hidden_states).to(input_dtype)


class Olmo2RotaryEmbedding(nn.Module):
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
        return emb.cos(), emb.sin()


def rotate_half(x):
    x1 = x[..., : x.shape[-1] // 2]
    x2 = x[..., x.shape[-1] // 2 :]
    return torch.cat((-x2, x1), dim=-1)


def apply_rotary_pos_emb(q, k, cos, sin):
    q_type, k_type = q.dtype, k.dtype
    cos = cos.unsqueeze(1)
    sin = sin.unsqueeze(1)
    q_embed = (q * cos) + (rotate_half(q) * sin)
    k_embed = (k * cos) + (rotate_half(k) * sin)
    return q_embed.to(q_type), k_embed.to(k_type)


class Olmo2Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.scaling = HEAD_DIM ** -0.5
        self.q_proj = nn.Linear(HIDDEN, HEADS * HEAD_DIM, bias=False)
        self.k_proj = nn.Linear(HIDDEN, HEADS * HEAD_DIM, bias=False)
        self.v_proj = nn.Linear(HIDDEN, HEADS * HEAD_DIM, bias=False)
        self.o_proj = nn.Linear(HEADS * HEAD_DIM, HIDDEN, bias=False)
        self.q_norm = Olmo2RMSNorm(HEADS * HEAD_DIM)
        self.k_norm = Olmo2RMSNorm(HEADS * HEAD_DIM)

    def forward(self, hidden_states, position_embeddings, attention_mask):
        input_shape = hidden_states.shape[:-1]
        hidden_shape = (*input_shape, -1, HEAD_DIM)
        query_states = self.q_norm(self.q_proj(hidden_states))
        key_states = self.k_norm(self.k_proj(hidden_states))
        value_states = self.v_proj(hidden_states)
        query_states = query_states.view(hidden_shape).transpose(1, 2)
        key_states = key_states.view(hidden_shape).transpose(1, 2)
        value_states = value_states.view(hidden_shape).transpose(1, 2)
        query_states, key_states = apply_rotary_pos_emb(
            query_states, key_states, *position_embeddings
        )
        attn_weights = torch.matmul(query_states, key_states.transpose(2, 3)) * self.scaling
        attn_weights = attn_weights + attention_mask[:, :, :, : key_states.shape[-2]]
        attn_weights = F.softmax(attn_weights, dim=-1, dtype=torch.float32).to(query_states.dtype)
        attn_output = torch.matmul(attn_weights, value_states).transpose(1, 2).contiguous()
        return self.o_proj(attn_output.reshape(*input_shape, -1).contiguous())


class Olmo2MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate_proj = nn.Linear(HIDDEN, FFN, bias=False)
        self.up_proj = nn.Linear(HIDDEN, FFN, bias=False)
        self.down_proj = nn.Linear(FFN, HIDDEN, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Olmo2DecoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn = Olmo2Attention()
        self.mlp = Olmo2MLP()
        self.post_attention_layernorm = Olmo2RMSNorm(HIDDEN)
        self.post_feedforward_layernorm = Olmo2RMSNorm(HIDDEN)

    def forward(self, hidden_states, position_embeddings, attention_mask):
        residual = hidden_states
        hidden_states = self.self_attn(hidden_states, position_embeddings, attention_mask)
        hidden_states = self.post_attention_layernorm(hidden_states)
        hidden_states = residual + hidden_states

        residual = hidden_states
        hidden_states = self.mlp(hidden_states)
        hidden_states = self.post_feedforward_layernorm(hidden_states)
        return residual + hidden_states


class Olmo2Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCAB, HIDDEN)
        self.layers = nn.ModuleList([Olmo2DecoderLayer() for _ in range(LAYERS)])
        self.norm = Olmo2RMSNorm(HIDDEN)
        self.rotary_emb = Olmo2RotaryEmbedding()

    def forward(self, input_ids):
        inputs_embeds = self.embed_tokens(input_ids)
        sequence_length = inputs_embeds.shape[1]
        position_ids = torch.arange(0, sequence_length).unsqueeze(0)
        min_dtype = torch.finfo(inputs_embeds.dtype).min
        causal_mask = torch.full((sequence_length, sequence_length), fill_value=min_dtype)
        causal_mask = torch.triu(causal_mask, diagonal=1)
        causal_mask = causal_mask[None, None, :, :].expand(input_ids.shape[0], 1, -1, -1)
        hidden_states = inputs_embeds
        position_embeddings = self.rotary_emb(hidden_states, position_ids)
        for layer in self.layers:
            hidden_states = layer(hidden_states, position_embeddings, causal_mask)
        return self.norm(hidden_states)


class Olmo2ForCausalLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = Olmo2Model()
        self.lm_head = nn.Linear(HIDDEN, VOCAB, bias=False)

    def forward(self, input_ids):
        return self.lm_head(self.model(input_ids))


def sample(batch, sequence):
    generator = torch.Generator().manual_seed(batch * 1000 + sequence)
    return (torch.randint(0, VOCAB, (batch, sequence), generator=generator),)


def main(out_dir):
    tokens = {0: "batch", 1: "sequence"}
    for folding, opset in ((False, 14), (True, 17)):
        export(
            randomise(Olmo2ForCausalLM(), seed=20),
            "olmo2-mini",
            ["input_ids"],
            ["logits"],
            out_dir,
            dynamic_axes={"input_ids": tokens, "logits": tokens},
            samples=[sample(2, 8), sample(1, 1), sample(3, 13), sample(4, POSITIONS)],
            folding=folding,
            opsets=(opset,),
        )
