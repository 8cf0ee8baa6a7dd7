# What debian13.sh and container.sh share. `check` is the name of the one that reads this.

skip() {
    echo "$check: skipped, $1"
    exit 0
}

# Install Debian's package $1 where it is missing and can be had.
have() {
    command -v "$1" >/dev/null && return
    if command -v apt-get >/dev/null; then
        apt-get update -qq && apt-get install -qq --yes --no-install-recommends "$1" >/dev/null || true
    fi
    command -v "$1" >/dev/null || skip "$1 is not to be had: apt-get install $1"
}

# Run "$0 inside FOLDER" with the programs $2..., in a folder with $1 GB that is removed however it ends, and for LIMIT at
# the most. Mounts are seen by that run alone, and go with it.
in_a_folder() {
    local where=${TMPDIR:-/var/tmp} limit=${LIMIT:-90m} free program ended=0
    [ "$(id -u)" = 0 ] || skip "it takes root to make a Debian in a folder: sudo make $check"
    for program in "${@:2}"; do have "$program"; done
    unshare --mount true 2>/dev/null || skip "this machine lets nobody mount (as in most containers)"
    free=$(df -P -BG "$where" | awk 'NR == 2 {print int($4)}')
    [ "$free" -ge "$1" ] || skip "$where has $free GB free, and it takes $1: TMPDIR=elsewhere make $check"
    folder=$(mktemp -d "$where/foxhound-$check-XXXXXX")
    trap 'rm -rf --one-file-system "$folder"' EXIT
    chmod 755 "$folder" # apt's own user reads in it
    timeout --signal=KILL "$limit" unshare --mount --pid --fork --kill-child --mount-proc "$0" inside "$folder" || ended=$?
    [ "$ended" != 137 ] || echo "$check: not done within $limit, and stopped: LIMIT=3h make $check"
    exit "$ended"
}

# Make Debian $1 in folder $2 with packages $3. It comes from where apt has Debian from; where this is no Debian,
# debootstrap knows a place.
debian() {
    local mirror log
    mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 2>/dev/null | sed -n 's/^Debian //p' | head -n 1)
    log=$(mktemp)
    debootstrap --variant=minbase --include="$3" "$1" "$2" ${mirror:+"$mirror"} >"$log" 2>&1 || { tail -n 20 "$log"; exit 1; }
    rm "$log"
}

# Let pip find in folder $1 what it finds here: its configuration, certificates and names.
copy_network() {
    local file
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf "${PIP_CONFIG_FILE:-}" ~/.config/pip/pip.conf ~/.pip/pip.conf \
        /etc/ssl/certs/ca-certificates.crt "${SSL_CERT_FILE:-}" "${PIP_CERT:-}" "${REQUESTS_CA_BUNDLE:-}"; do
        if [ -f "$file" ]; then
            mkdir -p "$1$(dirname "$file")"
            cp --dereference "$file" "$1$file"
        fi
    done
}

# Print the variables by which pip is configured, a line each.
network_variables() {
    env | grep -iE '^(PIP_[A-Z_]+|OPENBLAS_[A-Z_]+|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(https?|no|all)_proxy)='
}

# Leave out what pip says of folders that its configuration names and that are here only.
without_folders() {
    grep --line-buffered -v "^WARNING: Location '.*' is ignored"
}

# Print the folders of wheels that pip also looks into, a line each.
wheel_folders() {
    local folder
    for folder in ${PIP_FIND_LINKS:-} $(python3 -m pip config get global.find-links 2>/dev/null || true); do
        if [ -d "$folder" ]; then echo "$folder"; fi
    done | sort -u
}
