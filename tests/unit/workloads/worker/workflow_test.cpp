#include "workloads/worker/workflow.hpp"

#include <gtest/gtest.h>

namespace chatflow::worker {
namespace {

using namespace std::chrono_literals;
using State = Execution::State;

constexpr jobs::Milliseconds kNow{1'000'000ms};

constexpr auto kWelcome = R"({"steps":[
    {"name":"charge","type":"webhook","url":"http://pay","body":{"amount":"{{input.amount}}"}},
    {"name":"paid","type":"condition","path":"steps.charge.status","is":"equals","value":"ok",
     "otherwise":"sorry"},
    {"name":"pause","type":"delay","milliseconds":5000},
    {"name":"thanks","type":"notification","body":{"userId":"{{input.user}}","title":"Thanks"}},
    {"name":"sorry","type":"notification","body":{"userId":"{{input.user}}","title":"Sorry"}}]})";

struct Running {
    Workflow workflow = parse_workflow(kWelcome).value();
    Execution execution = begin_execution(workflow, kWelcome);
};

constexpr auto kInput = R"({"amount":12,"user":"ada"})";

TEST(Workflow, BeginsWithItsFirstStepAndFillsInTheInput) {
    Running at;
    const auto step = next_step(at.workflow, at.execution, kInput, kNow);
    const auto* const call = std::get_if<CallWebhook>(&step.action);
    ASSERT_NE(call, nullptr);
    EXPECT_EQ(call->url, "http://pay");
    EXPECT_EQ(call->body,
              R"({"body":{"amount":12},"input":{"amount":12,"user":"ada"},"step":"charge"})");
}

TEST(Workflow, WaitsAtADelayAndGoesOnWhenItIsOver) {
    Running at;
    at.execution = with_result(at.execution, R"({"status":"ok"})");
    auto step = next_step(at.workflow, at.execution, kInput, kNow);
    EXPECT_EQ(std::get<WaitUntil>(step.action).moment, kNow + 5s);
    // As a worker finds it in the job afterwards.
    const auto kept = parse_execution(to_json(step.execution, at.workflow));
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->resume_at, kNow + 5s);
    EXPECT_EQ(kept->states, step.execution.states);
    step = next_step(at.workflow, *kept, kInput, kNow + 4s);
    EXPECT_EQ(std::get<WaitUntil>(step.action).moment, kNow + 5s);
    step = next_step(at.workflow, *kept, kInput, kNow + 5s);
    EXPECT_EQ(std::get<Notify>(step.action).data, R"({"title":"Thanks","userId":"ada"})");
}

TEST(Workflow, JumpsWhenAConditionDoesNotHold) {
    Running at;
    at.execution = with_result(at.execution, R"({"status":"refused"})");
    auto step = next_step(at.workflow, at.execution, kInput, kNow);
    EXPECT_EQ(std::get<Notify>(step.action).data, R"({"title":"Sorry","userId":"ada"})");
    const std::vector states = {State::Done, State::Done, State::Skipped, State::Skipped,
                                State::Pending};
    EXPECT_EQ(step.execution.states, states);
    step = next_step(at.workflow, with_result(step.execution, "1"), kInput, kNow);
    EXPECT_EQ(step.action, decltype(step.action)(Finished{}));
}

TEST(Workflow, AConditionComparesWhatStandsAtAPath) {
    const std::tuple<const char*, const char*, const char*, bool> cases[] = {
        {"input.n", "equals", "5", true},      {"input.n", "equals", "6", false},
        {"input.n", "not-equals", "6", true},  {"input.n", "greater", "4", true},
        {"input.n", "less", "4", false},       {"input.t", "greater", "4", false},
        {"input.n", "exists", "null", true},   {"input.no", "exists", "null", false},
        {"input.no.no", "equals", "1", false}, {"input.no", "not-equals", "1", true},
    };
    for (const auto& [path, comparison, value, is_met] : cases) {
        const auto workflow =
            parse_workflow(std::string(R"({"steps":[{"name":"c","type":"condition","path":")") +
                           path + R"(","is":")" + comparison + R"(","value":)" + value +
                           R"(},{"name":"n","type":"notification"}]})");
        ASSERT_TRUE(workflow) << workflow.error();
        const auto step =
            next_step(*workflow, begin_execution(*workflow, "{}"), R"({"n":5,"t":"text"})", kNow);
        EXPECT_EQ(std::holds_alternative<Notify>(step.action), is_met) << path << comparison;
    }
}

TEST(Workflow, SaysWhatIsWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"{}", "steps: must be a list"},
        {R"({"steps":[]})", "steps: must be 1 to 50"},
        {R"({"steps":[{"name":"a.b","type":"delay"}]})",
         "steps: each must have a name without dots and colons"},
        {R"({"steps":[{"name":"a","type":"dance"}]})",
         "a: type must be webhook, notification, delay or condition"},
        {R"({"steps":[{"name":"a","type":"webhook","url":"ftp://x"}]})",
         "a: url must begin with http:// or https://"},
        {R"({"steps":[{"name":"a","type":"delay","milliseconds":-1}]})",
         "a: milliseconds must be from 0 to 7776000000"},
        {R"({"steps":[{"name":"a","type":"condition","path":"x","is":"near"}]})",
         "a: is must be equals, not-equals, greater, less or exists"},
        {R"({"steps":[{"name":"a","type":"notification"},{"name":"a","type":"notification"}]})",
         "a: is there twice"},
        {R"({"steps":[{"name":"z","type":"notification"},
            {"name":"a","type":"condition","path":"x","is":"exists","otherwise":"z"}]})",
         "a: otherwise must name a later step"},
    };
    for (const auto& [text, error] : cases) EXPECT_EQ(parse_workflow(text).error(), error) << text;
}

TEST(Workflow, BeginsAnewFromAProgressThatIsNotItsOwn) {
    for (const auto* progress : {"", "50", "{}", R"({"definition":{},"next":0,"steps":[]})",
                                 R"({"definition":{},"next":-1,"steps":7})"}) {
        EXPECT_FALSE(parse_execution(progress)) << progress;
    }
}

}  // namespace
}  // namespace chatflow::worker
