#include "libs/jobs/producer.hpp"

#include "libs/jobs/now.hpp"
#include "libs/jobs/scripts.hpp"

#include <stdexcept>
#include <utility>

namespace chatflow::jobs {
namespace {

void append(std::vector<std::string>& arguments, const NewJob& job) {
    const JobOptions& options = job.options;
    const Deduplication deduplication = options.deduplication.value_or(Deduplication{});
    const Parent parent = options.parent.value_or(Parent{});
    const auto flag = [](bool holds) { return holds ? "1" : "0"; };
    arguments.insert(
        arguments.end(),
        {options.job_id, job.name, job.data, to_json(options),
         std::to_string(options.delay.count()), std::to_string(options.priority),
         flag(options.lifo), deduplication.id,
         deduplication.ttl ? std::to_string(deduplication.ttl->count()) : std::string(),
         flag(deduplication.extend), flag(deduplication.replace),
         parent.queue.empty() ? std::string() : parent.queue + ":", parent.id,
         parent.id.empty() ? std::string()
                           : R"({"id":)" + json_string(parent.id) + R"(,"queueKey":)" +
                                 json_string(parent.queue) + "}"});
}

}  // namespace

Producer::Producer(redis::Client& client, QueueKeys keys) : client_(client), base_{keys.base()} {}

awaitable<std::string> Producer::add(NewJob job, Deadline deadline) {
    std::vector<NewJob> one;
    one.push_back(std::move(job));
    auto ids = co_await add_all(std::move(one), deadline);
    co_return std::move(ids.at(0));
}

awaitable<std::vector<std::string>> Producer::add_all(std::vector<NewJob> jobs, Deadline deadline) {
    std::vector<std::string> ids;
    if (jobs.size() > kBatchMax) throw std::length_error("too many jobs in one batch");
    if (jobs.empty()) co_return ids;
    std::vector<std::string> arguments{now_text()};
    arguments.reserve(1 + jobs.size() * kAddFields);
    for (const NewJob& job : jobs) append(arguments, job);
    const redis::Reply reply = co_await client_.eval(add_script(), base_, arguments, deadline);
    for (std::size_t i = 0; i < reply.size(); ++i) ids.emplace_back(reply[i].text());
    co_return ids;
}

}  // namespace chatflow::jobs
