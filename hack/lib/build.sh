# The one release build, build/ci, from which tests, images and e2e take their programs. Sourced after
# common.sh.

# build_ci [TARGET…]: configures and builds; everything without a target. A second caller waits.
build_ci() {
    local jobs=${CHATFLOW_JOBS:-$(nproc)}
    mkdir -p "$ROOT/build"
    (
        flock 8
        run_in_toolchain sh -ec 'cmake --preset ci; jobs=$1; shift; ninja -C build/ci -j "$jobs" "$@"' build "$jobs" "$@"
    ) 8>"$ROOT/build/ci.lock"
}

built_program() {
    local path
    path=$(find "$ROOT/build/ci" -type f -name "$1" -perm -u+x -print -quit 2>/dev/null)
    [[ -n $path ]] || die "build/ci has no program $1"
    printf '%s\n' "$path"
}
