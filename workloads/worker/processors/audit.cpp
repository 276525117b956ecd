// Who did what: a row that stays, and an event for those who want to hear of it.
#include "libs/events/publisher.hpp"
#include "workloads/worker/chat_store.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kAuditTime = 10s;

class Audit {
 public:
    Audit(std::string queue, ChatStore& store, redis::Client& redis)
        : queue_(std::move(queue)),
          store_(store),
          publisher_(redis, events::platform_catalog(), nullptr) {}

    awaitable<std::string> run(jobs::RunningJob& running) {
        const jobs::Job& job = running.job();
        json data = json::parse(job.data, nullptr, false);
        if (!data.is_object()) throw jobs::Unrecoverable("data: must be an object");
        const std::int64_t moment = job.timestamp.time_since_epoch().count();
        data["timestamp"] = moment;
        if (!data.contains("details") || !data["details"].is_object()) {
            data["details"] = json::object();
        }
        events::Event event{.type = "audit.recorded",
                            .time = job.timestamp,
                            .source = "worker",
                            .data = print(data)};
        const auto errors = events::platform_catalog().check(event);
        if (!errors.empty()) throw jobs::Unrecoverable(to_string(errors));
        AuditEntry entry{.job = queue_ + ":" + job.id,
                         .timestamp_ms = moment,
                         .actor = data["actor"].get<std::string>(),
                         .action = data["action"].get<std::string>(),
                         .target = data["target"].get<std::string>(),
                         .details = print(data["details"])};
        co_await store_.record(std::move(entry), Deadline::after(kAuditTime));
        co_return jobs::json_string(
            co_await publisher_.publish(std::move(event), Deadline::after(kAuditTime)));
    }

 private:
    static std::string print(const json& value) {
        return value.dump(-1, ' ', false, json::error_handler_t::replace);
    }

    std::string queue_;
    ChatStore& store_;
    events::Publisher publisher_;
};

}  // namespace

jobs::Processor audit_processor(const QueueConfig& queue, ChatStore& store, redis::Client& redis) {
    auto audit = std::make_shared<Audit>(queue.name, store, redis);
    return [audit](jobs::RunningJob& running) { return audit->run(running); };
}

}  // namespace chatflow::worker
