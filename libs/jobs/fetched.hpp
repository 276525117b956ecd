#pragma once

#include "libs/jobs/job.hpp"
#include "libs/redis/reply.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::jobs {

/// How a run of a job ended, as the work script is told.
struct Outcome {
    enum class Kind {
        Complete,
        Fail,
        Delay,
        Retry,
        Postpone,  // delayed, and the attempt does not count
        HandBack,  // it was cut off: the attempt does not count
        PutBack,   // it had not begun
    };

    Kind kind = Kind::Complete;
    Job job;
    std::string token;           // under which it was taken
    std::string value;           // the return value in JSON, or the reason of the failure
    std::string stack_trace;     // JSON; empty: as it was
    Milliseconds delay_until{};  // of Delay

    void append_to(std::vector<std::string>& arguments) const;
};

/// Why the script did not take a report.
enum class Report : std::int8_t {
    Done = 0,
    JobIsGone = -1,
    LockIsGone = -2,
    NotActive = -3,
    ChildrenArePending = -4,
    LockIsAnothers = -6,
};

/// What the work script answers.
struct Fetched {
    std::vector<Report> reports;  // in the order of the outcomes
    std::vector<Job> jobs;
    Milliseconds next_delayed{};               // 0: none
    std::chrono::milliseconds limited_for{0};  // the queue's rate is used up for so long
};

/// Throws redis::ProtocolError for another shape.
[[nodiscard]] Fetched parse_fetched(const redis::Reply& reply);

}  // namespace chatflow::jobs
