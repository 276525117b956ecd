#include "controller/reconcilers/scaling/gated_prometheus.hpp"

#include "libs/async/with_deadline.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace chatflow {
namespace {

/// No answer, as against one that refuses this question.
bool is_silent(const api::MetricError& error) {
    return error.reason == "SourceUnreachable" || error.reason == "QueryTimedOut";
}

/// Whatever ends the question, the next probe is not kept waiting.
class Question {
 public:
    explicit Question(Circuit& circuit) : circuit_(circuit) {}
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;
    ~Question() {
        if (!is_reported_) circuit_.gave_up();
    }
    void report(const GatedPrometheus::Answer& answer) {
        is_reported_ = true;
        if (answer || !is_silent(answer.error())) {
            circuit_.answered();
        } else {
            circuit_.failed(answer.error(), std::chrono::steady_clock::now());
        }
    }

 private:
    Circuit& circuit_;
    bool is_reported_ = false;
};

}  // namespace

awaitable<GatedPrometheus::Answer> GatedPrometheus::query(std::string expression,
                                                          prom::QueryOptions options,
                                                          Deadline deadline) {
    auto question = client_.query(std::move(expression), options, deadline);
    co_return co_await pass(std::move(question), deadline);
}

awaitable<GatedPrometheus::Answer> GatedPrometheus::query_range(std::string expression,
                                                                prom::Range range,
                                                                Deadline deadline) {
    auto question = client_.query_range(std::move(expression), range, deadline);
    co_return co_await pass(std::move(question), deadline);
}

awaitable<GatedPrometheus::Answer> GatedPrometheus::pass(awaitable<Answer> question,
                                                         Deadline deadline) {
    std::optional<Semaphore::Permit> place;
    try {
        place = co_await with_deadline(places_.acquire(), deadline.but_within(kWaitMax),
                                       "waiting for a query");
    } catch (const DeadlineExceeded&) {
    }
    if (!place) {
        co_return std::unexpected(api::MetricError{
            "QueryTimedOut", "Prometheus is still busy with the queries of other policies"});
    }
    if (!circuit_.admits(std::chrono::steady_clock::now())) {
        co_return std::unexpected(circuit_.last_failure());
    }
    Question asked(circuit_);
    auto answer = co_await std::move(question);
    asked.report(answer);
    co_return answer;
}

}  // namespace chatflow
