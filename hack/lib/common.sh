# Shared by the scripts of hack/: where things are, how progress is told, how the toolchain is run.
# Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Compiler, Go and image caches outlive the checkout, so that a fresh clone starts warm.
CACHE=${CHATFLOW_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/chatflow}
TOOLCHAIN_IMAGE=chatflow/toolchain
BASE_IMAGE=debian:13-slim
mkdir -p "$CACHE"

say()  { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
die()  { printf 'error: %s\n' "$*" >&2; exit 1; }

# step "What it does" command…: one line before, the time after, and in between a sign of life. The
# output goes to a log, of which the last STEP_TAIL lines (default 60) are shown when the step fails.
step() {
    local what=$1; shift
    local log started=$SECONDS status=0 heart
    mkdir -p "$CACHE/logs"
    log=$CACHE/logs/$(tr -cs 'a-zA-Z0-9' '-' <<<"$what" | cut -c1-60)-$(cksum <<<"$ROOT" | cut -d' ' -f1).log
    say "▸ $what"
    heartbeat "$what" "$log" &
    heart=$!
    # In a subshell, so that a failing line or `die` inside ends the step and not its report.
    set +e
    (set -e; "$@") >"$log" 2>&1
    status=$?
    set -e
    kill "$heart" 2>/dev/null || true
    wait "$heart" 2>/dev/null || true
    [[ ! -t 2 ]] || printf '\r\033[K' >&2
    if ((status == 0)); then
        say "✓ $what ($((SECONDS - started)) s)"
    else
        tail -n "${STEP_TAIL:-60}" "$log" >&2
        die "$what failed (exit $status) after $((SECONDS - started)) s; whole log: $log"
    fi
}

# On a terminal one line that is written over; else a line a minute.
heartbeat() {
    local what=$1 log=$2 started=$SECONDS silence pause=60 width=160 ending='\n' text
    if [[ -t 2 ]]; then
        pause=2 ending='\033[K\r'
        width=$(stty size </dev/tty 2>/dev/null | cut -d' ' -f2)
    fi
    # Waits by `read` on a pipe nobody writes to: a `sleep` would outlive this process and keep the
    # caller's output open.
    exec {silence}<> <(:)
    while kill -0 $$ 2>/dev/null; do
        read -rt "$pause" -u "$silence" _ || true
        text=$(tail -c 400 "$log" 2>/dev/null | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1)
        text="  … $what: $((SECONDS - started)) s; $text"
        printf "%s$ending" "${text:0:$((${width:-80} - 1))}" >&2
    done
}

usage_from_header() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$1"; }

as_root() { if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi; }

# ---- Docker ------------------------------------------------------------------------------------

ensure_docker() {
    docker info >/dev/null 2>&1 && return
    if ! command -v dockerd >/dev/null; then
        command -v apt-get >/dev/null || die "Docker is missing: install it, then run this again"
        step "Install Docker from the distribution" install_docker
    fi
    # A machine without an init system starts nothing by itself.
    if command -v systemctl >/dev/null && systemctl is-system-running >/dev/null 2>&1; then
        as_root systemctl start docker
    else
        as_root mkdir -p /var/log
        as_root sh -c 'nohup setsid dockerd >/var/log/dockerd.log 2>&1 </dev/null &'
    fi
    for _ in $(seq 60); do
        docker info >/dev/null 2>&1 && return
        sleep 1
    done
    die "the Docker engine did not answer within 60 s; see /var/log/dockerd.log"
}

install_docker() {
    as_root apt-get update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        docker.io iptables
}

# The base image by pull where a registry answers, else made from the distribution's packages.
ensure_base_image() {
    docker image inspect "$BASE_IMAGE" >/dev/null 2>&1 && return
    if timeout 60 docker pull "$BASE_IMAGE" >/dev/null 2>&1; then return; fi
    step "Make $BASE_IMAGE from Debian's packages (no image registry answered)" make_base_image
}

make_base_image() {
    command -v debootstrap >/dev/null || { as_root apt-get update && as_root apt-get install -y debootstrap; }
    local tree
    tree=$(mktemp -d)
    as_root debootstrap --variant=minbase trixie "$tree" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
    as_root rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/*
    as_root tar -C "$tree" -c . | docker import -c 'CMD ["bash"]' - "$BASE_IMAGE"
    as_root rm -rf "$tree"
}

# ---- the toolchain -----------------------------------------------------------------------------

# The tag is the content of the stage, so that an edit of it, and nothing else, makes a new image.
toolchain_tag() {
    sed -n '/AS toolchain/,/^$/p' "$ROOT/Dockerfile" | sha256sum | cut -c1-12
}

ensure_toolchain() {
    ensure_docker
    ensure_base_image
    local tag
    tag=$TOOLCHAIN_IMAGE:$(toolchain_tag)
    docker image inspect "$tag" >/dev/null 2>&1 ||
        step "Build the toolchain image" build_toolchain "$tag"
}

build_toolchain() {
    docker build --network host --target toolchain -t "$1" - <"$ROOT/Dockerfile"
}

# The packages of tests/clients, installed by ensure_clients (clients.sh).
clients_dir() {
    printf '%s/clients/%s\n' "$CACHE" \
        "$(cat "$ROOT"/tests/clients/{package-lock.json,requirements.txt} | sha256sum | cut -c1-12)"
}

# run_in_toolchain [DOCKER-OPTION… --] COMMAND…
run_in_toolchain() {
    mkdir -p "$CACHE"/{ccache,go,home}
    local terminal=() user=() options=()
    [[ -t 0 && -t 1 ]] && terminal=(-it)
    if [[ $(id -u) != 0 ]]; then
        # PostgreSQL's initdb wants its user to have a name.
        printf '%s\n' root:x:0:0::/root:/bin/bash "builder:x:$(id -u):$(id -g)::$CACHE/home:/bin/bash" \
            >"$CACHE/passwd"
        user=(--user "$(id -u):$(id -g)" -v "$CACHE/passwd:/etc/passwd:ro")
    fi
    if [[ $1 == -* ]]; then
        while [[ ${1:-} != -- ]]; do
            (($#)) || die "options of docker run end with --: hack/dev --cpu-shares 512 -- COMMAND"
            options+=("$1")
            shift
        done
        shift
    fi
    # The host's certificates: where a company's proxy re-signs, module downloads need its authority.
    local certificates=/etc/ssl/certs/ca-certificates.crt mounts=()
    [[ -r $certificates ]] && mounts=(-v "$certificates:$certificates:ro")
    # What these name may lie anywhere on the host.
    local given
    for given in "${KUBEBUILDER_ASSETS:-}" "${KUBECONFIG:-}"; do
        [[ $given != /* || $given == "$ROOT"/* || $given == "$CACHE"/* || ! -e $given ]] ||
            mounts+=(-v "$given:$given:ro")
    done
    docker run --rm --init --network host "${terminal[@]}" "${user[@]}" "${mounts[@]}" \
        -v "$ROOT:$ROOT" -v "$CACHE:$CACHE" -w "${WORKDIR:-$ROOT}" \
        -e HOME="$CACHE/home" -e CCACHE_DIR="$CACHE/ccache" -e CCACHE_MAXSIZE=8G \
        -e CCACHE_BASEDIR="$ROOT" -e CCACHE_NOHASHDIR=1 \
        -e CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime \
        -e GOPATH="$CACHE/go/path" -e GOCACHE="$CACHE/go/build" -e GOTOOLCHAIN=local -e CGO_ENABLED=0 \
        -e GOFLAGS="-modcacherw -buildvcs=false" -e KUBEBUILDER_ASSETS -e USE_EXISTING_CLUSTER -e KUBECONFIG \
        -e CHATFLOW_CLIENTS="$(clients_dir)" -e NODE_PATH="$(clients_dir)/node_modules" \
        -e CI -e CTEST_PARALLEL_LEVEL -e TERM "${options[@]}" \
        "$TOOLCHAIN_IMAGE:$(toolchain_tag)" "$@"
}
