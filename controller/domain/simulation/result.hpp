#pragma once

#include "controller/api/scaling_simulation.hpp"
#include "controller/domain/simulation/run.hpp"

#include <span>

namespace chatflow::simulation {

/// The run as one row of a table. Its name is cut to what a status takes.
[[nodiscard]] api::SimulatedRun row_of(const Run& run);

/// What a policy's status tells of these runs, of which there has to be one; the first
/// kSimulatedRunsMax of them.
[[nodiscard]] api::SimulationResult result_of(std::span<const Run> runs, TimePoint now);

}  // namespace chatflow::simulation
