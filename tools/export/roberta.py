"""roberta-mini: a Post-LN encoder written the way Hugging Face writes RobertaForMaskedLM.

Position ids counted by a cumsum over the tokens that are not padding, token types from a buffer of
zeros, and a masked-language head (dense, GELU, LayerNorm, decoder tied to the word embedding).
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from common import export, randomise

VOCAB, POSITIONS, HIDDEN, LAYERS, HEADS, FFN, EPS, PAD = 100, 48, 48, 2, 4, 64, 1e-5, 1


def create_position_ids_from_input_ids(input_ids, padding_idx):
    mask = input_ids.ne(padding_idx).int()
    incremental_indices = torch.cumsum(mask, dim=1).type_as(mask) * mask
    return incremental_indices.long() + padding_idx


class RobertaEmbeddings(nn.Module):
    def __init__(self):
        super().__init__()
        self.word_embeddings = nn.Embedding(VOCAB, HIDDEN, padding_idx=PAD)
        self.position_embeddings = nn.Embedding(POSITIONS + PAD + 1, HIDDEN, padding_idx=PAD)
        self.token_type_embeddings = nn.Embedding(1, HIDDEN)
        self.LayerNorm = nn.LayerNorm(HIDDEN, eps=EPS)
        token_type_ids = torch.zeros((1, POSITIONS), dtype=torch.long)
        self.register_buffer("token_type_ids", token_type_ids, persistent=False)

    def forward(self, input_ids):
        position_ids = create_position_ids_from_input_ids(input_ids, PAD)
        batch_size, seq_length = input_ids.size()
        buffered_token_type_ids = self.token_type_ids[:, :seq_length]
        token_type_ids = buffered_token_type_ids.expand(batch_size, seq_length)
        inputs_embeds = self.word_embeddings(input_ids)
        embeddings = inputs_embeds + self.token_type_embeddings(token_type_ids)
        embeddings += self.position_embeddings(position_ids)
        return self.LayerNorm(embeddings)


class RobertaSelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_head_size = HIDDEN // HEADS
        self.query = nn.Linear(HIDDEN, HIDDEN)
        self.key = nn.Linear(HIDDEN, HIDDEN)
        self.value = nn.Linear(HIDDEN, HIDDEN)

    def transpose_for_scores(self, x):
        new_x_shape = x.size()[:-1] + (HEADS, self.attention_head_size)
        return x.view(new_x_shape).permute(0, 2, 1, 3)

    def forward(self, hidden_states, attention_mask):
        query_layer = self.transpose_for_scores(self.query(hidden_states))
        key_layer = self.transpose_for_scores(self.key(hidden_states))
        value_layer = self.transpose_for_scores(self.value(hidden_states))
        attention_scores = torch.matmul(query_layer, key_layer.transpose(-1, -2))
        attention_scores = attention_scores / math.sqrt(self.attention_head_size)
        attention_scores = attention_scores + attention_mask
        attention_probs = nn.functional.softmax(attention_scores, dim=-1)
        context_layer = torch.matmul(attention_probs, value_layer)
        context_layer = context_layer.permute(0, 2, 1, 3).contiguous()
        return context_layer.view(context_layer.size()[:-2] + (HIDDEN,))


class RobertaOutput(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.dense = nn.Linear(width, HIDDEN)
        self.LayerNorm = nn.LayerNorm(HIDDEN, eps=EPS)

    def forward(self, hidden_states, input_tensor):
        return self.LayerNorm(self.dense(hidden_states) + input_tensor)


class RobertaAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.self = RobertaSelfAttention()
        self.output = RobertaOutput(HIDDEN)

    def forward(self, hidden_states, attention_mask):
        return self.output(self.self(hidden_states, attention_mask), hidden_states)


class RobertaIntermediate(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(HIDDEN, FFN)

    def forward(self, hidden_states):
        return F.gelu(self.dense(hidden_states))


class RobertaLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = RobertaAttention()
        self.intermediate = RobertaIntermediate()
        self.output = RobertaOutput(FFN)

    def forward(self, hidden_states, attention_mask):
        attention_output = self.attention(hidden_states, attention_mask)
        return self.output(self.intermediate(attention_output), attention_output)


class RobertaEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.ModuleList([RobertaLayer() for _ in range(LAYERS)])

    def forward(self, hidden_states, attention_mask):
        for layer in self.layer:
            hidden_states = layer(hidden_states, attention_mask)
        return hidden_states


class RobertaModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = RobertaEmbeddings()
        self.encoder = RobertaEncoder()

    def forward(self, input_ids, attention_mask):
        extended_attention_mask = attention_mask[:, None, None, :].to(dtype=torch.float32)
        extended_attention_mask = (1.0 - extended_attention_mask) * torch.finfo(torch.float32).min
        return self.encoder(self.embeddings(input_ids), extended_attention_mask)


class RobertaLMHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(HIDDEN, HIDDEN)
        self.layer_norm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.decoder = nn.Linear(HIDDEN, VOCAB)
        self.bias = nn.Parameter(torch.zeros(VOCAB))
        self.decoder.bias = self.bias

    def forward(self, features):
        x = self.layer_norm(F.gelu(self.dense(features)))
        return self.decoder(x)


class RobertaForMaskedLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.roberta = RobertaModel()
        self.lm_head = RobertaLMHead()
        self.lm_head.decoder.weight = self.roberta.embeddings.word_embeddings.weight

    def forward(self, input_ids, attention_mask):
        return self.lm_head(self.roberta(input_ids, attention_mask))


def sample(batch, sequence):
    """Random tokens; every row but the first is padded on the right, with the padding token."""
    generator = torch.Generator().manual_seed(batch * 1000 + sequence)
    input_ids = torch.randint(PAD + 1, VOCAB, (batch, sequence), generator=generator)
    attention_mask = torch.ones(batch, sequence, dtype=torch.int64)
    for row in range(1, batch):
        attention_mask[row, max(1, sequence - 2 * row):] = 0
    return input_ids.masked_fill(attention_mask == 0, PAD), attention_mask


def main(out_dir):
    inputs = ["input_ids", "attention_mask"]
    export(
        randomise(RobertaForMaskedLM(), seed=27),
        "roberta-mini",
        inputs,
        ["logits"],
        out_dir,
        dynamic_axes={key: {0: "batch", 1: "sequence"} for key in inputs + ["logits"]},
        samples=[sample(2, 8), sample(1, 1), sample(3, 13), sample(4, POSITIONS)],
        folding=False,
        tied="roberta.embeddings.word_embeddings.weight",
        opsets=(14, 17),
    )
