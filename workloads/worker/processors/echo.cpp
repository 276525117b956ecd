#include "libs/async/with_deadline.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kEchoCallTime = 5s;
constexpr std::int64_t kSleepMax = 600'000;  // milliseconds

awaitable<std::string> echo(jobs::RunningJob& running) {
    const jobs::Job& job = running.job();
    if (job.data.size() <= 2) co_return job.data;  // {}: nothing is asked for
    const json data = json::parse(job.data, nullptr, false);
    if (!data.is_object()) co_return job.data;
    if (data.contains("progress")) {
        co_await running.set_progress(data["progress"].dump(), Deadline::after(kEchoCallTime));
    }
    if (data.contains("log")) {
        co_await running.log(data["log"].dump(), Deadline::after(kEchoCallTime));
    }
    if (data.contains("sleepMs") && data["sleepMs"].is_number_integer()) {
        const auto time =
            std::clamp<std::int64_t>(data["sleepMs"].get<std::int64_t>(), 0, kSleepMax);
        co_await sleep_until(Deadline::after(std::chrono::milliseconds(time)));
    }
    if (data.contains("fail") && data["fail"].is_string()) {
        const bool is_always =
            !data.contains("failTimes") || !data["failTimes"].is_number_integer();
        if (is_always || job.attempts_made < data["failTimes"].get<std::int64_t>()) {
            throw std::runtime_error(data["fail"].get<std::string>());
        }
    }
    co_return job.data;
}

}  // namespace

jobs::Processor echo_processor() { return echo; }

}  // namespace chatflow::worker
