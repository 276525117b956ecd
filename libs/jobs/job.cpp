#include "libs/jobs/job.hpp"

#include "libs/base/trace_context.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

namespace chatflow::jobs {
namespace {

using nlohmann::json;

template <class Number>
Number number(std::string_view text) {
    Number value{};
    // A number that another program wrote as 1.0 is read up to the point.
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// {"traceId":"…"} among the data, without parsing what may be large.
std::string find_trace_id(std::string_view data) {
    constexpr std::string_view kMember = "\"traceId\":\"";
    constexpr std::size_t kLengthMax = 64;
    const auto begin = data.find(kMember);
    if (begin == std::string_view::npos) return {};
    const auto rest = data.substr(begin + kMember.size(), kLengthMax + 1);
    const auto end = rest.find_first_not_of("0123456789abcdefABCDEF-");
    if (end == std::string_view::npos || rest[end] != '"') return {};
    return std::string(rest.substr(0, end));
}

void put(Job& job, std::string_view field, std::string_view value) {
    if (field == "name")
        job.name = value;
    else if (field == "data")
        job.data = value;
    else if (field == "opts")
        job.options_json = value;
    else if (field == "timestamp")
        job.timestamp = Milliseconds(std::chrono::milliseconds(number<std::int64_t>(value)));
    else if (field == "delay")
        job.delay = std::chrono::milliseconds(number<std::int64_t>(value));
    else if (field == "priority")
        job.priority = number<std::uint32_t>(value);
    else if (field == "atm" || field == "attemptsMade")
        job.attempts_made = number<std::uint32_t>(value);
    else if (field == "ats")
        job.attempts_started = number<std::uint32_t>(value);
    else if (field == "stc")
        job.stalled_count = number<std::uint32_t>(value);
    else if (field == "defa")
        job.deferred_failure = value;
    else if (field == "rjk")
        job.scheduler_id = value;
    else if (field == "deid")
        job.deduplication_id = value;
    else if (field == "failedReason")
        job.failed_reason = value;
    else if (field == "stacktrace")
        job.stack_trace = value;
    else if (field == "progress")
        job.progress = value;
}

}  // namespace

const JobOptions& OptionsMemo::of(const std::string& text) {
    if (text != text_) {
        options_ = parse_job_options(text).value_or(JobOptions{});
        text_ = text;
    }
    return options_;
}

std::optional<Job> parse_job(std::string_view id, std::span<const HashField> fields,
                             OptionsMemo& memo) {
    Job job;
    job.id = id;
    bool has_name = false;
    for (const auto& [field, value] : fields) {
        put(job, field, value);
        has_name = has_name || field == "name";
    }
    if (!has_name) return std::nullopt;
    job.options = memo.of(job.options_json);
    auto trace = find_traceparent(job.data);
    if (!trace)
        trace = find_traceparent(job.options_json);  // opts.tm, as BullMQ's telemetry has it
    if (trace) job.traceparent = to_traceparent(*trace);
    job.trace_id = trace ? trace->trace_id : find_trace_id(job.data);
    return job;
}

std::string append_stack_trace(std::string_view text, std::string_view entry, std::size_t limit) {
    json trace = json::parse(text, nullptr, false);
    if (!trace.is_array()) trace = json::array();
    trace.push_back(std::string(entry));
    while (trace.size() > limit) trace.erase(trace.begin());
    return trace.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string json_string(std::string_view text) {
    return json(std::string(text)).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace chatflow::jobs
