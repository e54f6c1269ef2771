"""Trains an exported model on, on one machine or many, and writes the weights for 'onnxgrow export --from'.

    torchrun --nproc_per_node 2 train.py MODEL.onnx WEIGHTS -o TRAINED [--strategy ddp|fsdp] [--steps 20]

The data here are made up (each next token is the last one plus one, or random numbers to be met): an example of the loop, in which
your own data go in the place of batches(). --strategy fsdp shards weights, gradients and AdamW's state over all processes and
needs a GPU for each (NCCL); ddp runs on CPUs too (gloo). Without torchrun it is one process.
"""

import argparse
import os
import shutil
import sys

import torch
import torch.distributed as dist
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

import weights as files
from onnx_module import OnnxModule


def batches(module, tokens, length, size, generator):
    """Made-up batches of token ids: inputs by name, and the next token of each."""
    while True:
        start = torch.randint(0, tokens, (size, 1), generator=generator)
        text = (start + torch.arange(length + 1)) % tokens
        inputs = {}
        for name in module.inputs:
            inputs[name] = torch.ones(size, length, dtype=torch.int64) if "mask" in name else torch.zeros(size, length, dtype=torch.int64)
            if "input" in name or "tokens" in name:
                inputs[name] = text[:, :-1]
            elif "position" in name:
                inputs[name] = torch.arange(length).expand(size, length)
        yield inputs, text[:, 1:]


def wrapped(module, strategy, device):
    if strategy == "fsdp":
        from torch.distributed.fsdp import FullyShardedDataParallel
        return FullyShardedDataParallel(module, device_id=device)
    return DistributedDataParallel(module) if dist.get_world_size() > 1 else module


def full_state(model, strategy):
    """The whole weights, on the first process; the others hand their part over."""
    if strategy == "fsdp":
        from torch.distributed.fsdp import FullStateDictConfig, FullyShardedDataParallel, StateDictType
        with FullyShardedDataParallel.state_dict_type(model, StateDictType.FULL_STATE_DICT, FullStateDictConfig(offload_to_cpu=True, rank0_only=True)):
            return model.state_dict()
    return (model.module if isinstance(model, DistributedDataParallel) else model).state_dict()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("weights")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--strategy", choices=["ddp", "fsdp"], default="ddp")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=8, help="over all processes")
    parser.add_argument("--length", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=100)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--backend", choices=["nccl", "gloo"], help="by default nccl where there are GPUs, gloo elsewhere")
    arguments = parser.parse_args()
    os.environ.setdefault("RANK", "0")
    os.environ.setdefault("WORLD_SIZE", "1")
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", "29500")
    cuda = torch.cuda.is_available()
    if arguments.strategy == "fsdp" and not cuda:
        sys.exit("train.py: --strategy fsdp needs a GPU for each process (gloo has no reduce-scatter); --strategy ddp runs on CPUs")
    dist.init_process_group(arguments.backend or ("nccl" if cuda else "gloo"))
    rank, world = dist.get_rank(), dist.get_world_size()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if cuda else torch.device("cpu")
    module = OnnxModule(arguments.model, arguments.weights).to(device)
    model = wrapped(module, arguments.strategy, device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=arguments.rate, weight_decay=0.01)
    stream = batches(module, arguments.tokens, arguments.length, arguments.batch, torch.Generator().manual_seed(1))
    losses = []
    for step in range(1, arguments.steps + 1):
        inputs, labels = next(stream)
        # All processes make the same batch up and take their part of it.
        inputs = {name: value[rank::world].to(device) for name, value in inputs.items()}
        labels = labels[rank::world].to(device)
        logits = next(iter(model(**inputs).values()))
        loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean = loss.detach().clone()
        dist.all_reduce(mean)
        losses.append(float(mean) / world)
        if rank == 0:
            print(f"step {step}: loss {losses[-1]:.6f}", flush=True)
    state = full_state(model, arguments.strategy)
    if rank == 0:
        files.save(arguments.output, module.arrays(state))
        shutil.copyfile(arguments.weights + ".json", arguments.output + ".json")
        print(f"{arguments.output}: weights after {arguments.steps} steps; put them back with: onnxgrow export {arguments.model} --from {arguments.output} -o trained.onnx")
    dist.barrier()
    dist.destroy_process_group()
    return 0


if __name__ == "__main__":
    sys.exit(main())
