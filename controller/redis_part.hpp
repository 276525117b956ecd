#pragma once

#include "controller/api/redis_topology_codec.hpp"
#include "controller/options.hpp"
#include "controller/reconcilers/redis/redis_reconciler.hpp"
#include "controller/runtime/controller.hpp"
#include "controller/runtime/manager.hpp"
#include "controller/runtime/watch_cache.hpp"

namespace chatflow {

/// All that RedisTopologies need: what is watched for them and who acts.
class RedisPart {
 public:
    struct Parts {
        asio::any_io_executor executor;
        Clock& clock;
        const Log& log;
        kube::Client& kube;
        runtime::EventRecorder& events;
        runtime::RuntimeMetrics& metrics;
        prometheus::Registry& registry;
    };
    RedisPart(const Parts& parts, const ControllerOptions& options);

    void add_to(runtime::Manager& manager);

 private:
    runtime::WatchCache<api::RedisTopology> topologies_;
    RedisMetrics metrics_;
    RedisReconciler reconciler_;
    runtime::Controller controller_;
};

}  // namespace chatflow
