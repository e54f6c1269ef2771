"""clip-mini: an image and a text tower written the way Hugging Face writes CLIPModel: causal text
with the end token's state, an image tower with a LayerNorm before the encoder, quick GELU, both
projected to one width, normalised and compared."""

import torch
from torch import nn

from vision_common import export, randomise

IMAGE, PATCH, CHANNELS = 32, 8, 3
VISION_HIDDEN, VISION_HEADS, VISION_FFN = 32, 2, 64
TEXT_HIDDEN, TEXT_HEADS, TEXT_FFN = 24, 3, 72
VOCAB, POSITIONS, LAYERS, PROJECTION, EPS = 120, 16, 2, 24, 1e-5


def _make_causal_mask(shape, dtype):
    bsz, tgt_len = shape
    mask = torch.full((tgt_len, tgt_len), torch.finfo(dtype).min)
    mask_cond = torch.arange(mask.size(-1))
    mask.masked_fill_(mask_cond < (mask_cond + 1).view(mask.size(-1), 1), 0)
    mask = mask.to(dtype)
    return mask[None, None, :, :].expand(bsz, 1, tgt_len, tgt_len)


class QuickGELUActivation(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class CLIPVisionEmbeddings(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_dim = VISION_HIDDEN
        self.class_embedding = nn.Parameter(torch.randn(self.embed_dim))
        self.patch_embedding = nn.Conv2d(
            CHANNELS, self.embed_dim, kernel_size=PATCH, stride=PATCH, bias=False)
        self.num_positions = (IMAGE // PATCH) ** 2 + 1
        self.position_embedding = nn.Embedding(self.num_positions, self.embed_dim)
        self.register_buffer("position_ids", torch.arange(self.num_positions).expand((1, -1)))

    def forward(self, pixel_values):
        batch_size = pixel_values.shape[0]
        patch_embeds = self.patch_embedding(pixel_values)
        patch_embeds = patch_embeds.flatten(2).transpose(1, 2)
        class_embeds = self.class_embedding.expand(batch_size, 1, -1)
        embeddings = torch.cat([class_embeds, patch_embeds], dim=1)
        return embeddings + self.position_embedding(self.position_ids)


class CLIPTextEmbeddings(nn.Module):
    def __init__(self):
        super().__init__()
        self.token_embedding = nn.Embedding(VOCAB, TEXT_HIDDEN)
        self.position_embedding = nn.Embedding(POSITIONS, TEXT_HIDDEN)
        self.register_buffer("position_ids", torch.arange(POSITIONS).expand((1, -1)))

    def forward(self, input_ids):
        seq_length = input_ids.shape[-1]
        position_ids = self.position_ids[:, :seq_length]
        return self.token_embedding(input_ids) + self.position_embedding(position_ids)


class CLIPAttention(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.embed_dim = hidden
        self.num_heads = heads
        self.head_dim = hidden // heads
        self.scale = self.head_dim ** -0.5
        self.k_proj = nn.Linear(hidden, hidden)
        self.v_proj = nn.Linear(hidden, hidden)
        self.q_proj = nn.Linear(hidden, hidden)
        self.out_proj = nn.Linear(hidden, hidden)

    def _shape(self, tensor, seq_len, bsz):
        return tensor.view(bsz, seq_len, self.num_heads, self.head_dim).transpose(1, 2).contiguous()

    def forward(self, hidden_states, causal_attention_mask=None):
        bsz, tgt_len, embed_dim = hidden_states.size()
        query_states = self.q_proj(hidden_states) * self.scale
        key_states = self._shape(self.k_proj(hidden_states), -1, bsz)
        value_states = self._shape(self.v_proj(hidden_states), -1, bsz)
        proj_shape = (bsz * self.num_heads, -1, self.head_dim)
        query_states = self._shape(query_states, tgt_len, bsz).view(*proj_shape)
        key_states = key_states.view(*proj_shape)
        value_states = value_states.view(*proj_shape)
        src_len = key_states.size(1)
        attn_weights = torch.bmm(query_states, key_states.transpose(1, 2))
        if causal_attention_mask is not None:
            attn_weights = (
                attn_weights.view(bsz, self.num_heads, tgt_len, src_len) + causal_attention_mask)
            attn_weights = attn_weights.view(bsz * self.num_heads, tgt_len, src_len)
        attn_weights = nn.functional.softmax(attn_weights, dim=-1)
        attn_output = torch.bmm(attn_weights, value_states)
        attn_output = attn_output.view(bsz, self.num_heads, tgt_len, self.head_dim)
        attn_output = attn_output.transpose(1, 2)
        attn_output = attn_output.reshape(bsz, tgt_len, embed_dim)
        return self.out_proj(attn_output)


class CLIPMLP(nn.Module):
    def __init__(self, hidden, ffn):
        super().__init__()
        self.activation_fn = QuickGELUActivation()
        self.fc1 = nn.Linear(hidden, ffn)
        self.fc2 = nn.Linear(ffn, hidden)

    def forward(self, hidden_states):
        return self.fc2(self.activation_fn(self.fc1(hidden_states)))


class CLIPEncoderLayer(nn.Module):
    def __init__(self, hidden, heads, ffn):
        super().__init__()
        self.self_attn = CLIPAttention(hidden, heads)
        self.layer_norm1 = nn.LayerNorm(hidden, eps=EPS)
        self.mlp = CLIPMLP(hidden, ffn)
        self.layer_norm2 = nn.LayerNorm(hidden, eps=EPS)

    def forward(self, hidden_states, causal_attention_mask):
        residual = hidden_states
        hidden_states = self.layer_norm1(hidden_states)
        hidden_states = self.self_attn(hidden_states, causal_attention_mask)
        hidden_states = residual + hidden_states
        residual = hidden_states
        hidden_states = self.layer_norm2(hidden_states)
        hidden_states = self.mlp(hidden_states)
        return residual + hidden_states


class CLIPEncoder(nn.Module):
    def __init__(self, hidden, heads, ffn):
        super().__init__()
        self.layers = nn.ModuleList([CLIPEncoderLayer(hidden, heads, ffn) for _ in range(LAYERS)])

    def forward(self, hidden_states, causal_attention_mask=None):
        for encoder_layer in self.layers:
            hidden_states = encoder_layer(hidden_states, causal_attention_mask)
        return hidden_states


class CLIPTextTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = CLIPTextEmbeddings()
        self.encoder = CLIPEncoder(TEXT_HIDDEN, TEXT_HEADS, TEXT_FFN)
        self.final_layer_norm = nn.LayerNorm(TEXT_HIDDEN, eps=EPS)

    def forward(self, input_ids):
        hidden_states = self.embeddings(input_ids)
        mask = _make_causal_mask(input_ids.size(), hidden_states.dtype)
        last_hidden_state = self.final_layer_norm(self.encoder(hidden_states, mask))
        # The end token has the highest id of a sequence.
        return last_hidden_state[
            torch.arange(last_hidden_state.shape[0], device=input_ids.device),
            input_ids.argmax(dim=-1)]


class CLIPVisionTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = CLIPVisionEmbeddings()
        self.pre_layrnorm = nn.LayerNorm(VISION_HIDDEN, eps=EPS)
        self.encoder = CLIPEncoder(VISION_HIDDEN, VISION_HEADS, VISION_FFN)
        self.post_layernorm = nn.LayerNorm(VISION_HIDDEN, eps=EPS)

    def forward(self, pixel_values):
        hidden_states = self.pre_layrnorm(self.embeddings(pixel_values))
        last_hidden_state = self.encoder(hidden_states)
        return self.post_layernorm(last_hidden_state[:, 0, :])


class CLIPModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.text_model = CLIPTextTransformer()
        self.vision_model = CLIPVisionTransformer()
        self.visual_projection = nn.Linear(VISION_HIDDEN, PROJECTION, bias=False)
        self.text_projection = nn.Linear(TEXT_HIDDEN, PROJECTION, bias=False)
        self.logit_scale = nn.Parameter(torch.ones([]))

    def forward(self, input_ids, pixel_values):
        image_embeds = self.visual_projection(self.vision_model(pixel_values))
        text_embeds = self.text_projection(self.text_model(input_ids))
        image_embeds = image_embeds / image_embeds.norm(p=2, dim=-1, keepdim=True)
        text_embeds = text_embeds / text_embeds.norm(p=2, dim=-1, keepdim=True)
        logit_scale = self.logit_scale.exp()
        logits_per_text = torch.matmul(text_embeds, image_embeds.t()) * logit_scale
        logits_per_image = logits_per_text.t()
        return logits_per_image, logits_per_text, text_embeds, image_embeds


def sample(texts, length, pictures):
    generator = torch.Generator().manual_seed(texts * 100 + length)
    input_ids = torch.randint(1, VOCAB - 1, (texts, length), generator=generator)
    ends = torch.randint(length // 2, length, (texts,), generator=generator)
    for row, end in enumerate(ends):
        input_ids[row, end] = VOCAB - 1
        input_ids[row, end + 1:] = 0
    return input_ids, torch.randn(pictures, CHANNELS, IMAGE, IMAGE, generator=generator)


def main(out_dir):
    export(
        randomise(CLIPModel(), seed=35),
        "clip-mini",
        ["input_ids", "pixel_values"],
        ["logits_per_image", "logits_per_text", "text_embeds", "image_embeds"],
        out_dir,
        samples=[sample(3, 9, 2), sample(1, 16, 1), sample(4, 5, 5)],
        opsets={12: {}, 17: {"do_constant_folding": False}},
        dynamic_axes={
            "input_ids": {0: "text_batch", 1: "sequence"},
            "pixel_values": {0: "image_batch"},
            "logits_per_image": {0: "image_batch", 1: "text_batch"},
            "logits_per_text": {0: "text_batch", 1: "image_batch"},
            "text_embeds": {0: "text_batch"},
            "image_embeds": {0: "image_batch"},
        },
    )
