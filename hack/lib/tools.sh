# The Go programs of hack/tools/cluster: Kubernetes, etcd, kubectl, CoreDNS, helm and the volume
# provisioner, built once per content of their module. Sourced after common.sh.

TOOLS_SOURCE=$ROOT/hack/tools/cluster
# Every name the one Kubernetes program answers to.
KUBERNETES_NAMES=(etcd kubectl kubelet kube-apiserver kube-controller-manager kube-proxy kube-scheduler)

tools_hash() {
    (cd "$TOOLS_SOURCE" && find . -type f \( -name '*.go' -o -name 'go.*' \) -print0 | sort -z |
        xargs -0 sha256sum; sha256sum <"$ROOT/hack/lib/tools.sh") | sha256sum | cut -c1-12
}

tools_dir() { printf '%s\n' "$CACHE/tools/$(tools_hash)"; }

# Builds what is missing; a second caller waits for the first.
ensure_tools() {
    local dir
    dir=$(tools_dir)
    if [[ ! -e $dir/kubectl ]]; then
        ensure_toolchain
        mkdir -p "$CACHE/tools"
        (
            flock 9
            [[ -e $dir/kubectl ]] || step "Build Kubernetes, etcd, CoreDNS and helm from Go modules" build_tools "$dir"
        ) 9>"$CACHE/tools/lock"
    fi
    ln -sfn "$(basename "$dir")" "$CACHE/tools/current"
}

build_tools() {
    local dir=$1 version=k8s.io/component-base/version kubernetes helm name
    kubernetes=$(module_version k8s.io/kubernetes)
    helm=$(module_version helm.sh/helm/v3)
    # Clients read the version and refuse a server without one.
    local flags=(
        -s -w
        -X "$version.gitVersion=$kubernetes" -X "$version.gitTreeState=clean" -X "$version.gitCommit=module"
        -X "$version.gitMajor=1" -X "$version.gitMinor=$(cut -d. -f2 <<<"$kubernetes")"
        -X "helm.sh/helm/v3/internal/version.version=$helm"
    )
    rm -rf "$dir.new" && mkdir -p "$dir.new"
    WORKDIR=$TOOLS_SOURCE run_in_toolchain go build -v -ldflags "${flags[*]}" -o "$dir.new/" \
        ./cmd/kubernetes ./cmd/coredns helm.sh/helm/v3/cmd/helm
    # By itself: it imports a logging package under a second spelling, which one build may not mix.
    WORKDIR=$TOOLS_SOURCE run_in_toolchain go build -v -ldflags "-s -w" -o "$dir.new/" \
        github.com/rancher/local-path-provisioner
    for name in "${KUBERNETES_NAMES[@]}"; do ln -s kubernetes "$dir.new/$name"; done
    rm -rf "$dir" && mv "$dir.new" "$dir"
}

module_version() { awk -v module="$1" '$1 == module {print $2; exit}' "$TOOLS_SOURCE/go.mod"; }
