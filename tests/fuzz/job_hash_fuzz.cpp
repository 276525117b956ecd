// A job's hash, which any program may have written: read, printed, and its retry and schedule
// decided; none of it may crash, and options read back are the same.
#include "libs/jobs/retry.hpp"
#include "libs/jobs/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using namespace chatflow::jobs;

// Lines of field=value.
std::vector<HashField> fields_of(std::string_view text) {
    std::vector<HashField> fields;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        const auto equals = line.find('=');
        fields.emplace_back(line.substr(0, equals), equals == std::string_view::npos
                                                        ? std::string_view()
                                                        : line.substr(equals + 1));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return fields;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what libFuzzer passes
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto job = parse_job("1", fields_of(text));
    if (!job) return 0;
    const auto again = parse_job_options(to_json(job->options));
    if (!again || again->attempts != job->options.attempts) std::abort();
    (void)next_attempt(*job, 0.5);
    (void)append_stack_trace(job->stack_trace, job->failed_reason, 10);
    (void)CronPattern::parse(job->name);
    return 0;
}
