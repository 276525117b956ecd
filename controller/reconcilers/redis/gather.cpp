#include "controller/clients/redis/observe.hpp"
#include "controller/domain/redis/config.hpp"
#include "controller/domain/redis/names.hpp"
#include "controller/reconcilers/redis/redis_reconciler.hpp"
#include "libs/base/base64.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kLookTimeout = 1500ms;
constexpr auto kBetweenQueueSearches = 60s;
constexpr int kScansMax = 20;  // of 500 keys each

std::string text_at(const json& object, const char* pointer) {
    const json::json_pointer path(pointer);
    return object.contains(path) && object[path].is_string() ? object[path].get<std::string>()
                                                             : std::string();
}

int number_at(const json& object, const char* pointer) {
    const std::string text = text_at(object, pointer);
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

bool is_ready(const json& pod) {
    if (!pod.contains("/status/conditions"_json_pointer)) return false;
    return std::ranges::any_of(pod["status"]["conditions"], [](const json& condition) {
        return condition.value("type", "") == "Ready" && condition.value("status", "") == "True";
    });
}

/// Whether the first container's process runs; false, too, while the pod has no node or no image.
bool runs(const json& pod) {
    const json::json_pointer statuses("/status/containerStatuses");
    if (!pod.contains(statuses)) return false;
    return std::ranges::any_of(pod[statuses], [](const json& container) {
        const std::string name = container.value("name", "");
        return (name == "redis" || name == "sentinel") &&
               container.contains("/state/running"_json_pointer);
    });
}

PodView pod_view(const json& pod) {
    PodView view{.name = text_at(pod, "/metadata/name"),
                 .uid = text_at(pod, "/metadata/uid"),
                 .ip = text_at(pod, "/status/podIP"),
                 .revision = text_at(pod, "/metadata/labels/controller-revision-hash"),
                 .role = text_at(pod, "/metadata/labels/chatflow.dev~1redis-role"),
                 .ready = is_ready(pod),
                 .runs = runs(pod),
                 .leaving = pod["metadata"].contains("deletionTimestamp")};
    const std::string since = text_at(pod, "/metadata/annotations/chatflow.dev~1draining");
    if (!since.empty()) view.draining_since = parse_rfc3339(since);
    return view;
}

kube::Resource core(const api::RedisTopology& topology, const char* plural, std::string name = {}) {
    return kube::core_resource(plural, topology.metadata.name_space, std::move(name));
}

kube::Resource stateful_set(const api::RedisTopology& topology, std::string name) {
    kube::Resource resource = core(topology, "statefulsets", std::move(name));
    resource.group = "apps";
    return resource;
}

/// What pods should have; empty while the StatefulSet has not taken its last change.
std::string revision_of(const json& set) {
    const json status = set.value("status", json::object());
    if (status.value("observedGeneration", 0) != set.at("metadata").value("generation", -1)) {
        return {};
    }
    return status.value("updateRevision", "");
}

/// Whom the Sentinels name; of a cluster every master.
std::vector<Endpoint> masters_of(const Observed& seen) {
    std::vector<Endpoint> masters;
    if (const auto named = consensus_of(seen.sentinels).master) return {*named};
    for (const NodeView& node : seen.nodes) {
        if (node.role == NodeRole::Master) masters.push_back(node.endpoint);
    }
    return masters;
}

/// One visit: so many keys of this master as are looked at in a row.
awaitable<void> find_queues(Endpoint master, Credentials credentials, QueueSearch& search,
                            Deadline deadline) {
    for (int i = 0; i < kScansMax; ++i) {
        const std::string cursor = search.cursor_at(master);
        if (cursor.empty()) co_return;
        // BullMQ keeps the settings of a queue in bull:NAME:meta; in a cluster NAME is in braces.
        const redis::Command scan{"SCAN", cursor, "MATCH", "*bull*:meta", "COUNT", "500"};
        const auto reply =
            co_await ask_one(master, credentials, scan, deadline.but_within(kLookTimeout));
        std::vector<std::string> keys;
        for (std::size_t j = 0; j < reply[1].size(); ++j) keys.emplace_back(reply[1][j].text());
        search.heard(master, std::string(reply[0].text()), keys);
    }
}

}  // namespace

awaitable<std::optional<std::string>> RedisReconciler::read_password(
    const api::RedisTopology& topology, Deadline deadline) {
    const auto secret = co_await parts_.kube.get(
        core(topology, "secrets", auth_secret_of(topology.metadata.name)), deadline);
    if (!secret) co_return std::nullopt;
    co_return decode_base64(text_at(*secret, "/data/password"));
}

awaitable<Observed> RedisReconciler::gather(const api::RedisTopology& topology,
                                            Credentials credentials, Memory& memory,
                                            Deadline deadline) {
    Observed seen{.now = parts_.clock.now()};
    const auto set =
        co_await parts_.kube.get(stateful_set(topology, topology.metadata.name), deadline);
    if (set) {
        seen.nodes_now = set->at("spec").value("replicas", 0);
        seen.asleep = number_at(*set, "/metadata/annotations/chatflow.dev~1asleep");
        seen.revision = revision_of(*set);
    } else {
        co_await read_volumes(topology, seen, deadline);
    }
    if (topology.spec.mode == api::RedisMode::Replication) {
        seen.sentinel_revision = co_await read_sentinel_revision(topology, deadline);
    }
    co_await read_pods(topology, seen, deadline);
    forget_gone_pods(seen, memory);
    if (topology.spec.backup || topology.spec.bootstrap) {
        co_await read_jobs(topology, seen, deadline);
    }
    Routes routes(parts_.kube, topology.metadata.name_space, topology.metadata.name);
    seen.addresses = co_await routes.pods(deadline);
    for (const RoutedPod& pod : seen.addresses) {
        seen.services.push_back(pod.name);
        // A Service without an address has been made a moment ago.
        if (!pod.endpoint.host.empty()) seen.hosts.push_back(pod.endpoint.host);
    }
    std::erase_if(seen.addresses, [&seen](const RoutedPod& pod) {
        return ordinal_of(pod.name) >= seen.nodes_now.value_or(0);
    });
    std::vector<Endpoint> endpoints;
    for (const RoutedPod& pod : seen.addresses) endpoints.push_back(pod.endpoint);
    const auto look = deadline.but_within(kLookTimeout);
    seen.nodes = co_await observe_nodes(std::move(endpoints), credentials, look);
    auto sentinels = co_await sentinel_addresses(topology, seen, deadline);
    seen.sentinels = co_await observe_sentinels(std::move(sentinels), topology.metadata.name,
                                                credentials, deadline.but_within(kLookTimeout));
    co_await seek_queues(topology, credentials, seen, memory, deadline);
    co_return seen;
}

awaitable<std::string> RedisReconciler::read_sentinel_revision(const api::RedisTopology& topology,
                                                               Deadline deadline) {
    const auto set = co_await parts_.kube.get(
        stateful_set(topology, topology.metadata.name + "-sentinel"), deadline);
    co_return set ? revision_of(*set) : std::string();
}

awaitable<void> RedisReconciler::read_pods(const api::RedisTopology& topology, Observed& seen,
                                           Deadline deadline) {
    const kube::Selection selection{
        .label_selector = fmt::format("{}={}", kTopologyLabel, topology.metadata.name),
        .field_selector = ""};
    kube::ListSink sink{.item =
                            [&seen](json& pod) {
                                // Those of Jobs are read with their Jobs.
                                const std::string part =
                                    text_at(pod, "/metadata/labels/chatflow.dev~1redis-part");
                                if (part == "node") seen.pods.push_back(pod_view(pod));
                                if (part == "sentinel") {
                                    seen.sentinel_pods.push_back(pod_view(pod));
                                }
                            },
                        .restart =
                            [&seen] {
                                seen.pods.clear();
                                seen.sentinel_pods.clear();
                            }};
    co_await parts_.kube.list(core(topology, "pods"), selection, std::move(sink), deadline);
    const auto by_ordinal = [](const PodView& pod) { return ordinal_of(pod.name); };
    std::ranges::sort(seen.pods, {}, by_ordinal);
}

awaitable<StoredRoute> RedisReconciler::read_write_route(const api::RedisTopology& topology,
                                                         Deadline deadline) {
    Routes routes(parts_.kube, topology.metadata.name_space, topology.metadata.name);
    co_return co_await routes.read("rw", deadline);
}

void RedisReconciler::forget_gone_pods(const Observed& seen, Memory& memory) {
    const auto is_gone = [&seen](const auto& known) {
        return !std::ranges::contains(seen.pods, known.first, &PodView::uid);
    };
    std::erase_if(memory.live, is_gone);
    std::erase_if(memory.users_of_pod, is_gone);
    std::erase_if(memory.certificates_read, is_gone);
}

awaitable<void> RedisReconciler::read_volumes(const api::RedisTopology& topology, Observed& seen,
                                              Deadline deadline) {
    const kube::Selection selection{
        .label_selector =
            fmt::format("{}={},{}=node", kTopologyLabel, topology.metadata.name, kPartLabel),
        .field_selector = ""};
    kube::ListSink sink{
        .item =
            [&seen](json& claim) { seen.old_volumes.push_back(text_at(claim, "/metadata/name")); },
        .restart = [&seen] { seen.old_volumes.clear(); }};
    co_await parts_.kube.list(core(topology, "persistentvolumeclaims"), selection, std::move(sink),
                              deadline);
}

awaitable<std::vector<Endpoint>> RedisReconciler::sentinel_addresses(
    const api::RedisTopology& topology, Observed& seen, Deadline deadline) {
    const kube::Selection selection{
        .label_selector =
            fmt::format("{}={},{}=sentinel", kTopologyLabel, topology.metadata.name, kPartLabel),
        .field_selector = ""};
    std::vector<Endpoint> endpoints;
    kube::ListSink sink{
        .item =
            [&endpoints, &seen](json& service) {
                endpoints.push_back({text_at(service, "/spec/clusterIP"), kSentinelPort});
                seen.sentinel_services.push_back(text_at(service, "/metadata/name"));
            },
        .restart =
            [&endpoints, &seen] {
                endpoints.clear();
                seen.sentinel_services.clear();
            }};
    co_await parts_.kube.list(core(topology, "services"), selection, std::move(sink), deadline);
    co_return endpoints;
}

awaitable<void> RedisReconciler::seek_queues(const api::RedisTopology& topology,
                                             Credentials credentials, Observed& seen,
                                             Memory& memory, Deadline deadline) {
    const bool is_due =
        !memory.queues_sought_at || seen.now - *memory.queues_sought_at >= kBetweenQueueSearches;
    const std::vector<Endpoint> masters = masters_of(seen);
    if (!may_evict(topology.spec)) {
        memory.queues.clear();
        memory.queue_search = {};
    } else if (is_due && !masters.empty()) {
        memory.queues_sought_at = seen.now;
        try {
            for (const Endpoint& master : masters) {
                co_await find_queues(master, credentials, memory.queue_search, deadline);
            }
            memory.queues = memory.queue_search.known(masters);
        } catch (const redis::Error&) {
            // The master is away; the conditions say so. The last finding stays.
        }
    }
    seen.queues = memory.queues;
}

}  // namespace chatflow
