#pragma once

#include "controller/cli/cluster_session.hpp"
#include "controller/domain/prediction/load_series.hpp"
#include "controller/domain/simulation/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::cli {

/// What `simulate` was asked for.
struct SimulateArguments {
    std::vector<std::string> policies;  // files
    std::string csv;
    std::string prometheus;
    std::string token_file;
    std::string ca_file;
    std::string query;
    std::string from;
    std::string to;
    std::string step = "60s";
    std::string generated;  // daily, flash-crowd, saw-tooth
    std::uint64_t seed = 7;
    std::string span;
    std::string csv_out;

    std::string compare;
    std::string metric;
    std::string pod_start = "20s";
    std::string metric_lag = "15s";
    std::string request = "200m";
    std::string limit;
    std::int32_t initial = -1;
    std::int32_t full_percent = 70;
    std::string warm_up = "0s";

    std::string output = "table";
    std::string plot;
    std::string attach;
    ClusterArguments cluster;
};

/// "90s", "15m", "2h", "1d", "1h30m"; a number alone is seconds. Throws std::runtime_error that
/// names `option`.
[[nodiscard]] std::chrono::seconds duration_of(const std::string& text, const char* option);

/// Each throws std::runtime_error with a sentence for the user.
[[nodiscard]] simulation::Settings settings_of(const SimulateArguments& arguments);
[[nodiscard]] prediction::LoadSeries load_of(const SimulateArguments& arguments, TimePoint now);

}  // namespace chatflow::cli
