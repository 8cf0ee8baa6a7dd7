#!/usr/bin/env bash
# Install Foxhound and run its demo in a Debian 13 (Python 3.13) that is made for it and removed again: `make compat`.
# With FULL=1 run `make test` there too, with what lies in ../shared.
#
# Takes the last commit, not what is uncommitted. Nothing outside the folder changes: mounts are seen by this run alone,
# and go with it. LIMIT is the longest that it may take; TMPDIR is where the folder is made.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
check=compat
. "$root/tests/compat/common.sh"
NEEDED=12 # GB: Debian .5, PyTorch with CUDA 6, and as much again while pip unpacks it

inside() {
    local folder=$1 started=$SECONDS
    debian trixie "$folder" ca-certificates,git,make,python3,python3-venv
    mount -t proc proc "$folder/proc"
    mount --rbind /dev "$folder/dev"
    mount --rbind /sys "$folder/sys"
    copy_network "$folder"
    git clone --quiet --no-hardlinks "$root" "$folder/foxhound"
    if [ "${FULL:-}" ] && [ -d "$root/../shared" ]; then
        mkdir "$folder/shared"
        mount --bind --read-only "$root/../shared" "$folder/shared"
    fi
    mapfile -t passed < <(network_variables)
    echo "compat: Debian $(cat "$folder/etc/debian_version"), commit $(git -C "$root" rev-parse --short HEAD), $((SECONDS - started)) s"
    chroot "$folder" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$HOME" LANG=C.UTF-8 "${passed[@]}" PIP_NO_CACHE_DIR=1 \
        TORCH="${TORCH:-}" LOCKED="${LOCKED:-}" FULL="${FULL:-}" sh -euc '
            cd /foxhound
            python3 --version
            make demo
            .venv/bin/foxhound predict --model results/demo/model "They came back, and nobody wants them here."
            test -s results/demo/report.html
            .venv/bin/pip check
            du -sh .venv
            if [ "$FULL" ]; then make test; fi' 2>&1 | without_folders
    echo "compat: the demo ran to its end, $((SECONDS - started)) s in all"
}

if [ "${1:-}" = inside ]; then
    inside "$2"
    exit
fi

in_a_folder "$NEEDED" debootstrap
