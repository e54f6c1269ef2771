"""bart-mini: an encoder-decoder written the way Hugging Face writes BartForConditionalGeneration.

Post-LN blocks, learned positions with an offset of 2, a LayerNorm after the embeddings, attention
as bmm over [batch * heads], cross-attention, erf GELU, a head tied to the shared embedding with
the final_logits_bias buffer added.
"""

import torch
from torch import nn

from common import export, randomise

VOCAB, POSITIONS, D_MODEL, HEADS, FFN = 100, 40, 32, 2, 48
ENCODER_LAYERS, DECODER_LAYERS = 2, 1
HEAD_DIM = D_MODEL // HEADS


class BartLearnedPositionalEmbedding(nn.Embedding):
    def __init__(self, num_embeddings, embedding_dim):
        self.offset = 2
        super().__init__(num_embeddings + self.offset, embedding_dim)

    def forward(self, input_ids):
        bsz, seq_len = input_ids.shape[:2]
        positions = torch.arange(0, seq_len, dtype=torch.long).expand(bsz, -1)
        return super().forward(positions + self.offset)


class BartAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.scaling = HEAD_DIM ** -0.5
        self.k_proj = nn.Linear(D_MODEL, D_MODEL)
        self.v_proj = nn.Linear(D_MODEL, D_MODEL)
        self.q_proj = nn.Linear(D_MODEL, D_MODEL)
        self.out_proj = nn.Linear(D_MODEL, D_MODEL)

    def _shape(self, tensor, seq_len, bsz):
        return tensor.view(bsz, seq_len, HEADS, HEAD_DIM).transpose(1, 2).contiguous()

    def forward(self, hidden_states, attention_mask, key_value_states=None):
        bsz, tgt_len, _ = hidden_states.size()
        query_states = self.q_proj(hidden_states) * self.scaling
        source = hidden_states if key_value_states is None else key_value_states
        key_states = self._shape(self.k_proj(source), -1, bsz)
        value_states = self._shape(self.v_proj(source), -1, bsz)

        proj_shape = (bsz * HEADS, -1, HEAD_DIM)
        query_states = self._shape(query_states, tgt_len, bsz).view(*proj_shape)
        key_states = key_states.reshape(*proj_shape)
        value_states = value_states.reshape(*proj_shape)

        src_len = key_states.size(1)
        attn_weights = torch.bmm(query_states, key_states.transpose(1, 2))
        attn_weights = attn_weights.view(bsz, HEADS, tgt_len, src_len) + attention_mask
        attn_weights = attn_weights.view(bsz * HEADS, tgt_len, src_len)
        attn_weights = nn.functional.softmax(attn_weights, dim=-1)
        attn_output = torch.bmm(attn_weights, value_states)
        attn_output = attn_output.view(bsz, HEADS, tgt_len, HEAD_DIM)
        attn_output = attn_output.transpose(1, 2)
        attn_output = attn_output.reshape(bsz, tgt_len, D_MODEL)
        return self.out_proj(attn_output)


class BartEncoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn = BartAttention()
        self.self_attn_layer_norm = nn.LayerNorm(D_MODEL)
        self.fc1 = nn.Linear(D_MODEL, FFN)
        self.fc2 = nn.Linear(FFN, D_MODEL)
        self.final_layer_norm = nn.LayerNorm(D_MODEL)

    def forward(self, hidden_states, attention_mask):
        residual = hidden_states
        hidden_states = self.self_attn(hidden_states, attention_mask)
        hidden_states = self.self_attn_layer_norm(residual + hidden_states)
        residual = hidden_states
        hidden_states = self.fc2(nn.functional.gelu(self.fc1(hidden_states)))
        return self.final_layer_norm(residual + hidden_states)


class BartDecoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn = BartAttention()
        self.self_attn_layer_norm = nn.LayerNorm(D_MODEL)
        self.encoder_attn = BartAttention()
        self.encoder_attn_layer_norm = nn.LayerNorm(D_MODEL)
        self.fc1 = nn.Linear(D_MODEL, FFN)
        self.fc2 = nn.Linear(FFN, D_MODEL)
        self.final_layer_norm = nn.LayerNorm(D_MODEL)

    def forward(self, hidden_states, attention_mask, encoder_hidden_states, encoder_mask):
        residual = hidden_states
        hidden_states = self.self_attn(hidden_states, attention_mask)
        hidden_states = self.self_attn_layer_norm(residual + hidden_states)
        residual = hidden_states
        hidden_states = self.encoder_attn(hidden_states, encoder_mask, encoder_hidden_states)
        hidden_states = self.encoder_attn_layer_norm(residual + hidden_states)
        residual = hidden_states
        hidden_states = self.fc2(nn.functional.gelu(self.fc1(hidden_states)))
        return self.final_layer_norm(residual + hidden_states)


def expand_mask(mask, dtype, tgt_len):
    bsz, src_len = mask.size()
    expanded_mask = mask[:, None, None, :].expand(bsz, 1, tgt_len, src_len).to(dtype)
    inverted_mask = 1.0 - expanded_mask
    return inverted_mask.masked_fill(inverted_mask.to(torch.bool), torch.finfo(dtype).min)


def make_causal_mask(input_ids_shape, dtype):
    bsz, tgt_len = input_ids_shape
    mask = torch.full((tgt_len, tgt_len), torch.tensor(torch.finfo(dtype).min))
    mask_cond = torch.arange(mask.size(-1))
    mask.masked_fill_(mask_cond < (mask_cond + 1).view(mask.size(-1), 1), 0)
    return mask.to(dtype)[None, None, :, :].expand(bsz, 1, tgt_len, tgt_len)


class BartEncoder(nn.Module):
    def __init__(self, embed_tokens):
        super().__init__()
        self.embed_scale = 1.0
        self.embed_tokens = embed_tokens
        self.embed_positions = BartLearnedPositionalEmbedding(POSITIONS, D_MODEL)
        self.layers = nn.ModuleList([BartEncoderLayer() for _ in range(ENCODER_LAYERS)])
        self.layernorm_embedding = nn.LayerNorm(D_MODEL)

    def forward(self, input_ids, attention_mask):
        inputs_embeds = self.embed_tokens(input_ids) * self.embed_scale
        hidden_states = inputs_embeds + self.embed_positions(input_ids)
        hidden_states = self.layernorm_embedding(hidden_states)
        attention_mask = expand_mask(attention_mask, inputs_embeds.dtype, input_ids.shape[1])
        for layer in self.layers:
            hidden_states = layer(hidden_states, attention_mask)
        return hidden_states


class BartDecoder(nn.Module):
    def __init__(self, embed_tokens):
        super().__init__()
        self.embed_scale = 1.0
        self.embed_tokens = embed_tokens
        self.embed_positions = BartLearnedPositionalEmbedding(POSITIONS, D_MODEL)
        self.layers = nn.ModuleList([BartDecoderLayer() for _ in range(DECODER_LAYERS)])
        self.layernorm_embedding = nn.LayerNorm(D_MODEL)

    def forward(self, input_ids, encoder_hidden_states, encoder_attention_mask):
        input_shape = input_ids.shape
        inputs_embeds = self.embed_tokens(input_ids) * self.embed_scale
        attention_mask = make_causal_mask(input_shape, inputs_embeds.dtype)
        encoder_mask = expand_mask(encoder_attention_mask, inputs_embeds.dtype, input_shape[-1])
        hidden_states = inputs_embeds + self.embed_positions(input_ids)
        hidden_states = self.layernorm_embedding(hidden_states)
        for layer in self.layers:
            hidden_states = layer(
                hidden_states, attention_mask, encoder_hidden_states, encoder_mask
            )
        return hidden_states


class BartModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Embedding(VOCAB, D_MODEL, padding_idx=1)
        self.encoder = BartEncoder(self.shared)
        self.decoder = BartDecoder(self.shared)

    def forward(self, input_ids, attention_mask, decoder_input_ids):
        hidden_states = self.encoder(input_ids, attention_mask)
        return self.decoder(decoder_input_ids, hidden_states, attention_mask)


class BartForConditionalGeneration(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = BartModel()
        bias = torch.randn((1, VOCAB), generator=torch.Generator().manual_seed(25)) * 0.2
        self.register_buffer("final_logits_bias", bias)
        self.lm_head = nn.Linear(D_MODEL, VOCAB, bias=False)
        self.lm_head.weight = self.model.shared.weight

    def forward(self, input_ids, attention_mask, decoder_input_ids):
        lm_logits = self.lm_head(self.model(input_ids, attention_mask, decoder_input_ids))
        return lm_logits + self.final_logits_bias


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
        randomise(BartForConditionalGeneration(), seed=25),
        "bart-mini",
        ["input_ids", "attention_mask", "decoder_input_ids"],
        ["logits"],
        out_dir,
        dynamic_axes={
            "input_ids": source, "attention_mask": source,
            "decoder_input_ids": target, "logits": target,
        },
        samples=[sample(2, 8, 5), sample(1, 1, 1), sample(3, 13, 17), sample(2, POSITIONS, 30)],
        folding=False,
        tied="model.shared.weight",
        opsets=(9, 17),
    )
