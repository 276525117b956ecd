#pragma once

#include "libs/jobs/queue_worker.hpp"

#include <chrono>
#include <string>

namespace chatflow::jobs {

/// One job that a QueueWorker has taken and not yet reported.
struct QueueWorker::Run {
    Job job;
    std::string token;
    std::chrono::steady_clock::time_point fetched;
    std::chrono::steady_clock::time_point began;
    bool has_begun = false;
    bool is_lost = false;         // another worker has it: say nothing
    bool is_handed_back = false;  // it was cancelled because the worker stops
};

}  // namespace chatflow::jobs
