#include "libs/jobs/scheduler.hpp"

#include "libs/jobs/now.hpp"
#include "libs/jobs/scripts.hpp"

#include <charconv>
#include <map>
#include <utility>

namespace chatflow::jobs {
namespace {

using std::chrono::milliseconds;

std::string text(Milliseconds at) { return std::to_string(at.time_since_epoch().count()); }

std::string text_unless_zero(std::int64_t value) {
    return value != 0 ? std::to_string(value) : std::string();
}

std::int64_t number(std::string_view digits) {
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

// The options of a job that a schedule makes: its own, and what dashboards show of the schedule.
std::string job_options(std::string_view own, const Schedule& schedule, const std::string& id,
                        Milliseconds at, std::int64_t count) {
    std::string written = R"({"repeatJobKey":)" + json_string(id);
    written += R"(,"jobId":)" + json_string("repeat:" + id + ":" + text(at));
    written += R"(,"prevMillis":)" + text(at) + R"(,"repeat":{"count":)" + std::to_string(count);
    if (schedule.every.count() > 0) {
        written += R"(,"every":)" + std::to_string(schedule.every.count());
    } else {
        written += R"(,"pattern":)" + json_string(schedule.pattern);
    }
    if (!schedule.time_zone.empty()) written += R"(,"tz":)" + json_string(schedule.time_zone);
    if (schedule.limit) written += R"(,"limit":)" + std::to_string(*schedule.limit);
    written += "}";
    // `own` is an object, {…}; what it says comes after, in the same one.
    const auto inside = own.size() > 2 ? own.substr(1, own.size() - 2) : std::string_view();
    if (!inside.empty()) written += "," + std::string(inside);
    return written + "}";
}

Schedule parse_schedule(const std::map<std::string, std::string>& hash) {
    const auto value = [&hash](const char* name) {
        const auto found = hash.find(name);
        return found != hash.end() ? found->second : std::string();
    };
    Schedule schedule{.every = milliseconds(number(value("every"))),
                      .pattern = value("pattern"),
                      .time_zone = value("tz"),
                      .offset = milliseconds(0),
                      .limit = {},
                      .start = {},
                      .end = {}};
    // Of `every` the offset is in the times already.
    if (schedule.every.count() == 0) schedule.offset = milliseconds(number(value("offset")));
    if (!value("limit").empty()) schedule.limit = number(value("limit"));
    if (!value("startDate").empty()) {
        schedule.start = Milliseconds(milliseconds(number(value("startDate"))));
    }
    if (!value("endDate").empty()) {
        schedule.end = Milliseconds(milliseconds(number(value("endDate"))));
    }
    return schedule;
}

}  // namespace

awaitable<bool> Scheduler::upsert(std::string id, Schedule schedule, NewJob job,
                                  Deadline deadline) {
    const auto now = now_ms();
    const auto first = next_run(schedule, std::nullopt, now);
    if (!first) co_return false;
    const std::string options = to_json(job.options);
    const auto offset = schedule.every.count() > 0
                            ? first->time_since_epoch().count() % schedule.every.count()
                            : schedule.offset.count();
    const std::vector<std::string> arguments{
        text(now),
        id,
        text(*first),
        job.name,
        job.data,
        options,
        job_options(options, schedule, id, *first, 1),
        text_unless_zero(schedule.every.count()),
        schedule.every.count() > 0 ? std::string() : schedule.pattern,
        schedule.time_zone,
        schedule.limit ? std::to_string(*schedule.limit) : std::string(),
        schedule.end ? text(*schedule.end) : std::string(),
        std::to_string(offset)};
    co_await client_.eval(upsert_scheduler_script(), base_, arguments, deadline);
    co_return true;
}

awaitable<bool> Scheduler::remove(std::string id, Deadline deadline) {
    const std::vector<std::string> arguments{std::move(id)};
    const auto reply = co_await client_.eval(remove_scheduler_script(), base_, arguments, deadline);
    co_return reply.integer() == 1;
}

awaitable<void> Scheduler::advance(Job job, Deadline deadline) {
    const std::string& id = job.scheduler_id;
    redis::Command read{"HGETALL", base_[0] + "repeat:" + id};
    const auto reply = co_await client_.call(std::move(read), deadline);
    std::map<std::string, std::string> hash;
    for (std::size_t i = 0; i + 1 < reply.size(); i += 2) {
        hash.emplace(reply[i].text(), reply[i + 1].text());
    }
    if (hash.empty()) co_return;  // removed meanwhile
    const Schedule schedule = parse_schedule(hash);
    const std::int64_t count = number(hash["ic"]) + 1;
    if (schedule.limit && count > *schedule.limit) co_return;
    const auto colon = job.id.rfind(':');
    const Milliseconds last(milliseconds(number(std::string_view(job.id).substr(colon + 1))));
    const auto now = now_ms();
    const auto next = next_run(schedule, last, now);
    if (!next) co_return;
    const std::string own = hash.contains("opts") ? hash["opts"] : std::string("{}");
    const std::vector<std::string> arguments{text(now), id, job.id, text(*next),
                                             job_options(own, schedule, id, *next, count)};
    co_await client_.eval(advance_scheduler_script(), base_, arguments, deadline);
}

}  // namespace chatflow::jobs
