# The containers of a cluster: network, nodes, removal. Sourced by hack/cluster; uses NAME, NODES,
# CLUSTER_DIR.

NODE_IMAGE=chatflow/cluster-node
kube() { KUBECONFIG=$CLUSTER_DIR/kubeconfig "$(tools_dir)/kubectl" --request-timeout=20s "$@"; }

node_names() { docker ps -a --filter "label=chatflow.dev/cluster=$NAME" --format '{{.Names}}' | sort; }

node_address() {  # INDEX
    printf '%s.%s\n' "$(<"$CLUSTER_DIR/network")" "$((10 + $1))"
}

pod_cidr() { printf '10.244.%s.0/24\n' "$1"; }  # INDEX

# The first free range; others may belong to the user's own networks.
ensure_network() {
    local third prefix
    mkdir -p "$CLUSTER_DIR"
    if docker network inspect "$NAME" >/dev/null 2>&1; then
        [[ -e $CLUSTER_DIR/network ]] ||
            die "a Docker network named $NAME exists and is not ours: choose another --name"
        return
    fi
    for third in $(seq 0 50); do
        prefix=172.30.$third
        if docker network create --subnet "$prefix.0/24" --label "chatflow.dev/cluster=$NAME" "$NAME" >/dev/null 2>&1; then
            printf '%s\n' "$prefix" >"$CLUSTER_DIR/network"
            return
        fi
    done
    die "no free address range for a Docker network within 172.30.0.0/16"
}

make_certificates() {  # NUMBER-OF-NODES
    local index pairs=()
    for index in $(seq "$1"); do pairs+=("$NAME-$index=$(node_address "$index")"); done
    docker run --rm --user "$(id -u):$(id -g)" -v "$CLUSTER_DIR:/out" -w /out \
        -v "$ROOT/hack/node/certificates:/certificates:ro" "$(node_image)" /certificates "$NAME" "${pairs[@]}"
}

# `--privileged` where the machine allows it. Some containers and virtual machines lack one capability,
# and the engine then refuses: there, everything but that one.
privileges() {
    if docker run --rm --privileged "$(node_image)" true >/dev/null 2>&1; then
        printf '%s\n' --privileged
    else
        printf '%s\n' --cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined \
            --security-opt apparmor=unconfined --security-opt systempaths=unconfined
    fi
    if [[ $(docker info --format '{{.CgroupVersion}}') == 2 ]]; then
        printf '%s\n' --cgroupns private
    else
        printf '%s\n' --cgroupns host -v /sys/fs/cgroup:/sys/fs/cgroup:rw
    fi
    [[ ! -e /dev/kmsg ]] || printf '%s\n' --device /dev/kmsg
}

start_nodes() {  # NUMBER-OF-NODES
    local index options
    mapfile -t options < <(privileges)
    # A copy, so that the nodes start again after the checkout has changed or moved.
    rm -rf "$CLUSTER_DIR/node" && cp -r "$ROOT/hack/node" "$CLUSTER_DIR/node"
    cp "$(host_resolv_conf)" "$CLUSTER_DIR/resolv.conf"
    for index in $(seq "$1"); do start_node "$index" "$1" "${options[@]}"; done
}

start_node() {  # INDEX NUMBER-OF-NODES OPTION…
    local index=$1 count=$2 peer peers=() control_plane=no
    shift 2
    for peer in $(seq "$count"); do
        [[ $peer == "$index" ]] || peers+=("$(pod_cidr "$peer")=$(node_address "$peer")")
    done
    [[ $index != 1 ]] || control_plane=yes
    docker run -d --init --name "$NAME-$index" --hostname "$NAME-$index" \
        --label "chatflow.dev/cluster=$NAME" --network "$NAME" --ip "$(node_address "$index")" "$@" \
        --tmpfs /run:exec --tmpfs /tmp:exec -v /lib/modules:/lib/modules:ro \
        -v /var/lib/containerd -v /var/lib/kubelet -v /var/lib/etcd -v /var/lib/local-path -v /var/log \
        -v "$CLUSTER_DIR:/etc/chatflow:ro" -v "$CLUSTER_DIR/node:/opt/node:ro" \
        -v "$(tools_dir):/opt/kubernetes:ro" -v "$CLUSTER_DIR/resolv.conf:/etc/host-resolv.conf:ro" \
        -e NODE="$NAME-$index" -e CLUSTER="$NAME" -e ADDRESS="$(node_address "$index")" \
        -e POD_CIDR="$(pod_cidr "$index")" -e PEERS="${peers[*]}" -e CONTROL_PLANE="$control_plane" \
        -e CGROUP="/$NAME-$index" -e SYSTEM_IMAGE="$(system_image)" -e HOUSEKEEPING="${HOUSEKEEPING:-}" \
        "$(node_image)" /opt/node/start
}

# A resolver on the host's loopback serves no pod; systemd keeps the real ones elsewhere.
host_resolv_conf() {
    if grep -q '^nameserver 127\.' /etc/resolv.conf && [[ -r /run/systemd/resolve/resolv.conf ]]; then
        printf '%s\n' /run/systemd/resolve/resolv.conf
    else
        printf '%s\n' /etc/resolv.conf
    fi
}

cluster_stop() {
    ensure_docker
    local nodes
    mapfile -t nodes < <(node_names)
    ((${#nodes[@]})) || die "cluster $NAME does not exist"
    step "Stop ${nodes[*]}" docker stop -t 5 "${nodes[@]}"
}

cluster_down() {
    local nodes
    if docker info >/dev/null 2>&1; then
        mapfile -t nodes < <(node_names)
        ((${#nodes[@]} == 0)) || step "Remove ${nodes[*]}" docker rm -f -v "${nodes[@]}"
        ((${#nodes[@]} == 0)) || remove_cgroups "${nodes[@]}"
        [[ ! -e $CLUSTER_DIR/network ]] || docker network rm "$NAME" >/dev/null 2>&1 || true
    elif [[ -e $CLUSTER_DIR ]]; then
        die "cluster $NAME has containers, and the Docker engine that could remove them is not running"
    fi
    rm -rf "$CLUSTER_DIR"
    say "Cluster $NAME is gone"
}

# Version 1 trees are the host's, so the pods' empty folders outlive the containers.
remove_cgroups() {
    [[ $(docker info --format '{{.CgroupVersion}}') == 1 ]] || return 0
    docker run --rm --cgroupns host -v /sys/fs/cgroup:/sys/fs/cgroup:rw --entrypoint sh "$(node_image)" -c '
        for node; do
            for tree in /sys/fs/cgroup/*/"$node"; do
                [ ! -d "$tree" ] || find "$tree" -depth -type d -exec rmdir {} \; 2>/dev/null
            done
        done' cgroups "$@" || true
}
