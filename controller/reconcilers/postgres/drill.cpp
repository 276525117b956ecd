#include "controller/domain/postgres/drill.hpp"

#include "controller/clients/kube/api.hpp"
#include "controller/reconcilers/postgres/postgres_reconciler.hpp"
#include "libs/base/text.hpp"

#include <algorithm>
#include <utility>

namespace chatflow {

using postgres::DrillWork;

namespace {

constexpr std::size_t kWordsMax = 400;  // of a refusal

kube::Resource drill_resource(const std::string& name_space, const std::string& name) {
    return {.group = "chatflow.dev",
            .version = "v1alpha1",
            .plural = "postgrestopologies",
            .name_space = name_space,
            .name = name,
            .subresource = ""};
}

bool is_made_for(const api::PostgresTopology& drill, const api::PostgresTopology& topology) {
    return std::ranges::contains(drill.metadata.owner_references, topology.metadata.uid,
                                 &api::OwnerReference::uid);
}

}  // namespace

awaitable<void> PostgresReconciler::look_after_drill(ObservedTopology& seen, Deadline deadline,
                                                     const Log& log) {
    const api::PostgresTopology& topology = seen.topology;
    auto& backups = seen.seen.backups;
    if (!topology.spec.backup || !backups || topology.spec.paused) co_return;
    const std::string name = postgres::drill_name(topology.metadata.name);
    const std::string& name_space = topology.metadata.name_space;
    const auto found = parts_.topologies.find({name_space, name});
    if (found && !is_made_for(*found, topology)) co_return;  // someone's own of that name
    postgres::SeenDrill drill{.exists = found != nullptr};
    if (found) {
        if (const auto* available =
                api::find_condition(found->status.conditions, "PrimaryAvailable")) {
            drill.is_primary_available = available->status == api::ConditionStatus::True;
            drill.message = available->message;
        }
    }
    auto plan = postgres::plan_drill(topology.spec.backup->drill, backups->drill,
                                     backups->last.has_value(), drill, seen.seen.now);
    if (plan.work == DrillWork::Create) {
        const std::string refused = co_await create_drill(topology, name, deadline);
        if (!refused.empty()) {
            plan.status = postgres::refused_drill(*plan.status, refused, seen.seen.now);
        }
    } else if (plan.work == DrillWork::Delete) {
        co_await delete_drill(name_space, name, deadline);
    }
    if (plan.status && plan.status->outcome != (backups->drill ? backups->drill->outcome : "")) {
        tell(topology,
             {"RestoreDrill" + plan.status->outcome, plan.status->message,
              plan.status->outcome == "Failed"},
             log);
    }
    backups->drill = plan.status;
}

awaitable<std::string> PostgresReconciler::create_drill(const api::PostgresTopology& topology,
                                                        std::string name, Deadline deadline) {
    api::PostgresTopology drill;
    drill.metadata = {
        .name = std::move(name),
        .name_space = topology.metadata.name_space,
        .owner_references = {{.api_version = api::api_version_of<api::PostgresTopology>(),
                              .kind = std::string(api::KindTraits<api::PostgresTopology>::kKind),
                              .name = topology.metadata.name,
                              .uid = topology.metadata.uid,
                              .controller = true}}};
    drill.spec = postgres::drill_spec(topology);
    auto object = api::KindTraits<api::PostgresTopology>::encode(drill);
    object.erase("status");
    try {
        co_await parts_.kube.create(drill_resource(topology.metadata.name_space, ""),
                                    std::move(object), {.field_manager = "chatflow-postgres"},
                                    deadline);
        co_return "";
    } catch (const kube::ApiError& error) {
        if (error.already_exists()) co_return "";
        co_return std::string(cut(error.message(), kWordsMax));
    }
}

/// With its volume, which holds nothing that the repository has not, and in which the next drill
/// would find its data.
awaitable<void> PostgresReconciler::delete_drill(std::string name_space, std::string name,
                                                 Deadline deadline) {
    co_await parts_.kube.remove(drill_resource(name_space, name), {}, deadline);
    co_await parts_.kube.remove(
        kube::core_resource("persistentvolumeclaims", name_space, "data-" + name + "-0"), {},
        deadline);
}

}  // namespace chatflow
