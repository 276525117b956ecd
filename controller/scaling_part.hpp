#pragma once

#include "controller/clients/kube/discovery.hpp"
#include "controller/options.hpp"
#include "controller/reconcilers/scaling/scaling_reconciler.hpp"
#include "controller/runtime/manager.hpp"
#include "controller/runtime/watch_cache.hpp"

namespace chatflow {

/// All that ScalingPolicies need: what is watched for them, what is asked, who acts.
class ScalingPart {
 public:
    struct Parts {
        asio::any_io_executor executor;
        Clock& clock;
        const Log& log;
        kube::Client& kube;
        prom::Client& prometheus;
        runtime::EventRecorder& events;
        runtime::RuntimeMetrics& metrics;
        ScalingMetrics& exported;
    };
    ScalingPart(const Parts& parts, const ControllerOptions& options);

    void add_to(runtime::Manager& manager);

 private:
    ScalingMetrics& exported_;
    runtime::WatchCache<api::ScalingPolicy> policies_;
    runtime::WatchCache<api::HorizontalPodAutoscaler> autoscalers_;
    runtime::WatchCache<api::Pod> pods_;
    runtime::WatchCache<api::ScaledDeployment> deployments_;
    runtime::WatchCache<api::ScaledStatefulSet> stateful_sets_;
    std::unique_ptr<runtime::WatchCache<api::Namespace>>
        namespaces_;  // with rights for all of them
    UsageCache usage_;
    DirectUsage direct_;
    kube::Discovery discovery_;
    metrics_api::Client adapters_;
    ApiUsage api_usage_;
    PrometheusServers servers_;
    MetricReader reader_;
    LoadForecasts forecasts_;
    Drains drains_;
    NamespaceFreezes freezes_;
    ScaleTargets targets_;
    ScaledObjects scaled_objects_;
    ScalingReconciler reconciler_;
    runtime::Controller controller_;
};

}  // namespace chatflow
