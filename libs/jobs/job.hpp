#pragma once

#include "libs/jobs/job_options.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace chatflow::jobs {

using Milliseconds = std::chrono::sys_time<std::chrono::milliseconds>;

/// One job as its hash in Redis says.
struct Job {
    std::string id;
    std::string name;
    std::string data;          // JSON
    std::string options_json;  // as its producer wrote it
    JobOptions options;
    Milliseconds timestamp{};  // when it was added
    std::chrono::milliseconds delay{0};
    std::uint32_t priority = 0;
    std::uint32_t attempts_made = 0;     // finished ones
    std::uint32_t attempts_started = 0;  // with those that a worker did not live to finish
    std::uint32_t stalled_count = 0;
    std::string deferred_failure;  // not empty: fail with this, do not run
    std::string scheduler_id;      // of the job scheduler that made it, or empty
    std::string deduplication_id;
    std::string failed_reason;  // of the last attempt
    std::string stack_trace;    // JSON array of texts
    std::string progress;       // JSON
    std::string traceparent;    // of the request that asked for it: data's, or BullMQ's telemetry
    std::string trace_id;       // of it, for logs; or data.traceId

    bool operator==(const Job&) const = default;
};

/// The options that were parsed last: one after the other, jobs mostly have the same.
class OptionsMemo {
 public:
    /// Default ones when the text is no JSON object. Valid until the next call.
    [[nodiscard]] const JobOptions& of(const std::string& text);

 private:
    std::string text_;
    JobOptions options_;
};

/// A hash's fields and values. Unknown fields are left; nothing without a name: that is no job.
using HashField = std::pair<std::string_view, std::string_view>;
[[nodiscard]] std::optional<Job> parse_job(std::string_view id, std::span<const HashField> fields,
                                           OptionsMemo& memo);
[[nodiscard]] inline std::optional<Job> parse_job(std::string_view id,
                                                  std::span<const HashField> fields) {
    OptionsMemo memo;
    return parse_job(id, fields, memo);
}

/// The stack trace with one more entry, the newest `limit` kept.
[[nodiscard]] std::string append_stack_trace(std::string_view json, std::string_view entry,
                                             std::size_t limit);

/// `text` as a JSON string; bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace chatflow::jobs
