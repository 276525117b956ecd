#include "controller/scaling_part.hpp"

#include "controller/clients/cpprest_transport.hpp"
#include "controller/domain/scaling/status.hpp"
#include "controller/reconcilers/scaling/conflicts.hpp"

namespace chatflow {
namespace {

using api::ScalingPolicy;

// Above what Prometheus and the API server are given together.
constexpr std::chrono::seconds kReconcileTimeout{30};

runtime::WatchCacheOptions watched(const ControllerOptions& options) {
    return {.namespaces = {options.watch_namespaces.begin(), options.watch_namespaces.end()}};
}

UsageCache::Namespaces namespaces_of(const runtime::Store<ScalingPolicy>& policies) {
    return [&policies] {
        std::set<std::string> names;
        for (const auto& policy : policies.list()) names.insert(policy->metadata.name_space);
        return names;
    };
}

}  // namespace

ScalingPart::ScalingPart(const Parts& parts, const ControllerOptions& options)
    : exported_(parts.exported),
      policies_(parts.kube, parts.clock, parts.log, parts.metrics, watched(options)),
      autoscalers_(parts.kube, parts.clock, parts.log, parts.metrics, watched(options)),
      pods_(parts.kube, parts.clock, parts.log, parts.metrics, watched(options)),
      deployments_(parts.kube, parts.clock, parts.log, parts.metrics, watched(options)),
      stateful_sets_(parts.kube, parts.clock, parts.log, parts.metrics, watched(options)),
      namespaces_(options.watch_namespaces.empty()
                      ? std::make_unique<runtime::WatchCache<api::Namespace>>(
                            parts.kube, parts.clock, parts.log, parts.metrics)
                      : nullptr),
      usage_(parts.executor, parts.prometheus, parts.clock, namespaces_of(policies_.store()),
             {.freshness = options.metrics_freshness,
              .cpu_window_seconds = static_cast<std::int32_t>(options.cpu_window.count())}),
      direct_(parts.executor, parts.kube),
      discovery_(parts.kube),
      adapters_(parts.kube, discovery_),
      api_usage_(parts.executor, adapters_, options.metrics_freshness),
      servers_(parts.executor, parts.kube, clients::make_cpprest_transport,
               [this](auto time, auto failed) { exported_.queried(time, failed); }),
      reader_({.usage = usage_,
               .api_usage = api_usage_,
               .prometheus = parts.prometheus,
               .servers = servers_,
               .adapters = adapters_,
               .direct = options.kubelet_metrics ? &direct_ : nullptr}),
      forecasts_(parts.prometheus, servers_),
      drains_(parts.kube, pods_.store(), parts.prometheus, clients::make_cpprest_transport),
      freezes_(namespaces_ ? &namespaces_->store() : nullptr, parts.kube),
      targets_({&deployments_.store(), &stateful_sets_.store()}, parts.kube, discovery_),
      scaled_objects_(parts.kube, discovery_),
      reconciler_({.policies = policies_.store(),
                   .autoscalers = autoscalers_.store(),
                   .pods = pods_.store(),
                   .kube = parts.kube,
                   .targets = targets_,
                   .scaled_objects = scaled_objects_,
                   .metrics = reader_,
                   .forecasts = forecasts_,
                   .freezes = freezes_,
                   .drains = drains_,
                   .events = parts.events,
                   .exported = parts.exported,
                   .clock = parts.clock}),
      controller_(parts.executor, parts.clock, parts.log, reconciler_, parts.metrics,
                  {.name = "scalingpolicy",
                   .workers = options.workers,
                   .reconcile_timeout = kReconcileTimeout}) {
    policies_.trim_with([this](ScalingPolicy& policy) {
        if (reconciler_.remembers(policy.metadata)) {
            policy.status = {};
        } else {
            scaling::drop_inputs(policy.status);
        }
    });
    // An assigned empty text would keep the memory of what was there.
    pods_.trim_with([](api::Pod& pod) { std::string().swap(pod.metadata.uid); });
    deployments_.trim_with([](auto& target) { std::string().swap(target.metadata.uid); });
    index_by_target(policies_.store(), autoscalers_.store());
    index_by_drain(pods_.store());
    controller_.watches<ScalingPolicy>(policies_.store(),
                                       runtime::generation_changed<ScalingPolicy>,
                                       runtime::to_itself<ScalingPolicy>);
    // Who drains for a policy that went while nobody was there is released when he is first seen.
    controller_.watches<api::Pod>(
        pods_.store(),
        [](const runtime::Change<api::Pod>& change) { return !change.before && change.after; },
        [](const runtime::Change<api::Pod>& change) {
            const auto policy = drains_for(*change.after);
            return policy ? std::vector{*policy} : std::vector<api::ObjectKey>{};
        });
    if (namespaces_) {
        controller_.watches<api::Namespace>(
            namespaces_->store(), runtime::annotations_changed<api::Namespace>,
            [&policies = policies_.store()](const runtime::Change<api::Namespace>& change) {
                std::vector<api::ObjectKey> keys;
                for (const auto& policy : policies.in_namespace(change.key().name)) {
                    keys.push_back(key_of(policy->metadata));
                }
                return keys;
            });
    }
}

void ScalingPart::add_to(runtime::Manager& manager) {
    manager.add_cache(policies_);
    manager.add_cache(autoscalers_);
    manager.add_cache(pods_);
    manager.add_cache(deployments_);
    manager.add_cache(stateful_sets_);
    if (namespaces_) manager.add_cache(*namespaces_);
    for (const auto resource : {prom::Resource::Cpu, prom::Resource::Memory}) {
        manager.add_service("usage", [this, resource] { return usage_.keep_current(resource); });
    }
    manager.add_controller(controller_);
    manager.at_scrape([this] { return exported_.pieces(); });
}

}  // namespace chatflow
