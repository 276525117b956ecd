#pragma once

#include "libs/jobs/job.hpp"

#include <chrono>
#include <string>

namespace chatflow::jobs {

/// The wall clock, as BullMQ's clients send it.
[[nodiscard]] inline Milliseconds now_ms() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

[[nodiscard]] inline std::string now_text() {
    return std::to_string(now_ms().time_since_epoch().count());
}

}  // namespace chatflow::jobs
