#pragma once

#include "controller/api/object_meta.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/clients/prometheus/client.hpp"
#include "controller/domain/prediction/load_query.hpp"
#include "controller/reconcilers/scaling/prometheus_servers.hpp"

#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <string>

namespace chatflow {

// Each asks for up to 10,000 points per slot of five minutes, and computes for some milliseconds.
inline constexpr std::size_t kForecastsMax = 200;

/// What is expected of the load of each policy that asks for it: made anew from the history in
/// Prometheus when a slot is over, and kept until the next one is. Without history there is a
/// forecast that says why, in state Learning. One executor only.
class LoadForecasts {
 public:
    /// Both outlive the forecasts: the controller's own, and those that policies name.
    LoadForecasts(prom::Client& prometheus, PrometheusServers& servers)
        : prometheus_(prometheus), servers_(servers) {}

    /// Nothing where the policy has no prediction. `policy` must outlive the call.
    [[nodiscard]] awaitable<std::optional<api::Forecast>> read(const api::ScalingPolicy& policy,
                                                               TimePoint now, Deadline deadline);

    void forget(const api::ObjectKey& key) { forecasts_.erase(key); }

 private:
    struct Entry {
        api::PredictionSpec spec;
        TimePoint made_from{};  // the end of its history
        TimePoint asked_at{};
        api::Forecast forecast;
    };

    [[nodiscard]] awaitable<void> refresh(const api::ScalingPolicy& policy, TimePoint now,
                                          Deadline deadline);

    [[nodiscard]] awaitable<std::expected<std::string, api::MetricError>> ask(
        const prediction::LoadQuery& query, std::string name_space, Deadline deadline);

    prom::Client& prometheus_;
    PrometheusServers& servers_;
    std::map<api::ObjectKey, Entry> forecasts_;
};

}  // namespace chatflow
