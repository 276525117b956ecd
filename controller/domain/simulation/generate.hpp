#pragma once

#include "controller/domain/prediction/load_series.hpp"

#include <chrono>
#include <cstdint>

namespace chatflow::simulation {

enum class Shape {
    Daily,       // a chat service: mornings and evenings, quiet week-ends, noise; in cores
    FlashCrowd,  // quiet, then ten times as much within two minutes, three times
    SawTooth     // up within five minutes, down at once, quiet for fifteen, again and again
};

/// A load made up from a seed: the same for the same seed, everywhere. Begins on Monday, 5 January
/// 2026, 00:00 UTC.
[[nodiscard]] prediction::LoadSeries generate(Shape shape, std::uint64_t seed,
                                              std::chrono::seconds span);

/// Three weeks, six hours, six hours.
[[nodiscard]] std::chrono::seconds usual_span(Shape shape);

}  // namespace chatflow::simulation
