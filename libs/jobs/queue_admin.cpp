#include "libs/jobs/queue_admin.hpp"

#include "libs/jobs/now.hpp"
#include "libs/jobs/scripts.hpp"

#include <algorithm>
#include <utility>

namespace chatflow::jobs {

awaitable<QueueState> QueueAdmin::state(Deadline deadline) {
    const redis::Reply reply = co_await client_.eval(state_script(), base_, {}, deadline);
    QueueState state{.waiting = reply[0].integer(),
                     .active = reply[1].integer(),
                     .delayed = reply[2].integer(),
                     .prioritized = reply[3].integer(),
                     .completed = reply[4].integer(),
                     .failed = reply[5].integer(),
                     .waiting_children = reply[6].integer(),
                     .is_paused = reply[7].integer() == 1,
                     .oldest = std::nullopt};
    if (const auto oldest = reply[8].integer(); oldest > 0) {
        state.oldest = Milliseconds(std::chrono::milliseconds(oldest));
    }
    co_return state;
}

awaitable<std::optional<Job>> QueueAdmin::find(std::string id, Deadline deadline) {
    redis::Command read{"HGETALL", base_[0] + id};
    const redis::Reply reply = co_await client_.call(std::move(read), deadline);
    std::vector<HashField> fields;
    for (std::size_t i = 0; i + 1 < reply.size(); i += 2) {
        fields.emplace_back(reply[i].text(), reply[i + 1].text());
    }
    co_return parse_job(id, fields);
}

awaitable<std::int64_t> QueueAdmin::redrive(std::int64_t count_max, Deadline deadline) {
    constexpr std::int64_t kBatch = 500;  // so that Redis is not held up for long
    std::int64_t count = 0;
    while (count < count_max) {
        const auto batch = std::min(kBatch, count_max - count);
        const std::vector<std::string> arguments{now_text(), std::to_string(batch), ""};
        const auto reply = co_await client_.eval(redrive_script(), base_, arguments, deadline);
        count += reply.integer();
        if (reply.integer() < batch) break;
    }
    co_return count;
}

awaitable<bool> QueueAdmin::redrive_one(std::string id, Deadline deadline) {
    const std::vector<std::string> arguments{now_text(), "1", std::move(id)};
    const auto reply = co_await client_.eval(redrive_script(), base_, arguments, deadline);
    co_return reply.integer() == 1;
}

awaitable<bool> QueueAdmin::set_paused(bool is_paused, Deadline deadline) {
    const std::vector<std::string> arguments{is_paused ? "1" : "0"};
    const auto reply = co_await client_.eval(pause_script(), base_, arguments, deadline);
    co_return reply.integer() == 1;
}

awaitable<bool> QueueAdmin::remove(std::string id, Deadline deadline) {
    const std::vector<std::string> arguments{std::move(id)};
    const auto reply = co_await client_.eval(remove_script(), base_, arguments, deadline);
    co_return reply.integer() == 1;
}

}  // namespace chatflow::jobs
