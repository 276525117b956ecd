#include "controller/domain/postgres/readers.hpp"

#include "controller/domain/postgres/names.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace chatflow::postgres {

namespace {

using std::chrono::seconds;

// As the operator's own connections call themselves.
constexpr const char* kOperatorProgram = "chatflow-operator";
// Patroni's loop, two probes of the kubelet, and kube-proxy: nobody is led there any more.
constexpr seconds kLeavesServices{15};

std::string reader(const api::PostgresTopology& topology, std::int32_t ordinal) {
    return fmt::format("{}-{}", read_pool(topology.metadata.name), ordinal);
}

std::int32_t wanted(const api::PostgresTopology& topology) {
    return topology.spec.hibernated ? 0 : topology.spec.read_replicas;
}

bool may_go(const api::PostgresTopology& topology, const std::string& name,
            const std::map<std::string, std::int64_t>& connections, TimePoint now) {
    const auto& instances = topology.status.instances;
    const auto found = std::ranges::find(instances, name, &api::PostgresInstance::name);
    if (found == instances.end() || !found->draining_since) return false;
    const auto drained_for = now - *found->draining_since;
    if (drained_for >= seconds{topology.spec.read_replica_drain_seconds}) return true;
    const auto clients = connections.find(name);
    return drained_for >= kLeavesServices && clients != connections.end() && clients->second == 0;
}

bool is_client(const std::map<std::string, std::string>& connected) {
    const auto value = [&](const char* column) {
        const auto found = connected.find(column);
        return found == connected.end() ? std::string() : found->second;
    };
    const std::string name = value("name");
    if (name == "standby" || name == "rewind") return false;
    if (name != "postgres") return true;
    const std::string address = value("address");  // none: by a socket of the pod's
    const bool is_local = address.empty() || address == "127.0.0.1" || address == "::1";
    return !is_local && value("program") != kOperatorProgram;
}

}  // namespace

std::int64_t clients_of(const std::vector<std::map<std::string, std::string>>& connected) {
    return std::ranges::count_if(connected, is_client);
}

std::vector<std::string> leaving_readers(const api::PostgresTopology& topology,
                                         const std::vector<SeenPod>& pods, std::int32_t existing) {
    std::vector<std::string> leaving;
    if (topology.spec.hibernated) return leaving;
    for (std::int32_t ordinal = wanted(topology); ordinal < existing; ++ordinal) {
        const std::string name = reader(topology, ordinal);
        if (std::ranges::contains(pods, name, &SeenPod::name)) leaving.push_back(name);
    }
    return leaving;
}

ReaderPool reader_pool(const api::PostgresTopology& topology, const std::vector<SeenPod>& pods,
                       std::int32_t existing,
                       const std::map<std::string, std::int64_t>& connections, TimePoint now) {
    // Patroni, which takes them out of the Services, is told nothing while paused.
    if (topology.spec.paused) return {.replicas = existing, .draining = {}};
    ReaderPool pool{.replicas = wanted(topology),
                    .draining = leaving_readers(topology, pods, existing)};
    if (topology.spec.hibernated) return pool;
    std::int32_t last = existing;
    while (last > pool.replicas) {
        const std::string name = reader(topology, last - 1);
        const bool is_there = std::ranges::contains(pool.draining, name);
        if (is_there && !may_go(topology, name, connections, now)) break;
        --last;
    }
    pool.replicas = std::max(pool.replicas, last);
    return pool;
}

}  // namespace chatflow::postgres
