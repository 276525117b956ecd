#include "libs/base/trace_context.hpp"
#include "workloads/worker/outgoing_http.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

std::string value_of(const OutgoingAnswer& answer) {
    if (answer.body.empty()) return "null";
    if (nlohmann::json::accept(answer.body)) return answer.body;
    return jobs::json_string(answer.body);
}

awaitable<std::string> call_service(std::shared_ptr<const QueueConfig> queue, OutgoingHttp& http,
                                    jobs::RunningJob& running) {
    const OutgoingAnswer answer = co_await http.post(request_of(*queue, running.job()));
    expect_success(answer, "the service");
    co_return value_of(answer);
}

}  // namespace

void add_trace(OutgoingRequest& request, const jobs::Job& job) {
    const auto trace = parse_traceparent(job.traceparent);
    if (!trace) return;
    request.headers.emplace_back(kTraceparent, to_traceparent(next_span(*trace)));
}

OutgoingRequest request_of(const QueueConfig& queue, const jobs::Job& job) {
    using nlohmann::json;
    json data = json::parse(job.data, nullptr, false);
    if (data.is_discarded()) data = job.data;
    const json body = {{"queue", queue.name},
                       {"id", job.id},
                       {"name", job.name},
                       {"data", std::move(data)},
                       {"attempt", job.attempts_made + 1},
                       {"attempts", job.options.attempts},
                       {"timestamp", job.timestamp.time_since_epoch().count()}};
    OutgoingRequest request{
        .url = queue.url,
        .body = body.dump(-1, ' ', false, json::error_handler_t::replace),
        .secret = queue.secret,
        .timeout = queue.timeout,
        .headers = {{"X-Chatflow-Queue", queue.name}, {"X-Chatflow-Job", job.id}}};
    if (!job.trace_id.empty()) request.headers.emplace_back("X-Trace-Id", job.trace_id);
    add_trace(request, job);
    return request;
}

jobs::Processor callback_processor(QueueConfig queue, OutgoingHttp& http) {
    auto shared = std::make_shared<const QueueConfig>(std::move(queue));
    return
        [shared, &http](jobs::RunningJob& running) { return call_service(shared, http, running); };
}

}  // namespace chatflow::worker
