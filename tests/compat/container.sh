#!/usr/bin/env bash
# Build the image of Containerfile with buildah, without a registry, and run a dry run in it: `make container-check`.
#
# Its base is a Debian 12 made by debootstrap, with Python 3.11 in an environment. Isolation is by chroot and storage is
# plain folders, so that it also works inside a virtual machine or a container with few rights. All of it is in a folder
# that is removed again; TMPDIR is where, and LIMIT the longest that it may take.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
check=container-check
. "$root/tests/compat/common.sh"
NEEDED=30 # GB: with plain folders, each image is a copy; the larger has PyTorch's CUDA build

inside() {
    local folder=$1 started=$SECONDS base made running
    export BUILDAH_ISOLATION=chroot TMPDIR=$folder/tmp
    mkdir "$TMPDIR"
    buildah() { command buildah --root "$folder/images" --runroot "$folder/run" --storage-driver vfs "$@"; }

    base=$(buildah from scratch)
    made=$(buildah mount "$base")
    debian bookworm "$made" ca-certificates,python3,python3-venv
    chroot "$made" python3 -m venv /opt/python
    copy_network "$made"
    buildah config --env PATH=/opt/python/bin:/usr/sbin:/usr/bin:/sbin:/bin "$base"
    buildah commit --quiet --rm --disable-compression "$base" foxhound-base >/dev/null
    echo "container-check: a base with $(command buildah --version), $((SECONDS - started)) s"

    mapfile -t wheels < <(wheel_folders | sed 's/.*/--volume\n&:&:ro/')
    buildah build --quiet --pull-never --layers=false --disable-compression --file "$root/Containerfile" "${wheels[@]}" \
        --build-arg BASE=localhost/foxhound-base --build-arg TORCH_INDEX="${TORCH_INDEX:-}" --tag foxhound "$root" >/dev/null
    echo "container-check: built, $((SECONDS - started)) s"

    git clone --quiet --no-hardlinks "$root" "$folder/checkout"
    chown -R 1000:1000 "$folder/checkout"
    running=$(buildah from --pull-never localhost/foxhound)
    buildah run --volume "$folder/checkout:/workdir" "$running" -- sh -euc '
        id -u
        python -c "import torch; print(torch.__version__)"
        snakemake --configfile experiments/demo.yaml --dry-run -- results/demo/report.html results/demo/model'
    echo "container-check: what it holds plans the demo, $((SECONDS - started)) s in all"
}

if [ "${1:-}" = inside ]; then
    inside "$2" 2>&1 | without_folders
    exit
fi

in_a_folder "$NEEDED" debootstrap buildah
