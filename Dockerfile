# One file for every image of the project. Stages, from the machine that builds to what is shipped:
#   toolchain   compilers, libraries and the servers that integration tests start
#   servers     the files of PostgreSQL, Redis and Prometheus
#   build       the release binaries
#   …           one small non-root stage per image
# hack/images makes the same images without compiling a second time.
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
# What the topologies run, and what the clients of our servers are written in.
RUN apt-get update && apt-get install -y --no-install-recommends \
        patroni python3-psycopg2 python3-kubernetes pgbackrest pgbouncer valkey-server redis-sentinel haproxy \
        libmsgpack-cxx-dev nodejs npm python3-venv python3-pip tzdata \
    && rm -rf /var/lib/apt/lists/*
# Decoders of pictures, besides those of JPEG and PNG.
RUN apt-get update && apt-get install -y --no-install-recommends libwebp-dev libgif-dev \
    && rm -rf /var/lib/apt/lists/*

# ---- servers, of the same packages that the integration tests start --------------------------------

FROM toolchain AS servers
COPY hack/image /image
RUN for name in postgres postgres-ha pgbouncer redis prometheus; do /image/make "$name" "/out/$name" || exit 1; done

FROM scratch AS postgres
COPY --from=servers /out/postgres /
ENV PGDATA=/var/lib/postgresql/data/pgdata LANG=C.UTF-8
USER 999:999
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["/usr/bin/postgres-single"]

FROM scratch AS postgres-ha
COPY --from=servers /out/postgres-ha /
ENV LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 999:999
EXPOSE 5432 8008
ENTRYPOINT ["/usr/bin/patroni-prompt", "/etc/patroni/patroni.yml"]

FROM scratch AS pgbouncer
COPY --from=servers /out/pgbouncer /
USER 999:999
EXPOSE 6432
# Ends when the transactions under way have ended.
STOPSIGNAL SIGINT
ENTRYPOINT ["/usr/sbin/pgbouncer", "/etc/pgbouncer/pgbouncer.ini"]

FROM scratch AS redis
COPY --from=servers /out/redis /
USER 999:999
WORKDIR /data
EXPOSE 6379 26379
ENTRYPOINT ["/usr/bin/redis-server"]

FROM scratch AS prometheus
COPY --from=servers /out/prometheus /
USER 65534:65534
WORKDIR /data
EXPOSE 9090
ENTRYPOINT ["/usr/bin/prometheus"]

# ---- our programs ----------------------------------------------------------------------------------

FROM toolchain AS build
WORKDIR /src
COPY . .
RUN cmake --preset release \
    && ninja -C build/release -j "$(nproc)" $(sed '/^#/d;s/^[^ ]*//' hack/image/programs) \
    && for name in $(sed '/^#/d;s/ .*//' hack/image/programs); do \
           hack/image/make "$name" "/out/$name" build/release || exit 1; done

FROM scratch AS load
COPY --from=build /out/load /
USER 65532:65532
ENTRYPOINT ["/usr/bin/chatflow-load"]

FROM scratch AS chat-server
COPY --from=build /out/chat-server /
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/bin/chat-server"]

FROM scratch AS redis-ha
COPY --from=build /out/redis-ha /
USER 999:999
WORKDIR /data
EXPOSE 6379 26379
ENTRYPOINT ["/usr/bin/chatflow-redis"]

FROM scratch AS socket
COPY --from=build /out/socket /
USER 65532:65532
EXPOSE 8080 9090
ENTRYPOINT ["/usr/bin/chatflow-socket"]

FROM scratch AS worker
COPY --from=build /out/worker /
USER 65532:65532
EXPOSE 9090
ENTRYPOINT ["/usr/bin/chatflow-worker"]

FROM scratch AS controller
COPY --from=build /out/controller /
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["/usr/bin/chatflow-controller"]
