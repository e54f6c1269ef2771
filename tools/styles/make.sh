#!/bin/sh
# Writes models/styles/ again and checks it. Needs python3 with onnx 1.12 and numpy, and the .NET SDK.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p models/styles
python="${PYTHON:-python3}"
"$python" -B tools/styles/bias_second.py artifacts/styles
dotnet build -c Release -v quiet tools/styles
dotnet run --no-build -c Release --project tools/styles -- optimise artifacts/styles
"$python" -B tools/styles/build_all.py
dotnet run --no-build -c Release --project tools/styles -- check
