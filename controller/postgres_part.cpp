#include "controller/postgres_part.hpp"

#include "controller/domain/postgres/names.hpp"
#include "controller/runtime/mappers.hpp"
#include "controller/runtime/predicates.hpp"

#include <string>
#include <vector>

namespace chatflow {
namespace {

using api::PostgresTopology;

// A switchover answers when the new primary is promoted; restarts wait for a checkpoint.
constexpr std::chrono::seconds kReconcileTimeout{60};
// Questions to databases and poolers, each with a deadline of its own. Every pod of a pooler is
// paused at once, and waits for the transactions under way.
constexpr std::size_t kSqlThreads = 16;
constexpr std::size_t kSqlWaitingMax = 256;

runtime::WatchCacheOptions watched(const ControllerOptions& options) {
    return {.namespaces = {options.watch_namespaces.begin(), options.watch_namespaces.end()}};
}

runtime::WatchCacheOptions watched_pods(const ControllerOptions& options) {
    auto pods = watched(options);
    pods.selection.label_selector = postgres::kTopologyLabel;
    return pods;
}

std::vector<api::ObjectKey> to_topology(const runtime::Change<api::Pod>& change) {
    const auto& pod = change.after ? change.after : change.before;
    const auto found = pod->labels->find(std::string(postgres::kTopologyLabel));
    if (found == pod->labels->end()) return {};
    return {{pod->metadata.name_space, found->second}};
}

}  // namespace

PostgresPart::PostgresPart(const Parts& parts, const ControllerOptions& options)
    : topologies_(parts.kube, parts.clock, parts.log, parts.metrics, watched(options)),
      pods_(parts.kube, parts.clock, parts.log, parts.metrics, watched_pods(options)),
      sql_threads_(kSqlThreads, kSqlWaitingMax),
      sql_(sql_threads_),
      pooler_(sql_),
      exported_(parts.registry),
      reconciler_({.topologies = topologies_.store(),
                   .pods = pods_.store(),
                   .kube = parts.kube,
                   .patroni = patroni_,
                   .sql = sql_,
                   .pooler = pooler_,
                   .events = parts.events,
                   .exported = exported_,
                   .clock = parts.clock,
                   .image = options.postgres_image,
                   .pooler_image = options.pooler_image}),
      controller_(parts.executor, parts.clock, parts.log, reconciler_, parts.metrics,
                  {.name = "postgrestopology",
                   .workers = options.workers,
                   .reconcile_timeout = kReconcileTimeout}) {
    controller_.watches<PostgresTopology>(topologies_.store(),
                                          runtime::generation_changed<PostgresTopology>,
                                          runtime::to_itself<PostgresTopology>);
    controller_.watches<api::Pod>(pods_.store(), runtime::any_change<api::Pod>, &to_topology);
}

void PostgresPart::add_to(runtime::Manager& manager) {
    manager.add_cache(topologies_);
    manager.add_cache(pods_);
    manager.add_controller(controller_);
}

}  // namespace chatflow
