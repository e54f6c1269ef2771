"""bloom-mini: a decoder written the way Hugging Face writes BloomForCausalLM.

ALiBi instead of positions: slopes from the number of heads (6, not a power of two) times the
running count of the attention mask; a LayerNorm right after the embedding; a fused query_key_value
laid out [heads, 3, head_dim]; scores with baddbmm; tanh GELU; a tied head.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from common import export, randomise

VOCAB, HIDDEN, LAYERS, HEADS, EPS = 100, 48, 2, 6, 1e-5
HEAD_DIM, FFN = HIDDEN // HEADS, 80


def build_alibi_tensor(attention_mask, num_heads, dtype):
    batch_size, seq_length = attention_mask.shape
    closest_power_of_2 = 2 ** math.floor(math.log2(num_heads))
    base = torch.tensor(2 ** (-(2 ** -(math.log2(closest_power_of_2) - 3))), dtype=torch.float32)
    powers = torch.arange(1, 1 + closest_power_of_2, dtype=torch.int32)
    slopes = torch.pow(base, powers)
    if closest_power_of_2 != num_heads:
        extra_base = torch.tensor(
            2 ** (-(2 ** -(math.log2(2 * closest_power_of_2) - 3))), dtype=torch.float32
        )
        num_remaining_heads = min(closest_power_of_2, num_heads - closest_power_of_2)
        extra_powers = torch.arange(1, 1 + 2 * num_remaining_heads, 2, dtype=torch.int32)
        slopes = torch.cat([slopes, torch.pow(extra_base, extra_powers)], dim=0)
    arange_tensor = ((attention_mask.cumsum(dim=-1) - 1) * attention_mask)[:, None, :]
    alibi = slopes[..., None] * arange_tensor
    return alibi.reshape(batch_size * num_heads, 1, seq_length).to(dtype)


class BloomGelu(nn.Module):
    def forward(self, x):
        return x * 0.5 * (1.0 + torch.tanh(0.79788456 * x * (1 + 0.044715 * x * x)))


class BloomAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.inv_norm_factor = 1.0 / math.sqrt(HEAD_DIM)
        self.query_key_value = nn.Linear(HIDDEN, 3 * HIDDEN, bias=True)
        self.dense = nn.Linear(HIDDEN, HIDDEN)

    def _split_heads(self, fused_qkv):
        batch_size, seq_length, _ = fused_qkv.shape
        fused_qkv = fused_qkv.view(batch_size, seq_length, HEADS, 3, HEAD_DIM)
        return fused_qkv[..., 0, :], fused_qkv[..., 1, :], fused_qkv[..., 2, :]

    def _merge_heads(self, x):
        batch_size_and_num_heads, seq_length, _ = x.shape
        batch_size = batch_size_and_num_heads // HEADS
        x = x.view(batch_size, HEADS, seq_length, HEAD_DIM)
        x = x.permute(0, 2, 1, 3)
        return x.reshape(batch_size, seq_length, HEADS * HEAD_DIM)

    def forward(self, hidden_states, residual, alibi, attention_mask):
        fused_qkv = self.query_key_value(hidden_states)
        query_layer, key_layer, value_layer = self._split_heads(fused_qkv)
        batch_size, q_length, _, _ = query_layer.shape
        query_layer = query_layer.transpose(1, 2).reshape(batch_size * HEADS, q_length, HEAD_DIM)
        key_layer = key_layer.permute(0, 2, 3, 1).reshape(batch_size * HEADS, HEAD_DIM, q_length)
        value_layer = value_layer.transpose(1, 2).reshape(batch_size * HEADS, q_length, HEAD_DIM)

        matmul_result = alibi.baddbmm(
            batch1=query_layer, batch2=key_layer, beta=1.0, alpha=self.inv_norm_factor
        )
        attention_scores = matmul_result.view(batch_size, HEADS, q_length, q_length)
        attn_weights = torch.masked_fill(
            attention_scores, attention_mask, torch.finfo(attention_scores.dtype).min
        )
        attention_probs = F.softmax(attn_weights, dim=-1, dtype=torch.float32)
        attention_probs_reshaped = attention_probs.view(batch_size * HEADS, q_length, q_length)
        context_layer = torch.bmm(attention_probs_reshaped, value_layer)
        return residual + self.dense(self._merge_heads(context_layer))


class BloomMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense_h_to_4h = nn.Linear(HIDDEN, FFN)
        self.gelu_impl = BloomGelu()
        self.dense_4h_to_h = nn.Linear(FFN, HIDDEN)

    def forward(self, hidden_states, residual):
        hidden_states = self.gelu_impl(self.dense_h_to_4h(hidden_states))
        return residual + self.dense_4h_to_h(hidden_states)


class BloomBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.input_layernorm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.self_attention = BloomAttention()
        self.post_attention_layernorm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.mlp = BloomMLP()

    def forward(self, hidden_states, alibi, attention_mask):
        layernorm_output = self.input_layernorm(hidden_states)
        attention_output = self.self_attention(
            layernorm_output, hidden_states, alibi, attention_mask
        )
        layernorm_output = self.post_attention_layernorm(attention_output)
        return self.mlp(layernorm_output, attention_output)


class BloomModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.word_embeddings = nn.Embedding(VOCAB, HIDDEN)
        self.word_embeddings_layernorm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.h = nn.ModuleList([BloomBlock() for _ in range(LAYERS)])
        self.ln_f = nn.LayerNorm(HIDDEN, eps=EPS)

    def _prepare_attn_mask(self, attention_mask):
        batch_size, length = attention_mask.shape
        seq_ids = torch.arange(length)
        causal = seq_ids[:, None] < seq_ids[None, :]
        causal = causal[None, None, :, :].expand(batch_size, 1, length, length)
        padding = ~(attention_mask[:, None, None, :].to(torch.bool))
        return padding.expand(batch_size, 1, length, length) | causal

    def forward(self, input_ids, attention_mask):
        inputs_embeds = self.word_embeddings(input_ids)
        hidden_states = self.word_embeddings_layernorm(inputs_embeds)
        alibi = build_alibi_tensor(attention_mask, HEADS, dtype=hidden_states.dtype)
        causal_mask = self._prepare_attn_mask(attention_mask)
        for block in self.h:
            hidden_states = block(hidden_states, alibi, causal_mask)
        return self.ln_f(hidden_states)


class BloomForCausalLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.transformer = BloomModel()
        self.lm_head = nn.Linear(HIDDEN, VOCAB, bias=False)
        self.lm_head.weight = self.transformer.word_embeddings.weight

    def forward(self, input_ids, attention_mask):
        return self.lm_head(self.transformer(input_ids, attention_mask))


def sample(batch, sequence):
    """Random tokens; every row but the first is padded on the left."""
    generator = torch.Generator().manual_seed(batch * 1000 + sequence)
    input_ids = torch.randint(0, VOCAB, (batch, sequence), generator=generator)
    attention_mask = torch.ones(batch, sequence, dtype=torch.int64)
    for row in range(1, batch):
        attention_mask[row, : min(2 * row, sequence - 1)] = 0
    return input_ids, attention_mask


def main(out_dir):
    inputs = ["input_ids", "attention_mask"]
    export(
        randomise(BloomForCausalLM(), seed=19),
        "bloom-mini",
        inputs,
        ["logits"],
        out_dir,
        dynamic_axes={key: {0: "batch", 1: "sequence"} for key in inputs + ["logits"]},
        samples=[sample(2, 8), sample(1, 1), sample(3, 13), sample(4, 50)],
        folding=False,
        tied="transformer.word_embeddings.weight",
        opsets=(11, 17),
    )
