#include "controller/clients/kube/api.hpp"
#include "controller/clients/kube/api_error.hpp"
#include "controller/domain/redis/beginning.hpp"
#include "controller/domain/redis/names.hpp"
#include "controller/reconcilers/redis/redis_reconciler.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
using nlohmann::json;

constexpr const char* kObjectManager = "chatflow-redis";
constexpr const char* kLabelManager = "chatflow-redis-roles";
constexpr const char* kStatusManager = "chatflow-status";
// What somebody else changed or deleted is put right at the latest after this.
constexpr auto kApplyAgainAfter = 60s;

}  // namespace

std::string RedisReconciler::make_password() {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::random_device random;
    std::uniform_int_distribution<std::size_t> letter(0, kLetters.size() - 1);
    std::string password(32, ' ');
    for (char& c : password) c = kLetters[letter(random)];
    return password;
}

void RedisReconciler::tell_beginning(const api::RedisTopology& topology, const Observed& seen,
                                     const Ingredients& with, const Log& log) {
    const bool has_begun = seen.nodes_now || !with.nodes_may_start || with.counts.nodes == 0;
    // What comes from a backup is in the condition Restored.
    if (has_begun || topology.spec.bootstrap) return;
    tell(topology, false, "Begins", beginning_of(topology, seen), log);
}

awaitable<bool> RedisReconciler::apply_objects(const api::RedisTopology& topology, Ingredients with,
                                               bool has_password, Memory& memory,
                                               Deadline deadline) {
    const TimePoint now = parts_.clock.now();
    const bool all = !memory.applied_at || now - *memory.applied_at >= kApplyAgainAfter;
    bool is_changed = false;
    with.image = parts_.image;
    if (!has_password) with.password = memory.password.empty() ? make_password() : memory.password;
    for (DesiredObject& object : desired_objects(topology, with)) {
        // The one object whose text is never the same twice.
        if (object.plural == "secrets" && has_password) continue;
        const std::string id = fmt::format("{}/{}", object.plural, object.name);
        const auto known = memory.applied.find(id);
        const bool is_new = known == memory.applied.end() || known->second != object.json;
        if (!is_new && !all) continue;
        is_changed = is_changed || (is_new && known != memory.applied.end());
        if (object.plural != "secrets") memory.applied[id] = object.json;
        co_await apply_object(topology, std::move(object), deadline);
    }
    co_await remove_unwanted_policy(topology, all, memory, deadline);
    if (all) memory.applied_at = now;
    co_return is_changed;
}

awaitable<void> RedisReconciler::remove_unwanted_policy(const api::RedisTopology& topology,
                                                        bool look_again, Memory& memory,
                                                        Deadline deadline) {
    if (topology.spec.network_policy) co_return;
    const std::string name = network_policy_of(topology.metadata.name);
    const bool was_applied = memory.applied.erase("networkpolicies/" + name) > 0;
    if (!was_applied && !look_again) co_return;
    kube::Resource policy =
        kube::core_resource("networkpolicies", topology.metadata.name_space, name);
    policy.group = "networking.k8s.io";
    co_await parts_.kube.remove(std::move(policy), {}, deadline);
}

awaitable<void> RedisReconciler::apply_object(const api::RedisTopology& topology,
                                              DesiredObject object, Deadline deadline) {
    kube::Resource resource{.group = object.group,
                            .version = object.version,
                            .plural = object.plural,
                            .name_space = topology.metadata.name_space,
                            .name = object.create_only ? "" : object.name,
                            .subresource = ""};
    if (!object.create_only) {
        co_await parts_.kube.apply(std::move(resource), json::parse(object.json),
                                   {.field_manager = kObjectManager, .force = true}, deadline);
        co_return;
    }
    try {
        co_await parts_.kube.create(std::move(resource), json::parse(object.json),
                                    {.field_manager = kObjectManager}, deadline);
    } catch (const kube::ApiError& error) {
        if (!error.already_exists()) throw;
    }
}

awaitable<void> RedisReconciler::label_pods(const api::RedisTopology& topology,
                                            const Observed& seen, Deadline deadline) {
    for (const PodView& pod : seen.pods) {
        std::string role;
        for (std::size_t i = 0; i < seen.addresses.size(); ++i) {
            if (seen.addresses[i].name != pod.name) continue;
            if (seen.nodes[i].role == NodeRole::Master) role = "master";
            if (seen.nodes[i].role == NodeRole::Replica) role = "replica";
        }
        if (role.empty() || role == pod.role) continue;
        const json patch = {{"metadata", {{"labels", {{kRoleLabel, role}}}}}};
        try {
            co_await parts_.kube.merge_patch(
                kube::core_resource("pods", topology.metadata.name_space, pod.name), patch,
                {.field_manager = kLabelManager}, deadline);
        } catch (const kube::ApiError& error) {
            if (!error.is_not_found()) throw;
        }
    }
}

awaitable<void> RedisReconciler::remove_spare_addresses(const api::RedisTopology& topology,
                                                        const Observed& seen, PodCounts counts,
                                                        Deadline deadline) {
    if (seen.nodes_now != counts.nodes) co_return;
    const int kept = std::max({counts.nodes, counts.asleep, wanted_nodes(topology.spec)});
    Memory& memory = memory_of(topology);
    std::vector<std::string> spare;
    const auto look = [&spare](const std::vector<std::string>& names, int wanted,
                               const std::vector<PodView>& pods) {
        for (const std::string& name : names) {
            const bool has_pod = std::ranges::contains(pods, name, &PodView::name);
            if (ordinal_of(name) >= wanted && !has_pod) spare.push_back(name);
        }
    };
    look(seen.services, kept, seen.pods);
    look(seen.sentinel_services, topology.spec.sentinel.instances, seen.sentinel_pods);
    for (const std::string& name : spare) {
        co_await parts_.kube.remove(
            kube::core_resource("services", topology.metadata.name_space, name), {}, deadline);
        memory.applied.erase("services/" + name);
    }
}

awaitable<void> RedisReconciler::write_status(const api::RedisTopology& topology,
                                              api::RedisTopologyStatus status, Memory& memory,
                                              Deadline deadline) {
    if (!worth_writing(memory.status, status)) co_return;
    json patch = {{"apiVersion", api::api_version_of<api::RedisTopology>()},
                  {"kind", api::KindTraits<api::RedisTopology>::kKind},
                  {"metadata", {{"name", topology.metadata.name}}},
                  {"status", api::to_json(status)}};
    kube::Api<api::RedisTopology> topologies(parts_.kube, topology.metadata.name_space);
    co_await topologies.apply_status(topology.metadata.name, std::move(patch),
                                     {.field_manager = kStatusManager, .force = true}, deadline);
    memory.status = std::move(status);
}

void RedisReconciler::tell(const api::RedisTopology& topology, bool is_warning,
                           const std::string& reason, const std::string& note, const Log& log) {
    log.info(note, {{"reason", reason}});
    parts_.events.record(
        {.regarding = {.api_version = api::api_version_of<api::RedisTopology>(),
                       .kind = std::string(api::KindTraits<api::RedisTopology>::kKind),
                       .name_space = topology.metadata.name_space,
                       .name = topology.metadata.name,
                       .uid = topology.metadata.uid},
         .type = is_warning ? api::EventType::Warning : api::EventType::Normal,
         .reason = reason,
         .action = "Reconcile",
         .note = note});
}

}  // namespace chatflow
