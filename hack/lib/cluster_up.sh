# From nothing, or from stopped containers, to a cluster that serves. Sourced by hack/cluster.

cluster_up() {
    local started=$SECONDS count=${NODES:-2} nodes
    ensure_docker
    ensure_tools
    ensure_cluster_images
    mapfile -t nodes < <(node_names)
    if ((${#nodes[@]} == 0)); then
        make_cluster "$count"
    else
        [[ -z $NODES || $NODES == "${#nodes[@]}" ]] ||
            die "cluster $NAME has ${#nodes[@]} nodes: hack/cluster down first, or another --name"
        # Without effect on those that run.
        docker start "${nodes[@]}" >/dev/null
    fi
    mapfile -t nodes < <(node_names)
    await "the containers start" 60 nodes_started "${nodes[@]}"
    # Loading needs containerd only, and runs while the API server starts.
    cluster_load "$(system_image)" &
    local load=$!
    await "the API server answers" 120 kube get --raw /readyz
    apply_addons
    wait "$load" || die "loading $(system_image) onto the nodes failed"
    await "all nodes are ready" 120 nodes_ready "${#nodes[@]}"
    describe_nodes "${#nodes[@]}"
    await "DNS and volumes are served" 120 addons_ready "${nodes[@]}"
    say "Cluster $NAME: ${#nodes[@]} nodes, $(kube version 2>/dev/null | sed -n 's/^Server Version: //p'), $((SECONDS - started)) s"
    say "export KUBECONFIG=$CLUSTER_DIR/kubeconfig"
}

make_cluster() {  # NUMBER-OF-NODES
    ensure_network
    step "Make certificates" make_certificates "$1"
    step "Start $1 nodes" start_nodes "$1"
}

# await "what" SECONDS COMMAND…: until the command succeeds; tells the waiting every 10 s.
await() {
    local what=$1 limit=$2 started=$SECONDS told=$SECONDS
    shift 2
    until "$@" >/dev/null 2>&1; do
        if ((SECONDS - started >= limit)); then
            "$@" >&2 || true
            die "gave up after $limit s waiting until $what; hack/cluster logs $NAME-1 kubelet, kube-apiserver, …"
        fi
        if ((SECONDS - told >= 10)); then
            told=$SECONDS
            say "  … until $what: $((SECONDS - started)) s"
        fi
        sleep 0.3
    done
    say "✓ $what ($((SECONDS - started)) s)"
}

nodes_started() {
    local node
    for node in "$@"; do
        docker exec "$node" test -e /run/chatflow/started -a -S /run/containerd/containerd.sock || return 1
    done
}

nodes_ready() {  # NUMBER-OF-NODES
    [[ $(kube get nodes --no-headers | awk '$2 == "Ready"' | wc -l) == "$1" ]]
}

# After a stop the API server still tells what was true before; what runs has started since
# its own node did.
addons_ready() {  # NODE…
    local starts pods
    starts=$(docker inspect -f '{{.Name}} {{.State.StartedAt}}' "$@")
    pods=$(for namespace in kube-system local-path-storage; do
        kube -n "$namespace" get pods -o jsonpath='{range .items[*]}/{.spec.nodeName} {.status.containerStatuses[0].ready} {.status.containerStatuses[0].state.running.startedAt}{"\n"}{end}'
    done)
    awk 'NR == FNR {started[$1] = substr($2, 1, 19); next}
         $2 == "true" && $3 > started[$1] {ready++}
         END {exit ready < 2}' <(printf '%s\n' "$starts") <(printf '%s\n' "$pods") &&
        kube -n kube-system rollout status deployment/coredns --timeout=5s
}

describe_nodes() {  # NUMBER-OF-NODES
    local index
    for index in $(seq "$1"); do
        [[ -n $(kube get node "$NAME-$index" -o jsonpath='{.spec.podCIDR}') ]] ||
            kube patch node "$NAME-$index" --type merge >/dev/null \
                -p "{\"spec\": {\"podCIDR\": \"$(pod_cidr "$index")\", \"podCIDRs\": [\"$(pod_cidr "$index")\"]}}"
    done
    kube label --overwrite node "$NAME-1" node-role.kubernetes.io/control-plane= >/dev/null
}

apply_addons() {
    # Content-equal objects stay untouched. A server that has just become ready may refuse the first time.
    await "the system objects are applied" 60 apply_addons_once
}

apply_addons_once() {
    local file
    for file in "$ROOT"/hack/node/addons/*.yaml; do
        sed "s|SYSTEM_IMAGE|docker.io/$(system_image)|" "$file" |
            kube apply --server-side --force-conflicts --field-manager=hack-cluster -f - || return 1
    done
}
