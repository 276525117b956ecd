#pragma once

#include "controller/api/scaling_simulation.hpp"
#include "controller/domain/simulation/run.hpp"
#include "controller/domain/simulation/settings.hpp"

#include <cstddef>
#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::cli {

/// What `simulate` prints, for a terminal of 80 columns: a chart of the load and of each policy's
/// replicas, then one line per run.
[[nodiscard]] std::string simulation_text(std::span<const simulation::Run> runs,
                                          const simulation::Settings& settings);

/// A heading and one line per run.
[[nodiscard]] std::string simulation_rows(std::span<const api::SimulatedRun> runs,
                                          std::size_t indent = 0);

/// These, and what the columns mean.
[[nodiscard]] std::string simulation_table(std::span<const simulation::Run> runs,
                                           const simulation::Settings& settings);

/// {settings, runs: [{name, summary, changes: […]}]}; the same bytes for the same runs.
[[nodiscard]] nlohmann::json simulation_json(std::span<const simulation::Run> runs,
                                             const simulation::Settings& settings);

/// The summary alone.
[[nodiscard]] nlohmann::json summary_json(const simulation::Run& run);

}  // namespace chatflow::cli
