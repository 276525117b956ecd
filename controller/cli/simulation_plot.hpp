#pragma once

#include "controller/domain/simulation/run.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace chatflow::cli {

// Beyond it the lines hide each other.
inline constexpr std::size_t kPlottedRunsMax = 4;

/// The load above, the replicas of each run below, as an SVG picture: axes with units, a legend,
/// light background, colours that colour-blind people tell apart (Okabe and Ito).
[[nodiscard]] std::string simulation_svg(std::span<const simulation::Run> runs);

}  // namespace chatflow::cli
