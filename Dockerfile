# One file for every image of the project. Stages, from the machine that builds to what is shipped:
#   toolchain   compilers, libraries and the servers that integration tests start
#   build       the release binaries (compiled here, or taken from dist/ when hack/images made them)
#   …           one small non-root stage per image
ARG BASE=debian:13-slim

FROM ${BASE} AS toolchain
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends \
        g++ cmake ninja-build ccache mold gdb git make pkg-config \
        clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev \
        ca-certificates curl jq xz-utils procps iproute2 util-linux openssl less \
        python3 python3-yaml python3-requests golang-go \
        libcpprest-dev libboost-dev libssl-dev zlib1g-dev \
        libyaml-cpp-dev nlohmann-json3-dev prometheus-cpp-dev libpqxx-dev libpq-dev libhiredis-dev \
        libgtest-dev libgmock-dev libbenchmark-dev \
        libcli11-dev libfmt-dev libspdlog-dev libargon2-dev libturbojpeg0-dev libpng-dev \
        postgresql-17 redis-server redis-tools prometheus wrk \
    && rm -rf /var/lib/apt/lists/* \
    && ln -sf clang-format-19 /usr/bin/clang-format && ln -sf clang-tidy-19 /usr/bin/clang-tidy
