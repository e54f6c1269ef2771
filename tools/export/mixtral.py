"""Two mixtures of experts in a decoder otherwise as llama.py has it.

mixtral-dense-mini: every expert for every token, the experts' weights stacked [experts, in, out]
and multiplied with bmm, summed with the whole softmax of the router; tied head.  mixtral-einsum-mini
is the same with an einsum for every product with the stacked weights and for the sum.

mixtral-topk-mini: the way Hugging Face writes MixtralSparseMoeBlock, the experts a ModuleList; the
weights of the two best experts are renormalised and scattered back to one column per expert;
untied head.
"""

import torch
from torch import nn
from torch.nn import functional as F

from common import export, randomise
from llama import HIDDEN, LlamaForCausalLM, VOCAB, padded

EXPERTS, TOP_K, FFN = 3, 2, 24


class DenseExperts(nn.Module):
    def __init__(self):
        super().__init__()
        self.router = nn.Linear(HIDDEN, EXPERTS, bias=False)
        self.gate_up_proj = nn.Parameter(torch.empty(EXPERTS, HIDDEN, 2 * FFN))
        self.down_proj = nn.Parameter(torch.empty(EXPERTS, FFN, HIDDEN))

    def forward(self, hidden_states):
        batch_size, sequence_length, hidden_dim = hidden_states.shape
        hidden_states = hidden_states.reshape(-1, hidden_dim)
        routing_weights = F.softmax(self.router(hidden_states), dim=-1)
        hidden_states = hidden_states.repeat(EXPERTS, 1).view(EXPERTS, -1, hidden_dim)
        gate_up = torch.bmm(hidden_states, self.gate_up_proj)
        gate, up = gate_up.chunk(2, dim=-1)
        next_states = torch.bmm(up * F.silu(gate), self.down_proj)
        next_states = next_states.view(EXPERTS, batch_size, -1, hidden_dim)
        routing_weights = routing_weights.transpose(0, 1).view(EXPERTS, batch_size, -1)
        return (next_states * routing_weights[..., None]).sum(dim=0)


class EinsumExperts(nn.Module):
    def __init__(self):
        super().__init__()
        self.router = nn.Linear(HIDDEN, EXPERTS, bias=True)
        self.gate_proj = nn.Parameter(torch.empty(EXPERTS, HIDDEN, FFN))
        self.up_proj = nn.Parameter(torch.empty(EXPERTS, HIDDEN, FFN))
        self.down_proj = nn.Parameter(torch.empty(EXPERTS, FFN, HIDDEN))

    def forward(self, x):
        weights = F.softmax(self.router(x), dim=-1)
        gate = torch.einsum("bsh,ehf->bsef", x, self.gate_proj)
        up = torch.einsum("bsh,ehf->bsef", x, self.up_proj)
        y = torch.einsum("bsef,efh->bseh", F.silu(gate) * up, self.down_proj)
        return torch.einsum("bseh,bse->bsh", y, weights)


class MixtralBlockSparseTop2MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = nn.Linear(HIDDEN, FFN, bias=False)
        self.w2 = nn.Linear(FFN, HIDDEN, bias=False)
        self.w3 = nn.Linear(HIDDEN, FFN, bias=False)

    def forward(self, hidden_states):
        return self.w2(F.silu(self.w1(hidden_states)) * self.w3(hidden_states))


class MixtralSparseMoeBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.router = nn.Linear(HIDDEN, EXPERTS, bias=False)
        self.experts = nn.ModuleList([MixtralBlockSparseTop2MLP() for _ in range(EXPERTS)])

    def forward(self, hidden_states):
        batch_size, sequence_length, hidden_dim = hidden_states.shape
        hidden_states = hidden_states.view(-1, hidden_dim)
        router_logits = self.router(hidden_states)
        routing_weights = F.softmax(router_logits, dim=1, dtype=torch.float)
        routing_weights, selected_experts = torch.topk(routing_weights, TOP_K, dim=-1)
        routing_weights = routing_weights / routing_weights.sum(dim=-1, keepdim=True)
        routing_weights = routing_weights.to(hidden_states.dtype)
        dense_weights = torch.zeros_like(router_logits).scatter(
            1, selected_experts, routing_weights
        )
        final_hidden_states = torch.zeros_like(hidden_states)
        for expert_idx, expert_layer in enumerate(self.experts):
            weight = dense_weights[:, expert_idx, None]
            final_hidden_states = final_hidden_states + expert_layer(hidden_states) * weight
        return final_hidden_states.reshape(batch_size, sequence_length, hidden_dim)


def sample(batch, sequence):
    generator = torch.Generator().manual_seed(batch * 1000 + sequence)
    input_ids = torch.randint(0, VOCAB, (batch, sequence), generator=generator)
    position_ids = torch.arange(sequence).repeat(batch, 1)
    return input_ids, padded(batch, sequence, "right"), position_ids


def main(out_dir):
    inputs = ["input_ids", "attention_mask", "position_ids"]
    tied = "model.embed_tokens.weight"
    for name, mlp, seed, tie, folding, opsets in (
        ("mixtral-dense-mini", DenseExperts, 21, tied, False, (13, 17)),
        ("mixtral-einsum-mini", EinsumExperts, 22, None, True, (12,)),
        ("mixtral-topk-mini", MixtralSparseMoeBlock, 23, None, True, (11, 17)),
    ):
        export(
            randomise(LlamaForCausalLM(tied=tie is not None, mlp=mlp), seed=seed),
            name,
            inputs,
            ["logits"],
            out_dir,
            dynamic_axes={key: {0: "batch", 1: "sequence"} for key in inputs + ["logits"]},
            samples=[sample(2, 8), sample(1, 1), sample(3, 13), sample(4, 64)],
            folding=folding,
            tied=tie,
            opsets=opsets,
        )
