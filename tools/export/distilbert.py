"""distilbert-mini: a Post-LN encoder written the way Hugging Face writes DistilBertForMaskedLM.

Padding by masked_fill of the scores, the query scaled before the product, no token types, position
ids from arange, a masked-language head (dense, GELU, LayerNorm, projector tied to the embedding).
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from common import export, randomise

VOCAB, POSITIONS, DIM, LAYERS, HEADS, HIDDEN_DIM, EPS = 100, 48, 48, 2, 3, 72, 1e-12


class Embeddings(nn.Module):
    def __init__(self):
        super().__init__()
        self.word_embeddings = nn.Embedding(VOCAB, DIM, padding_idx=0)
        self.position_embeddings = nn.Embedding(POSITIONS, DIM)
        self.LayerNorm = nn.LayerNorm(DIM, eps=EPS)

    def forward(self, input_ids):
        input_embeds = self.word_embeddings(input_ids)
        seq_length = input_embeds.size(1)
        position_ids = torch.arange(seq_length, dtype=torch.long)
        position_ids = position_ids.unsqueeze(0).expand_as(input_ids)
        return self.LayerNorm(input_embeds + self.position_embeddings(position_ids))


class MultiHeadSelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_lin = nn.Linear(DIM, DIM)
        self.k_lin = nn.Linear(DIM, DIM)
        self.v_lin = nn.Linear(DIM, DIM)
        self.out_lin = nn.Linear(DIM, DIM)

    def forward(self, query, key, value, mask):
        bs, q_length, dim = query.size()
        k_length = key.size(1)
        dim_per_head = DIM // HEADS
        mask_reshp = (bs, 1, 1, k_length)

        def shape(x):
            return x.view(bs, -1, HEADS, dim_per_head).transpose(1, 2)

        def unshape(x):
            return x.transpose(1, 2).contiguous().view(bs, -1, HEADS * dim_per_head)

        q = shape(self.q_lin(query))
        k = shape(self.k_lin(key))
        v = shape(self.v_lin(value))
        q = q / math.sqrt(dim_per_head)
        scores = torch.matmul(q, k.transpose(2, 3))
        mask = (mask == 0).view(mask_reshp).expand_as(scores)
        scores = scores.masked_fill(mask, torch.tensor(torch.finfo(scores.dtype).min))
        weights = nn.functional.softmax(scores, dim=-1)
        return self.out_lin(unshape(torch.matmul(weights, v)))


class FFN(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin1 = nn.Linear(DIM, HIDDEN_DIM)
        self.lin2 = nn.Linear(HIDDEN_DIM, DIM)

    def forward(self, x):
        return self.lin2(F.gelu(self.lin1(x)))


class TransformerBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = MultiHeadSelfAttention()
        self.sa_layer_norm = nn.LayerNorm(DIM, eps=EPS)
        self.ffn = FFN()
        self.output_layer_norm = nn.LayerNorm(DIM, eps=EPS)

    def forward(self, x, attn_mask):
        sa_output = self.attention(query=x, key=x, value=x, mask=attn_mask)
        sa_output = self.sa_layer_norm(sa_output + x)
        return self.output_layer_norm(self.ffn(sa_output) + sa_output)


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.ModuleList([TransformerBlock() for _ in range(LAYERS)])

    def forward(self, x, attn_mask):
        for layer_module in self.layer:
            x = layer_module(x, attn_mask)
        return x


class DistilBertModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = Embeddings()
        self.transformer = Transformer()

    def forward(self, input_ids, attention_mask):
        return self.transformer(self.embeddings(input_ids), attention_mask)


class DistilBertForMaskedLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.distilbert = DistilBertModel()
        self.vocab_transform = nn.Linear(DIM, DIM)
        self.vocab_layer_norm = nn.LayerNorm(DIM, eps=EPS)
        self.vocab_projector = nn.Linear(DIM, VOCAB)
        self.vocab_projector.weight = self.distilbert.embeddings.word_embeddings.weight

    def forward(self, input_ids, attention_mask):
        hidden_states = self.distilbert(input_ids, attention_mask)
        prediction_logits = F.gelu(self.vocab_transform(hidden_states))
        return self.vocab_projector(self.vocab_layer_norm(prediction_logits))


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
        randomise(DistilBertForMaskedLM(), seed=26),
        "distilbert-mini",
        inputs,
        ["logits"],
        out_dir,
        dynamic_axes={key: {0: "batch", 1: "sequence"} for key in inputs + ["logits"]},
        samples=[sample(2, 8), sample(1, 1), sample(3, 13), sample(4, POSITIONS)],
        folding=False,
        tied="distilbert.embeddings.word_embeddings.weight",
        opsets=(9, 17),
    )
