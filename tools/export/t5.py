"""t5-mini: an encoder-decoder written the way Hugging Face writes T5ForConditionalGeneration.

Relative position biases from buckets computed in the graph, by the first layer of each stack and
handed on to the others; T5LayerNorm (no mean, no bias); no scaling of the scores; an inner width
other than the model's; ReLU; cross-attention; one embedding shared by both stacks and the head,
whose input is scaled with d_model ** -0.5.
"""

import math

import torch
from torch import nn

from common import export, randomise

VOCAB, D_MODEL, D_KV, HEADS, LAYERS, D_FF, EPS = 100, 32, 8, 3, 2, 64, 1e-6
BUCKETS, MAX_DISTANCE = 16, 24
INNER = HEADS * D_KV


class T5LayerNorm(nn.Module):
    def __init__(self, hidden_size, eps=EPS):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden_size))
        self.variance_epsilon = eps

    def forward(self, hidden_states):
        variance = hidden_states.to(torch.float32).pow(2).mean(-1, keepdim=True)
        hidden_states = hidden_states * torch.rsqrt(variance + self.variance_epsilon)
        return self.weight * hidden_states


class T5DenseActDense(nn.Module):
    def __init__(self):
        super().__init__()
        self.wi = nn.Linear(D_MODEL, D_FF, bias=False)
        self.wo = nn.Linear(D_FF, D_MODEL, bias=False)

    def forward(self, hidden_states):
        return self.wo(nn.functional.relu(self.wi(hidden_states)))


class T5LayerFF(nn.Module):
    def __init__(self):
        super().__init__()
        self.DenseReluDense = T5DenseActDense()
        self.layer_norm = T5LayerNorm(D_MODEL)

    def forward(self, hidden_states):
        return hidden_states + self.DenseReluDense(self.layer_norm(hidden_states))


class T5Attention(nn.Module):
    def __init__(self, is_decoder, has_relative_attention_bias=False):
        super().__init__()
        self.is_decoder = is_decoder
        self.has_relative_attention_bias = has_relative_attention_bias
        self.q = nn.Linear(D_MODEL, INNER, bias=False)
        self.k = nn.Linear(D_MODEL, INNER, bias=False)
        self.v = nn.Linear(D_MODEL, INNER, bias=False)
        self.o = nn.Linear(INNER, D_MODEL, bias=False)
        if has_relative_attention_bias:
            self.relative_attention_bias = nn.Embedding(BUCKETS, HEADS)

    @staticmethod
    def _relative_position_bucket(relative_position, bidirectional, num_buckets, max_distance):
        relative_buckets = 0
        if bidirectional:
            num_buckets //= 2
            relative_buckets += (relative_position > 0).to(torch.long) * num_buckets
            relative_position = torch.abs(relative_position)
        else:
            relative_position = -torch.min(relative_position, torch.zeros_like(relative_position))
        max_exact = num_buckets // 2
        is_small = relative_position < max_exact
        relative_position_if_large = max_exact + (
            torch.log(relative_position.float() / max_exact)
            / math.log(max_distance / max_exact)
            * (num_buckets - max_exact)
        ).to(torch.long)
        relative_position_if_large = torch.min(
            relative_position_if_large,
            torch.full_like(relative_position_if_large, num_buckets - 1),
        )
        relative_buckets += torch.where(is_small, relative_position, relative_position_if_large)
        return relative_buckets

    def compute_bias(self, query_length, key_length):
        context_position = torch.arange(query_length, dtype=torch.long)[:, None]
        memory_position = torch.arange(key_length, dtype=torch.long)[None, :]
        relative_position = memory_position - context_position
        relative_position_bucket = self._relative_position_bucket(
            relative_position,
            bidirectional=not self.is_decoder,
            num_buckets=BUCKETS,
            max_distance=MAX_DISTANCE,
        )
        values = self.relative_attention_bias(relative_position_bucket)
        return values.permute([2, 0, 1]).unsqueeze(0)

    def forward(self, hidden_states, mask, key_value_states=None, position_bias=None):
        batch_size, seq_length = hidden_states.shape[:2]

        def shape(states):
            return states.view(batch_size, -1, HEADS, D_KV).transpose(1, 2)

        def unshape(states):
            return states.transpose(1, 2).contiguous().view(batch_size, -1, INNER)

        source = hidden_states if key_value_states is None else key_value_states
        key_length = source.shape[1]
        query_states = shape(self.q(hidden_states))
        key_states = shape(self.k(source))
        value_states = shape(self.v(source))
        scores = torch.matmul(query_states, key_states.transpose(3, 2))
        if position_bias is None:
            if self.has_relative_attention_bias:
                position_bias = self.compute_bias(seq_length, key_length)
            else:
                position_bias = torch.zeros((1, HEADS, seq_length, key_length), dtype=scores.dtype)
            position_bias = position_bias + mask
        scores += position_bias
        attn_weights = nn.functional.softmax(scores.float(), dim=-1).type_as(scores)
        return self.o(unshape(torch.matmul(attn_weights, value_states))), position_bias


class T5LayerSelfAttention(nn.Module):
    def __init__(self, is_decoder, has_relative_attention_bias):
        super().__init__()
        self.SelfAttention = T5Attention(is_decoder, has_relative_attention_bias)
        self.layer_norm = T5LayerNorm(D_MODEL)

    def forward(self, hidden_states, mask, position_bias):
        attention_output, position_bias = self.SelfAttention(
            self.layer_norm(hidden_states), mask, position_bias=position_bias
        )
        return hidden_states + attention_output, position_bias


class T5LayerCrossAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.EncDecAttention = T5Attention(is_decoder=True)
        self.layer_norm = T5LayerNorm(D_MODEL)

    def forward(self, hidden_states, key_value_states, mask, position_bias):
        attention_output, position_bias = self.EncDecAttention(
            self.layer_norm(hidden_states), mask, key_value_states, position_bias
        )
        return hidden_states + attention_output, position_bias


class T5Block(nn.Module):
    def __init__(self, is_decoder, has_relative_attention_bias):
        super().__init__()
        self.is_decoder = is_decoder
        self.layer = nn.ModuleList([T5LayerSelfAttention(is_decoder, has_relative_attention_bias)])
        if is_decoder:
            self.layer.append(T5LayerCrossAttention())
        self.layer.append(T5LayerFF())

    def forward(self, hidden_states, mask, position_bias, encoder_states, encoder_mask, cross_bias):
        hidden_states, position_bias = self.layer[0](hidden_states, mask, position_bias)
        if self.is_decoder:
            hidden_states, cross_bias = self.layer[1](
                hidden_states, encoder_states, encoder_mask, cross_bias
            )
        return self.layer[-1](hidden_states), position_bias, cross_bias


class T5Stack(nn.Module):
    def __init__(self, embed_tokens, is_decoder):
        super().__init__()
        self.embed_tokens = embed_tokens
        self.is_decoder = is_decoder
        self.block = nn.ModuleList([T5Block(is_decoder, i == 0) for i in range(LAYERS)])
        self.final_layer_norm = T5LayerNorm(D_MODEL)

    def get_extended_attention_mask(self, attention_mask, dtype):
        if self.is_decoder:
            batch_size, seq_length = attention_mask.shape
            seq_ids = torch.arange(seq_length)
            causal_mask = seq_ids[None, None, :].repeat(batch_size, seq_length, 1)
            causal_mask = causal_mask <= seq_ids[None, :, None]
            causal_mask = causal_mask.to(attention_mask.dtype)
            extended = causal_mask[:, None, :, :] * attention_mask[:, None, None, :]
        else:
            extended = attention_mask[:, None, None, :]
        return (1.0 - extended.to(dtype=dtype)) * torch.finfo(dtype).min

    def forward(self, input_ids, attention_mask, encoder_states=None, encoder_mask=None):
        input_shape = input_ids.size()
        input_ids = input_ids.view(-1, input_shape[-1])
        hidden_states = self.embed_tokens(input_ids)
        if attention_mask is None:
            attention_mask = torch.ones(input_shape[0], input_shape[1])
        mask = self.get_extended_attention_mask(attention_mask, hidden_states.dtype)
        if encoder_mask is not None:
            encoder_mask = encoder_mask[:, None, None, :].to(dtype=hidden_states.dtype)
            encoder_mask = (1.0 - encoder_mask) * torch.finfo(hidden_states.dtype).min
        position_bias = cross_bias = None
        for block in self.block:
            hidden_states, position_bias, cross_bias = block(
                hidden_states, mask, position_bias, encoder_states, encoder_mask, cross_bias
            )
        return self.final_layer_norm(hidden_states)


class T5ForConditionalGeneration(nn.Module):
    def __init__(self):
        super().__init__()
        self.model_dim = D_MODEL
        self.shared = nn.Embedding(VOCAB, D_MODEL)
        self.encoder = T5Stack(self.shared, is_decoder=False)
        self.decoder = T5Stack(self.shared, is_decoder=True)
        self.lm_head = nn.Linear(D_MODEL, VOCAB, bias=False)
        self.lm_head.weight = self.shared.weight

    def forward(self, input_ids, attention_mask, decoder_input_ids):
        hidden_states = self.encoder(input_ids, attention_mask)
        sequence_output = self.decoder(decoder_input_ids, None, hidden_states, attention_mask)
        sequence_output = sequence_output * (self.model_dim ** -0.5)
        return self.lm_head(sequence_output)


@torch.no_grad()
def sharpen(model):
    """There is no scaling, so query and key stay small; the biases and the embedding are large."""
    for name, parameter in model.named_parameters():
        if name.endswith((".q.weight", ".k.weight")):
            parameter *= 0.9
        if name.endswith("relative_attention_bias.weight") or name == "shared.weight":
            parameter *= 3.0
    return model


def sample(batch, source, target):
    """Random tokens; every row but the first is padded on the right."""
    generator = torch.Generator().manual_seed(batch * 10000 + source * 100 + target)
    input_ids = torch.randint(0, VOCAB, (batch, source), generator=generator)
    decoder_input_ids = torch.randint(0, VOCAB, (batch, target), generator=generator)
    attention_mask = torch.ones(batch, source, dtype=torch.int64)
    for row in range(1, batch):
        attention_mask[row, max(1, source - 2 * row):] = 0
    return input_ids, attention_mask, decoder_input_ids


def main(out_dir):
    source = {0: "batch", 1: "encoder_sequence"}
    target = {0: "batch", 1: "decoder_sequence"}
    export(
        sharpen(randomise(T5ForConditionalGeneration(), seed=24)),
        "t5-mini",
        ["input_ids", "attention_mask", "decoder_input_ids"],
        ["logits"],
        out_dir,
        dynamic_axes={
            "input_ids": source, "attention_mask": source,
            "decoder_input_ids": target, "logits": target,
        },
        samples=[sample(2, 8, 5), sample(1, 1, 1), sample(3, 13, 17), sample(2, 40, 30)],
        folding=False,
        tied="shared.weight",
        opsets=(12, 17),
    )
