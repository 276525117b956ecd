#pragma once

#include "controller/api/quantity.hpp"
#include "libs/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::api {

enum class PredictionMode { Off, Observe, Enforce };

/// Replicas ahead of a load that comes again every day or week. Only ever more of them.
struct PredictionSpec {
    PredictionMode mode = PredictionMode::Observe;
    std::string query;  // one series: the load of the whole target; empty: made from the metric
    std::optional<std::int32_t> period_seconds;  // nothing: a day and a week are both tried
    std::int32_t coverage_percent = 95;          // of the slots, whose load the bound is to hold
    std::int32_t lead_seconds = 60;              // from a decision to pods that are ready
    std::int32_t history_days = 15;
    bool operator==(const PredictionSpec&) const = default;
};

enum class PredictionState {
    Learning,  // not enough history
    Shadow,    // told, but not trusted
    Trusted
};

enum class PredictionModel { SeasonalQuantile, HoltWinters };

/// What is expected of the load, with all that it was made from; it recomputes from the history.
struct Forecast {
    PredictionState state = PredictionState::Learning;
    std::string reason;  // CamelCase: HistoryTooShort, CoverageLow, NoSkill, CoverageHeld
    TimePoint slot{};    // from now to the lead, where the bound is greatest
    std::int32_t slot_seconds = 0;
    std::optional<PredictionModel> model;
    std::int32_t period_seconds = 0;
    Quantity expected;
    Quantity bound;                      // not exceeded in coverage_percent of the slots
    std::int32_t coverage_permille = 0;  // measured: how many bounds held, of the recent ones
    std::int32_t measured_slots = 0;     // how many those are
    std::int32_t history_slots = 0;
    std::string history_hash;  // FNV-1a of the history, 16 digits
    bool operator==(const Forecast&) const = default;
};

}  // namespace chatflow::api
