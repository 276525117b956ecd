#include "controller/reconcilers/scaling/load_forecasts.hpp"

#include "controller/clients/prometheus/range_matrix.hpp"
#include "controller/domain/prediction/predictor.hpp"

#include <chrono>
#include <utility>

namespace chatflow {
namespace {

// After a failure; a server that is down is not asked with every evaluation.
constexpr std::chrono::seconds kRetry{60};

api::Forecast without_history(std::string reason) {
    api::Forecast forecast;
    forecast.reason = std::move(reason);
    return forecast;
}

}  // namespace

awaitable<std::optional<api::Forecast>> LoadForecasts::read(const api::ScalingPolicy& policy,
                                                            TimePoint now, Deadline deadline) {
    const api::ObjectKey key = key_of(policy.metadata);
    if (!policy.spec.prediction || policy.spec.prediction->mode == api::PredictionMode::Off) {
        forget(key);
        co_return std::nullopt;
    }
    if (!forecasts_.contains(key) && forecasts_.size() >= kForecastsMax) {
        co_return without_history("TooManyPredictions");
    }
    co_await refresh(policy, now, deadline);
    const auto found = forecasts_.find(key);
    if (found == forecasts_.end()) co_return std::nullopt;
    co_return found->second.forecast;
}

awaitable<void> LoadForecasts::refresh(const api::ScalingPolicy& policy, TimePoint now,
                                       Deadline deadline) {
    const api::ObjectKey key = key_of(policy.metadata);
    const auto query = prediction::load_query(key, policy.spec, now);
    Entry& known = forecasts_[key];
    if (known.spec != *policy.spec.prediction) known = {.spec = *policy.spec.prediction};
    if (!query) {
        known.forecast = without_history("QueryMissing");
        co_return;
    }
    // A clock that was stepped back makes the last question one of later.
    const bool was_asked = known.asked_at <= now && now - known.asked_at < kRetry;
    if (known.made_from == query->last || was_asked) co_return;
    known.asked_at = now;

    const prom::Range range{query->first, query->last, query->step};
    const auto body = co_await ask(*query, key.name_space, deadline);
    const auto samples = body ? prom::read_range(*body, range) : std::unexpected(body.error());
    // The policy may have gone, or changed, while Prometheus was asked.
    const auto entry = forecasts_.find(key);
    if (entry == forecasts_.end() || entry->second.spec != *policy.spec.prediction) co_return;
    if (!samples) {
        // What was said before holds until its slots are over.
        if (entry->second.forecast.history_slots == 0) {
            entry->second.forecast = without_history(samples.error().reason);
        }
        co_return;
    }
    const prediction::Tuning tuning = prediction::tuning_of(entry->second.spec);
    prediction::Predictor predictor(tuning, query->first - query->step);
    for (const auto& sample : *samples) predictor.add(sample);
    entry->second.forecast = predictor.forecast();
    entry->second.made_from = query->last;
}

awaitable<std::expected<std::string, api::MetricError>> LoadForecasts::ask(
    const prediction::LoadQuery& query, std::string name_space, Deadline deadline) {
    const prom::Range range{query.first, query.last, query.step};
    if (query.server) {
        co_return co_await servers_.query_range(*query.server, std::move(name_space),
                                                query.expression, range, deadline);
    }
    co_return co_await prometheus_.query_range(query.expression, range, deadline);
}

}  // namespace chatflow
