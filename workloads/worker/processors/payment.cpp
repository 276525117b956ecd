#include "workloads/worker/payment.hpp"

#include "workloads/worker/outgoing_http.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

awaitable<std::string> pay(std::shared_ptr<const QueueConfig> queue, OutgoingHttp& http,
                           jobs::RunningJob& running) {
    const jobs::Job& job = running.job();
    OutgoingRequest request = request_of(*queue, job);
    // The same for each attempt, so that a gateway which had taken an earlier one charges once. The
    // moment is in it because the numbers of jobs begin anew when a queue is emptied.
    const std::string moment = std::to_string(job.timestamp.time_since_epoch().count());
    request.headers.emplace_back("Idempotency-Key", queue->name + "-" + job.id + "-" + moment);
    const OutgoingAnswer answer = co_await http.post(std::move(request));
    const PaymentDecision decision = decide_payment(answer.status, answer.body);
    switch (decision.step) {
        case PaymentStep::Done:
            break;
        case PaymentStep::Retry:
            throw std::runtime_error(decision.reason);
        case PaymentStep::Review:
            throw jobs::Unrecoverable(decision.reason);
    }
    const bool is_json = nlohmann::json::accept(answer.body);
    co_return is_json ? answer.body : jobs::json_string(answer.body);
}

}  // namespace

jobs::Processor payment_processor(QueueConfig queue, OutgoingHttp& http) {
    auto shared = std::make_shared<const QueueConfig>(std::move(queue));
    return [shared, &http](jobs::RunningJob& running) { return pay(shared, http, running); };
}

}  // namespace chatflow::worker
