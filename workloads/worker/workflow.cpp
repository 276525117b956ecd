#include "workloads/worker/workflow.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

using nlohmann::json;
using Wrong = std::unexpected<std::string>;

constexpr std::size_t kNestingMax = 32;  // of a body with {{paths}}

std::string text_at(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string print(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// "input.user.id": what stands there, or nothing.
const json* look_up(const json& root, std::string_view path) {
    const json* at = &root;
    while (!path.empty()) {
        const auto dot = path.find('.');
        const std::string name(path.substr(0, dot));
        if (!at->is_object() || !at->contains(name)) return nullptr;
        at = &(*at)[name];
        path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    }
    return at;
}

// Texts that are a {{path}} and nothing else become what stands there, or null.
json filled_in(const json& body, const json& context, std::size_t depth = 0) {
    if (depth > kNestingMax) return nullptr;
    if (body.is_string()) {
        const auto text = body.get<std::string>();
        if (!text.starts_with("{{") || !text.ends_with("}}") || text.size() < 5) return body;
        const json* const found = look_up(context, text.substr(2, text.size() - 4));
        return found != nullptr ? *found : json(nullptr);
    }
    if (!body.is_structured()) return body;
    json filled = body;
    for (auto& member : filled) member = filled_in(member, context, depth + 1);
    return filled;
}

bool holds(const Step& step, const json& context) {
    const json* const found = look_up(context, step.path);
    const json expected = json::parse(step.value, nullptr, false);
    switch (step.comparison) {
        case Comparison::Exists:
            return found != nullptr && !found->is_null();
        case Comparison::Equals:
            return found != nullptr && *found == expected;
        case Comparison::NotEquals:
            return found == nullptr || *found != expected;
        case Comparison::Greater:
            return found != nullptr && found->is_number() && *found > expected;
        case Comparison::Less:
            return found != nullptr && found->is_number() && *found < expected;
    }
    return false;
}

std::optional<Comparison> parse_comparison(const std::string& text) {
    if (text == "equals") return Comparison::Equals;
    if (text == "not-equals") return Comparison::NotEquals;
    if (text == "greater") return Comparison::Greater;
    if (text == "less") return Comparison::Less;
    if (text == "exists") return Comparison::Exists;
    return std::nullopt;
}

std::expected<Step, std::string> parse_webhook(const json& value, Step step) {
    step.kind = StepKind::Webhook;
    step.url = text_at(value, "url");
    if (!step.url.starts_with("http://") && !step.url.starts_with("https://")) {
        return Wrong(step.name + ": url must begin with http:// or https://");
    }
    step.body = print(value.value("body", json::object()));
    return step;
}

std::expected<Step, std::string> parse_delay(const json& value, Step step) {
    step.kind = StepKind::Delay;
    const auto time = value.find("milliseconds");
    const std::int64_t most = std::chrono::milliseconds(kStepDelayMax).count();
    if (time == value.end() || !time->is_number_integer() || *time < 0 || *time > most) {
        return Wrong(step.name + ": milliseconds must be from 0 to " + std::to_string(most));
    }
    step.delay = std::chrono::milliseconds(time->get<std::int64_t>());
    return step;
}

std::expected<Step, std::string> parse_condition(const json& value, Step step) {
    step.kind = StepKind::Condition;
    step.path = text_at(value, "path");
    if (step.path.empty()) return Wrong(step.name + ": path is required");
    const auto comparison = parse_comparison(text_at(value, "is"));
    if (!comparison) {
        return Wrong(step.name + ": is must be equals, not-equals, greater, less or exists");
    }
    step.comparison = *comparison;
    step.value = print(value.value("value", json(nullptr)));
    step.otherwise = text_at(value, "otherwise");
    return step;
}

std::expected<Step, std::string> parse_step(const json& value) {
    if (!value.is_object()) return Wrong("steps: each must be an object");
    Step step{.name = text_at(value, "name")};
    if (step.name.empty() || step.name.find_first_of(".:") != std::string::npos) {
        return Wrong("steps: each must have a name without dots and colons");
    }
    const std::string type = text_at(value, "type");
    if (type == "webhook") return parse_webhook(value, std::move(step));
    if (type == "delay") return parse_delay(value, std::move(step));
    if (type == "condition") return parse_condition(value, std::move(step));
    if (type != "notification") {
        return Wrong(step.name + ": type must be webhook, notification, delay or condition");
    }
    step.kind = StepKind::Notification;
    step.body = print(value.value("body", json::object()));
    return step;
}

std::size_t place_of(const Workflow& workflow, const std::string& name) {
    const auto found = std::ranges::find(workflow.steps, name, &Step::name);
    return static_cast<std::size_t>(found - workflow.steps.begin());
}

// Names once each, jumps forward only.
std::string check(const Workflow& workflow) {
    for (std::size_t i = 0; i < workflow.steps.size(); ++i) {
        const Step& step = workflow.steps[i];
        if (place_of(workflow, step.name) != i) return step.name + ": is there twice";
        if (step.otherwise.empty()) continue;
        const std::size_t target = place_of(workflow, step.otherwise);
        if (target == workflow.steps.size() || target <= i) {
            return step.name + ": otherwise must name a later step";
        }
    }
    return "";
}

json context_of(const Workflow& workflow, const Execution& execution, std::string_view input) {
    json context = {{"input", json::parse(input, nullptr, false)}, {"steps", json::object()}};
    if (context["input"].is_discarded()) context["input"] = nullptr;
    for (std::size_t i = 0; i < workflow.steps.size(); ++i) {
        if (execution.states[i] != Execution::State::Done) continue;
        const json result = json::parse(execution.results[i], nullptr, false);
        context["steps"][workflow.steps[i].name] = result.is_discarded() ? json(nullptr) : result;
    }
    return context;
}

void pass_condition(const Workflow& workflow, Execution& execution, const json& context) {
    const Step& step = workflow.steps[execution.next];
    const bool is_met = holds(step, context);
    execution = with_result(std::move(execution), is_met ? "true" : "false");
    if (is_met) return;
    const std::size_t target =
        step.otherwise.empty() ? workflow.steps.size() : place_of(workflow, step.otherwise);
    for (; execution.next < target; ++execution.next) {
        execution.states[execution.next] = Execution::State::Skipped;
    }
}

const char* word(Execution::State state) {
    switch (state) {
        case Execution::State::Pending:
            return "pending";
        case Execution::State::Done:
            return "done";
        case Execution::State::Skipped:
            return "skipped";
    }
    return "pending";
}

}  // namespace

std::expected<Workflow, std::string> parse_workflow(std::string_view text) {
    const json definition = json::parse(text, nullptr, false);
    if (!definition.is_object() || !definition.contains("steps") ||
        !definition["steps"].is_array()) {
        return Wrong("steps: must be a list");
    }
    const json& steps = definition["steps"];
    if (steps.empty() || steps.size() > kStepsMax) {
        return Wrong("steps: must be 1 to " + std::to_string(kStepsMax));
    }
    Workflow workflow;
    for (const json& value : steps) {
        auto step = parse_step(value);
        if (!step) return Wrong(step.error());
        workflow.steps.push_back(std::move(*step));
    }
    if (auto error = check(workflow); !error.empty()) return Wrong(std::move(error));
    return workflow;
}

Execution begin_execution(const Workflow& workflow, std::string definition) {
    return {.definition = std::move(definition),
            .states = std::vector(workflow.steps.size(), Execution::State::Pending),
            .results = std::vector<std::string>(workflow.steps.size(), "null")};
}

std::string to_json(const Execution& execution, const Workflow& workflow) {
    json steps = json::array();
    for (std::size_t i = 0; i < workflow.steps.size(); ++i) {
        steps.push_back({{"name", workflow.steps[i].name},
                         {"state", word(execution.states[i])},
                         {"result", json::parse(execution.results[i], nullptr, false)}});
    }
    json state = {{"definition", json::parse(execution.definition, nullptr, false)},
                  {"next", execution.next},
                  {"steps", std::move(steps)}};
    if (execution.resume_at) {
        state["resumeAt"] = execution.resume_at->time_since_epoch().count();
    }
    return print(state);
}

std::optional<Execution> parse_execution(std::string_view progress) {
    const json state = json::parse(progress, nullptr, false);
    if (!state.is_object() || !state.contains("definition") || !state.contains("next") ||
        !state.contains("steps") || !state["next"].is_number_unsigned() ||
        !state["steps"].is_array()) {
        return std::nullopt;
    }
    Execution execution{.definition = print(state["definition"]),
                        .next = state["next"].get<std::size_t>()};
    for (const json& step : state["steps"]) {
        if (!step.is_object()) return std::nullopt;
        const std::string word = text_at(step, "state");
        execution.states.push_back(word == "done"      ? Execution::State::Done
                                   : word == "skipped" ? Execution::State::Skipped
                                                       : Execution::State::Pending);
        execution.results.push_back(print(step.value("result", json(nullptr))));
    }
    const auto workflow = parse_workflow(execution.definition);
    if (!workflow || workflow->steps.size() != execution.states.size()) return std::nullopt;
    if (const auto at = state.find("resumeAt"); at != state.end() && at->is_number_integer()) {
        execution.resume_at =
            jobs::Milliseconds(std::chrono::milliseconds(at->get<std::int64_t>()));
    }
    return execution;
}

WorkflowStep next_step(const Workflow& workflow, Execution execution, std::string_view input,
                       jobs::Milliseconds now) {
    while (execution.next < workflow.steps.size()) {
        const Step& step = workflow.steps[execution.next];
        const json context = context_of(workflow, execution, input);
        switch (step.kind) {
            case StepKind::Webhook: {
                const json body = {{"step", step.name},
                                   {"input", context["input"]},
                                   {"body", filled_in(json::parse(step.body), context)}};
                return {std::move(execution), CallWebhook{step.url, print(body)}};
            }
            case StepKind::Notification:
                return {std::move(execution),
                        Notify{print(filled_in(json::parse(step.body), context))}};
            case StepKind::Delay:
                if (!execution.resume_at) execution.resume_at = now + step.delay;
                if (*execution.resume_at > now) {
                    const WaitUntil wait{*execution.resume_at};
                    return {std::move(execution), wait};
                }
                execution = with_result(std::move(execution), "null");
                break;
            case StepKind::Condition:
                pass_condition(workflow, execution, context);
                break;
        }
    }
    return {std::move(execution), Finished{}};
}

Execution with_result(Execution execution, std::string result) {
    execution.states.at(execution.next) = Execution::State::Done;
    execution.results.at(execution.next) = std::move(result);
    execution.resume_at.reset();
    ++execution.next;
    return execution;
}

}  // namespace chatflow::worker
