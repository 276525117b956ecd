#include "workloads/worker/workflow.hpp"

#include "libs/base/trace_context.hpp"
#include "libs/jobs/now.hpp"
#include "libs/jobs/producer.hpp"
#include "workloads/worker/outgoing_http.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <memory>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kWorkflowTime = 5s;  // for one call of Redis

class WorkflowRunner {
 public:
    WorkflowRunner(QueueConfig queue, const jobs::QueueKeys& notifications, OutgoingHttp& http,
                   redis::Client& redis)
        : queue_(std::move(queue)),
          notifications_(redis, notifications),
          stored_key_(notifications.prefix + ":workflows"),
          http_(http),
          redis_(redis) {}

    /// Keeps the state before and after each step with an effect: a worker that dies between the
    /// two lets the step run twice, under the same Idempotency-Key, and no step that was done.
    awaitable<std::string> run(jobs::RunningJob& running) {
        const jobs::Job& job = running.job();
        const json data = json::parse(job.data, nullptr, false);
        if (!data.is_object()) throw jobs::Unrecoverable("data: must be an object");
        auto execution = parse_execution(job.progress);
        if (!execution) execution = co_await begin(data);
        const auto workflow = parse_workflow(execution->definition);
        if (!workflow) throw jobs::Unrecoverable(workflow.error());
        const std::string input = print(data.value("input", json::object()));
        for (;;) {
            WorkflowStep step = next_step(*workflow, std::move(*execution), input, jobs::now_ms());
            execution = std::move(step.execution);
            const std::string state = to_json(*execution, *workflow);
            co_await running.set_progress(state, Deadline::after(kWorkflowTime));
            if (std::holds_alternative<Finished>(step.action)) co_return state;
            if (const auto* wait = std::get_if<WaitUntil>(&step.action)) {
                throw jobs::Postponed(wait->moment);
            }
            const std::string id = id_of_step(job, workflow->steps[execution->next]);
            std::string result = co_await act(step, id, job);
            execution = with_result(std::move(*execution), std::move(result));
            co_await running.set_progress(to_json(*execution, *workflow),
                                          Deadline::after(kWorkflowTime));
        }
    }

 private:
    static std::string print(const json& value) {
        return value.dump(-1, ' ', false, json::error_handler_t::replace);
    }

    // So that what the notification does belongs to the workflow's trace.
    static std::string traced(std::string data, const jobs::Job& job) {
        json value = json::parse(data, nullptr, false);
        if (job.traceparent.empty() || !value.is_object()) return data;
        value.emplace(kTraceparent, job.traceparent);
        return print(value);
    }

    std::string id_of_step(const jobs::Job& job, const Step& step) const {
        const std::string moment = std::to_string(job.timestamp.time_since_epoch().count());
        return queue_.name + "-" + job.id + "-" + moment + "-" + step.name;
    }

    // {"steps":[…]} in the job, or {"workflow":"name"} of one that is stored.
    awaitable<Execution> begin(const json& data) {
        std::string definition;
        if (data.contains("steps")) {
            definition = print({{"steps", data["steps"]}});
        } else if (data.contains("workflow") && data["workflow"].is_string()) {
            const auto name = data["workflow"].get<std::string>();
            redis::Command find{"HGET", stored_key_, name};
            const auto reply =
                co_await redis_.call(std::move(find), Deadline::after(kWorkflowTime));
            if (reply.is_nil()) throw jobs::Unrecoverable("there is no workflow " + name);
            definition = std::string(reply.text());
        } else {
            throw jobs::Unrecoverable("data: must have steps or workflow");
        }
        const auto workflow = parse_workflow(definition);
        if (!workflow) throw jobs::Unrecoverable(workflow.error());
        co_return begin_execution(*workflow, std::move(definition));
    }

    awaitable<std::string> act(const WorkflowStep& step, const std::string& id,
                               const jobs::Job& job) {
        if (const auto* call = std::get_if<CallWebhook>(&step.action)) {
            OutgoingRequest request{.url = call->url,
                                    .body = call->body,
                                    .secret = queue_.secret,
                                    .timeout = queue_.timeout,
                                    .headers = {{"Idempotency-Key", id}}};
            add_trace(request, job);
            const OutgoingAnswer answer = co_await http_.post(std::move(request));
            expect_success(answer, "the webhook");
            const json body = json::parse(answer.body, nullptr, false);
            co_return print(body.is_discarded() ? json(answer.body) : body);
        }
        jobs::NewJob notification{.name = "notification",
                                  .data = traced(std::get<Notify>(step.action).data, job),
                                  .options = jobs::platform_job_options()};
        notification.options.job_id = id;
        // Done ones stay for a while, so that a step which runs twice is one notification.
        notification.options.on_complete = {.count = {}, .age = 1h};
        co_return jobs::json_string(
            co_await notifications_.add(std::move(notification), Deadline::after(kWorkflowTime)));
    }

    QueueConfig queue_;
    jobs::Producer notifications_;
    std::string stored_key_;
    OutgoingHttp& http_;
    redis::Client& redis_;
};

}  // namespace

jobs::Processor workflow_processor(QueueConfig queue, const jobs::QueueKeys& notifications,
                                   OutgoingHttp& http, redis::Client& redis) {
    auto runner = std::make_shared<WorkflowRunner>(std::move(queue), notifications, http, redis);
    return [runner](jobs::RunningJob& running) { return runner->run(running); };
}

}  // namespace chatflow::worker
