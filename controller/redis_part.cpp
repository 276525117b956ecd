#include "controller/redis_part.hpp"

#include "controller/runtime/mappers.hpp"
#include "controller/runtime/predicates.hpp"

namespace chatflow {
namespace {

using api::RedisTopology;

// A switchover waits up to 12 s until a Sentinel prefers its target.
constexpr std::chrono::seconds kReconcileTimeout{45};

runtime::WatchCacheOptions watched(const ControllerOptions& options) {
    return {.namespaces = {options.watch_namespaces.begin(), options.watch_namespaces.end()}};
}

}  // namespace

RedisPart::RedisPart(const Parts& parts, const ControllerOptions& options)
    : topologies_(parts.kube, parts.clock, parts.log, parts.metrics, watched(options)),
      metrics_(parts.registry),
      reconciler_({.topologies = topologies_.store(),
                   .kube = parts.kube,
                   .events = parts.events,
                   .clock = parts.clock,
                   .metrics = metrics_,
                   .image = options.redis_image}),
      controller_(parts.executor, parts.clock, parts.log, reconciler_, parts.metrics,
                  {.name = "redistopology",
                   .workers = options.workers,
                   .reconcile_timeout = kReconcileTimeout}) {
    controller_.watches<RedisTopology>(topologies_.store(),
                                       runtime::generation_changed<RedisTopology>,
                                       runtime::to_itself<RedisTopology>);
}

void RedisPart::add_to(runtime::Manager& manager) {
    manager.add_cache(topologies_);
    manager.add_controller(controller_);
}

}  // namespace chatflow
