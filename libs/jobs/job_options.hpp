#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::jobs {

/// How long a job waits before its next attempt.
struct Backoff {
    enum class Kind { Fixed, Exponential };  // exponential: delay * 2^(attempts made - 1)

    Kind kind = Kind::Fixed;
    std::chrono::milliseconds delay{0};
    double jitter = 0;  // 0 to 1: the share of the delay that is left to chance

    bool operator==(const Backoff&) const = default;
};

/// Which finished jobs are kept. Nothing set: all.
struct Keep {
    std::optional<std::int64_t> count;        // the newest so many; 0: none
    std::optional<std::chrono::seconds> age;  // those not older

    [[nodiscard]] static Keep all() { return {}; }
    [[nodiscard]] static Keep none() { return {.count = 0, .age = {}}; }
    bool operator==(const Keep&) const = default;
};

/// What a child's final failure does to its parent.
enum class ParentOnFailure { Wait, Fail, Continue, IgnoreDependency, RemoveDependency };

/// A second job of the same id is not added: while the first is not done, or for `ttl`.
struct Deduplication {
    std::string id;
    std::optional<std::chrono::milliseconds> ttl;
    bool extend = false;   // a refused job begins `ttl` anew
    bool replace = false;  // the newer job takes the place of a delayed one

    bool operator==(const Deduplication&) const = default;
};

/// The parent of a job in a flow.
struct Parent {
    std::string id;
    std::string queue;  // with the prefix, "bull:reports"

    bool operator==(const Parent&) const = default;
};

/// What a producer may say about a job. The names in JSON are BullMQ's.
struct JobOptions {
    std::uint32_t attempts = 1;
    Backoff backoff;
    std::chrono::milliseconds delay{0};
    std::uint32_t priority = 0;  // 0: before all others, by age; else 1 (first) to 2^21
    bool lifo = false;
    std::string job_id;  // empty: the next number
    Keep on_complete;
    Keep on_fail;
    std::optional<Deduplication> deduplication;
    std::optional<Parent> parent;
    ParentOnFailure on_parent = ParentOnFailure::Wait;
    std::uint32_t stack_trace_lines = 10;

    static constexpr std::uint32_t kPriorityMax = 1U << 21U;

    bool operator==(const JobOptions&) const = default;
};

/// What the platform's own jobs have: 3 attempts, 1 s and 2 s apart; done ones go, failed ones
/// stay.
[[nodiscard]] inline JobOptions platform_job_options() {
    return {.attempts = 3,
            .backoff = {.kind = Backoff::Kind::Exponential, .delay = std::chrono::seconds(1)},
            .on_complete = Keep::none()};
}

/// As it stands in a job's hash. What another program wrote and cannot be used is as if not said;
/// nothing when the text is no JSON object.
[[nodiscard]] std::optional<JobOptions> parse_job_options(std::string_view json);
[[nodiscard]] std::string to_json(const JobOptions& options);

}  // namespace chatflow::jobs
