#pragma once

#include "controller/domain/prediction/load_series.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace chatflow::cli {

struct LoadQuery {
    std::string url;         // of the Prometheus server
    std::string token_file;  // empty: none is sent
    std::string ca_file;     // empty: the system's authorities
    std::string query;       // one series: the load of the whole target
    TimePoint from{};
    TimePoint to{};
    std::chrono::seconds step{60};
};

/// Reads the load in parts of as many points as Prometheus gives at once, and tells how much of it
/// is done. Throws std::runtime_error with a sentence for the user.
[[nodiscard]] prediction::LoadSeries read_load(const LoadQuery& query,
                                               const std::function<void(double)>& progress);

}  // namespace chatflow::cli
