#!/bin/sh
# Install PyTorch, as requirements.txt pins it, in the build that this machine can use, and say which: pytorch.sh PIP
#
# TORCH says which: cpu, default (what pip finds by itself: on PyPI, for Linux on x86-64, the one with CUDA) or the
# address of an index of PyTorch's. Where it is empty: cpu on Linux without an NVIDIA GPU, else default. A Mac has one
# build only.
set -eu
pip=$1
pin=$(grep '^torch==' requirements.txt)
cpu=https://download.pytorch.org/whl/cpu

by_itself() {
    "$pip" install --quiet --disable-pip-version-check --no-compile "$pin"
}

from_index() { # a short wait, since the answer may never come: many networks reach PyPI alone
    "$pip" install --quiet --disable-pip-version-check --no-compile --retries 1 --timeout 15 --no-deps --index-url "$1" "$pin"
}

case ${TORCH:-} in
    "")
        if [ "$(uname -s)" != Linux ]; then
            by_itself
        elif nvidia-smi -L >/dev/null 2>&1; then
            echo "PyTorch: there is an NVIDIA GPU, so the build that pip finds (on PyPI: with CUDA, several GB). TORCH=cpu is smaller."
            by_itself
        else
            echo "PyTorch: no NVIDIA GPU is seen, so the build for the CPU, from $cpu. TORCH=default takes the one with CUDA."
            if ! said=$(from_index "$cpu" 2>&1); then
                printf '%s\n' "$said" | tail -n 1
                echo "PyTorch: that index cannot be reached, or lacks it. So the build that pip finds (on PyPI: with CUDA, several GB)."
                by_itself
            fi
        fi
        ;;
    default) by_itself ;;
    cpu) from_index "$cpu" ;;
    *://*) from_index "$TORCH" ;;
    *)
        echo "TORCH=$TORCH: allowed are cpu, default, or the address of an index of PyTorch's, such as $cpu" >&2
        exit 2
        ;;
esac
