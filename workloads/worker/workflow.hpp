#pragma once

#include "libs/jobs/job.hpp"

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace chatflow::worker {

enum class StepKind { Webhook, Notification, Delay, Condition };
enum class Comparison { Equals, NotEquals, Greater, Less, Exists };

struct Step {
    std::string name;
    StepKind kind = StepKind::Webhook;
    std::string url;                     // of Webhook
    std::string body;                    // JSON with {{paths}}: what is sent, or notified
    std::chrono::milliseconds delay{0};  // of Delay
    std::string path;                    // of Condition: "input.amount", "steps.charge.status"
    Comparison comparison = Comparison::Equals;
    std::string value = "null";  // JSON, that `path` is compared with
    std::string otherwise;       // the later step to go on with; empty: the end

    bool operator==(const Step&) const = default;
};

/// Steps, one after the other. A condition that does not hold jumps forward, never back: a workflow
/// ends.
struct Workflow {
    std::vector<Step> steps;

    bool operator==(const Workflow&) const = default;
};

inline constexpr std::size_t kStepsMax = 50;
inline constexpr std::chrono::hours kStepDelayMax{24 * 90};

/// {"steps":[{"name","type":"webhook","url","body"}, …]}; the error names the step.
[[nodiscard]] std::expected<Workflow, std::string> parse_workflow(std::string_view json);

/// How far a workflow is. Kept as the job's progress, together with the definition it began with:
/// a workflow that is changed meanwhile does not change what runs.
struct Execution {
    enum class State { Pending, Done, Skipped };

    std::string definition;                       // JSON
    std::size_t next = 0;                         // the step that comes
    std::vector<State> states;                    // of each step
    std::vector<std::string> results;             // JSON, of each step
    std::optional<jobs::Milliseconds> resume_at;  // of the delay that `next` is

    bool operator==(const Execution&) const = default;
};
[[nodiscard]] Execution begin_execution(const Workflow& workflow, std::string definition);
[[nodiscard]] std::string to_json(const Execution& execution, const Workflow& workflow);
/// Nothing when the progress is none of ours: the workflow begins.
[[nodiscard]] std::optional<Execution> parse_execution(std::string_view progress);

struct CallWebhook {
    std::string url;
    std::string body;
    bool operator==(const CallWebhook&) const = default;
};
struct Notify {
    std::string data;
    bool operator==(const Notify&) const = default;
};
struct WaitUntil {
    jobs::Milliseconds moment{};
    bool operator==(const WaitUntil&) const = default;
};
struct Finished {
    bool operator==(const Finished&) const = default;
};

/// What is to be done now, and the state to be kept before it is done.
struct WorkflowStep {
    Execution execution;
    std::variant<CallWebhook, Notify, WaitUntil, Finished> action;
};

/// Passes delays that are over and conditions, up to the next step with an effect. `input` is JSON.
[[nodiscard]] WorkflowStep next_step(const Workflow& workflow, Execution execution,
                                     std::string_view input, jobs::Milliseconds now);

/// The step that next_step named is done.
[[nodiscard]] Execution with_result(Execution execution, std::string result);

}  // namespace chatflow::worker
