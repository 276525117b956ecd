# Images of a cluster: the two it is made of, and bringing others onto its nodes. Sourced by
# hack/cluster.

SYSTEM_IMAGE=chatflow/cluster-system

node_image() { printf '%s:%s\n' "$NODE_IMAGE" "$(sha256sum <"$ROOT/hack/node/Dockerfile" | cut -c1-12)"; }

system_image() {
    printf '%s:%s\n' "$SYSTEM_IMAGE" \
        "$( (cat "$ROOT/hack/node/Dockerfile"; tools_hash) | sha256sum | cut -c1-12)"
}

ensure_cluster_images() {
    ensure_base_image
    docker image inspect "$(node_image)" >/dev/null 2>&1 ||
        step "Build the image of a cluster node" build_cluster_image node "$(node_image)"
    docker image inspect "$(system_image)" >/dev/null 2>&1 ||
        step "Build the image of CoreDNS and the volume provisioner" build_cluster_image system "$(system_image)" \
            -C "$(tools_dir)" coredns local-path-provisioner
}

build_cluster_image() {  # STAGE TAG [-C FOLDER FILE…]
    local stage=$1 tag=$2
    shift 2
    # Each file once: tar writes a second one as a link to the first, which Docker refuses.
    tar -c -C "$ROOT/hack/node" Dockerfile "$@" |
        docker build --network host --target "$stage" -t "$tag" -
}

cluster_load() {
    (($#)) || die "load needs the names of Docker images"
    local node image status=0 loads=()
    for image in "$@"; do
        docker image inspect "$image" >/dev/null 2>&1 || die "no such Docker image: $image"
    done
    [[ -n $(node_names) ]] || die "cluster $NAME does not exist: hack/cluster up"
    for node in $(node_names); do load_node "$node" "$@" & loads+=($!); done
    for node in "${loads[@]}"; do wait "$node" || status=1; done
    return "$status"
}

# An image that a node already has carries the Docker id as a label.
load_node() {  # NODE IMAGE…
    local node=$1 image id full present missing=() started=$SECONDS
    shift
    present=$(docker exec "$node" ctr -n k8s.io images ls)
    for image in "$@"; do
        full=$(full_name "$image")
        id=$(docker image inspect -f '{{.Id}}' "$image")
        grep -F "$full " <<<"$present" | grep -qF "chatflow.dev/id=$id" || missing+=("$image")
    done
    ((${#missing[@]})) || return 0
    docker save "${missing[@]}" | docker exec -i "$node" ctr -n k8s.io images import - >/dev/null
    for image in "${missing[@]}"; do
        id=$(docker image inspect -f '{{.Id}}' "$image")
        docker exec "$node" ctr -n k8s.io images label "$(full_name "$image")" "chatflow.dev/id=$id" >/dev/null
    done
    say "  $node has ${missing[*]} ($((SECONDS - started)) s)"
}

# Kubernetes' spelling of a Docker image name.
full_name() {
    local name=$1
    [[ ${name##*/} == *:* ]] || name+=:latest
    case "$name" in
        *.*/* | *:*/* | localhost/*) printf '%s\n' "$name" ;;
        */*) printf 'docker.io/%s\n' "$name" ;;
        *) printf 'docker.io/library/%s\n' "$name" ;;
    esac
}
