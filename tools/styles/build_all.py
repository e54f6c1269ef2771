"""Writes the hand-built models and the manifest of models/styles/ (see README.md).

    python3 tools/styles/build_all.py
"""

import os

import bert
import control
import crossed
import fused
import gpt
import llama
import manifest
import older
import phi
import stored
import tensorflow

STYLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "models", "styles")


def main():
    entries = list(fused.entries())
    for architecture in (llama, bert, phi, gpt, tensorflow, control, stored, crossed, older):
        entries.extend(architecture.write(STYLES))
    manifest.write(STYLES, entries)


if __name__ == "__main__":
    main()
