# The clients of tests/clients, installed into the cache. Sourced after common.sh.

# Exports CHATFLOW_CLIENTS, where node_modules/ and venv/ are.
ensure_clients() {
    CHATFLOW_CLIENTS=$(clients_dir)
    export CHATFLOW_CLIENTS
    [[ -e $CHATFLOW_CLIENTS/installed ]] || step "Install the clients that tests connect with" install_clients
}

install_clients() (
    mkdir -p "$CACHE/clients"
    # Two checkouts on one machine share the folder.
    flock 9
    [[ ! -e $CHATFLOW_CLIENTS/installed ]] || return 0
    rm -rf "$CHATFLOW_CLIENTS"
    mkdir -p "$CHATFLOW_CLIENTS"
    cp "$ROOT"/tests/clients/{package.json,package-lock.json,.npmrc,requirements.txt} "$CHATFLOW_CLIENTS"
    run_in_toolchain sh -ec 'cd "$1"
        npm ci --no-progress
        python3 -m venv venv
        venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
        touch installed' clients "$CHATFLOW_CLIENTS"
) 9>"$CACHE/clients.lock"
