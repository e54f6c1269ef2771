#!/bin/bash
# Grows a model by a job array; each task computes one part, and a last job checks, proves and publishes.
#   PLAN=plan.json SOURCE=small.onnx OUTPUT=/shared/large.onnx PARTS=64 tools/deploy/slurm.sh
set -euo pipefail
: "${PLAN:?}" "${SOURCE:?}" "${OUTPUT:?}" "${PARTS:?}"
SHARD_SIZE=${SHARD_SIZE:-4GiB}

grow="onnxgrow grow '$SOURCE' --plan '$PLAN' --shard-size $SHARD_SIZE --memory 1GiB -o '$OUTPUT'"
array=$(sbatch --parsable --job-name=grow --array="1-$PARTS" --cpus-per-task=2 --mem=4G \
    --wrap "$grow --shard \$SLURM_ARRAY_TASK_ID/$PARTS")
sbatch --job-name=grow-finish --dependency="afterok:$array" --cpus-per-task=8 --mem=8G \
    --wrap "$grow --finish --proof certificate"
