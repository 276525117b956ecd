#include "controller/runtime/controller.hpp"

#include "libs/async/notification.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

const api::ObjectKey one{"chat", "one"};
const api::ObjectKey two{"chat", "two"};

/// Does what the test says, and notes what it did.
class ScriptedReconciler final : public Reconciler {
 public:
    explicit ScriptedReconciler(test::FakeClock& clock) : clock_(clock) {}

    std::function<Action()> result = [] { return Action::await_change(); };
    std::chrono::seconds takes{0};
    std::vector<std::string> begun;
    std::vector<std::string> ended;
    std::size_t most_at_once = 0;

    awaitable<Action> reconcile(api::ObjectKey key, Deadline, Log) override {
        begun.push_back(key.name);
        EXPECT_TRUE(running_.insert(key).second) << "twice at a time";
        most_at_once = std::max(most_at_once, running_.size());
        struct Leave {
            ~Leave() { running.erase(key); }
            std::set<api::ObjectKey>& running;
            api::ObjectKey key;
        };
        const Leave leave{running_, key};
        if (takes > 0s) co_await clock_.sleep_for(takes);
        const Action action = result();
        ended.push_back(key.name);
        co_return action;
    }

 private:
    test::FakeClock& clock_;
    std::set<api::ObjectKey> running_;
};

class ControllerTest : public testing::Test {
 protected:
    ControllerTest() {
        log_.set_sink([](void*, std::string_view) {}, nullptr);
    }
    ~ControllerTest() override {
        for (const auto& controller : controllers_) {
            controller->cancel();
            test::run(io_, controller->stop(Deadline::after(5s)));
        }
    }

    Controller& a_controller(std::size_t workers = 1) {
        controllers_.push_back(std::make_unique<Controller>(
            io_.get_executor(), clock_, log_, reconciler_, metrics_,
            ControllerOptions{
                .name = "things", .workers = workers, .retries = {.first = 100ms, .most = 400ms}}));
        return *controllers_.back();
    }

    double counter(const std::string& name, const std::string& result = "") {
        for (const auto& family : registry_.Collect()) {
            if (family.name != name) continue;
            for (const auto& metric : family.metric) {
                for (const auto& label : metric.label) {
                    if (result.empty() || label.value == result) return metric.counter.value;
                }
            }
        }
        return -1;
    }

    asio::io_context io_;
    test::FakeClock clock_{io_};
    Log log_{"test"};
    prometheus::Registry registry_;
    RuntimeMetrics metrics_{registry_};
    ScriptedReconciler reconciler_{clock_};
    std::vector<std::unique_ptr<Controller>> controllers_;
};

TEST_F(ControllerTest, DoesNothingBeforeItIsStarted) {
    auto& controller = a_controller();
    controller.enqueue(one);
    clock_.advance(1h);
    EXPECT_THAT(reconciler_.begun, IsEmpty());
    controller.start();
    clock_.settle();
    EXPECT_THAT(reconciler_.ended, ElementsAre("one"));
}

TEST_F(ControllerTest, ComesBackWhenTheReconcilerAsks) {
    reconciler_.result = [] { return Action::requeue_after(15s); };
    auto& controller = a_controller();
    controller.start();
    controller.enqueue(one);
    clock_.settle();
    clock_.advance(14s);
    EXPECT_EQ(reconciler_.ended.size(), 1U);
    clock_.advance(1s);
    EXPECT_EQ(reconciler_.ended.size(), 2U);
    EXPECT_EQ(counter("controller_runtime_reconcile_total", "requeue_after"), 2);
}

TEST_F(ControllerTest, AFailureComesBackAfterAGrowingDelay) {
    reconciler_.result = []() -> Action { throw std::runtime_error("no answer"); };
    auto& controller = a_controller();
    controller.start();
    controller.enqueue(one);
    clock_.settle();
    EXPECT_EQ(reconciler_.begun.size(), 1U);
    std::size_t expected = 1;
    for (const auto delay : {100ms, 200ms, 400ms, 400ms}) {
        clock_.advance(delay - 1ms);
        EXPECT_EQ(reconciler_.begun.size(), expected);
        clock_.advance(1ms);
        EXPECT_EQ(reconciler_.begun.size(), ++expected);
    }
    EXPECT_EQ(counter("controller_runtime_reconcile_errors_total"), 5);
}

TEST_F(ControllerTest, ASuccessMakesTheNextFailureComeBackSoon) {
    bool fails = true;
    reconciler_.result = [&]() -> Action {
        if (fails) throw std::runtime_error("no answer");
        return Action::await_change();
    };
    auto& controller = a_controller();
    controller.start();
    controller.enqueue(one);
    clock_.advance(1s);  // fails a few times
    fails = false;
    clock_.advance(1s);
    fails = true;
    controller.enqueue(one);
    clock_.settle();
    const auto before = reconciler_.begun.size();
    clock_.advance(100ms);
    EXPECT_EQ(reconciler_.begun.size(), before + 1);
}

TEST_F(ControllerTest, ATerminalErrorWaitsForAChange) {
    reconciler_.result = []() -> Action { throw TerminalError("min is above max"); };
    auto& controller = a_controller();
    controller.start();
    controller.enqueue(one);
    clock_.advance(24h);
    EXPECT_EQ(reconciler_.begun.size(), 1U);
    EXPECT_EQ(counter("controller_runtime_terminal_reconcile_errors_total"), 1);
    controller.enqueue(one);
    clock_.settle();
    EXPECT_EQ(reconciler_.begun.size(), 2U);
}

TEST_F(ControllerTest, WhatIsNoExceptionIsSurvivedToo) {
    reconciler_.result = []() -> Action { throw 42; };  // NOLINT: the point of the test
    auto& controller = a_controller();
    controller.start();
    controller.enqueue(one);
    clock_.advance(100ms);
    EXPECT_EQ(reconciler_.begun.size(), 2U);
    EXPECT_EQ(counter("controller_runtime_reconcile_panics_total"), 2);
}

TEST_F(ControllerTest, WorksOnAsManyKeysAtOnceAsItHasWorkers) {
    reconciler_.takes = 10s;
    auto& controller = a_controller(3);
    controller.start();
    for (int i = 0; i < 10; ++i) controller.enqueue({"chat", std::to_string(i)});
    clock_.advance(1h);
    EXPECT_EQ(reconciler_.most_at_once, 3U);
    EXPECT_EQ(reconciler_.ended.size(), 10U);
}

TEST_F(ControllerTest, NeverWorksOnOneKeyTwiceAtATime) {
    reconciler_.takes = 10s;
    auto& controller = a_controller(3);
    controller.start();
    for (int i = 0; i < 20; ++i) {
        controller.enqueue(one);  // the reconciler fails the test when it runs twice at a time
        clock_.advance(1s);
    }
    clock_.advance(1h);
    EXPECT_EQ(reconciler_.ended.size(), 3U);
}

TEST_F(ControllerTest, StopLetsWhatRunsFinishAndStartsNothingMore) {
    reconciler_.takes = 10s;
    auto& controller = a_controller();
    controller.start();
    controller.enqueue(one);
    controller.enqueue(two);
    clock_.advance(1s);
    bool has_stopped = false;
    TaskGroup tasks(io_.get_executor(), [](const std::exception_ptr&) { FAIL(); });
    const auto stop = [&]() -> awaitable<void> {
        co_await controller.stop(Deadline::after(1h));
        has_stopped = true;
    };
    tasks.spawn(stop());
    clock_.advance(8s);
    EXPECT_FALSE(has_stopped);
    clock_.advance(2s);
    EXPECT_TRUE(has_stopped);
    EXPECT_THAT(reconciler_.ended, ElementsAre("one"));
}

TEST_F(ControllerTest, StopCancelsWhatDoesNotFinishInTime) {
    reconciler_.takes = 3600s;
    auto& controller = a_controller();
    controller.start();
    controller.enqueue(one);
    clock_.advance(1s);
    test::run(io_, controller.stop(Deadline::after(0s)));
    EXPECT_THAT(reconciler_.begun, ElementsAre("one"));
    EXPECT_THAT(reconciler_.ended, IsEmpty());
}

TEST_F(ControllerTest, StartsNothingOnceItMayNoLongerAct) {
    bool leads = true;
    auto& controller = a_controller();
    controller.act_only_if([&] { return leads; });
    controller.start();
    controller.enqueue(one);
    clock_.settle();
    leads = false;
    controller.enqueue(two);
    clock_.advance(1h);
    EXPECT_THAT(reconciler_.begun, ElementsAre("one"));
}

TEST_F(ControllerTest, ShowsItsQueueToAScrape) {
    auto& controller = a_controller();
    controller.enqueue(one);
    controller.enqueue(two);
    controller.refresh_metrics();
    EXPECT_EQ(counter("workqueue_adds_total"), 2);
    controller.start();
    clock_.settle();
    controller.refresh_metrics();
    EXPECT_EQ(counter("workqueue_adds_total"), 2);
    EXPECT_EQ(counter("controller_runtime_reconcile_total", "success"), 2);
}

}  // namespace
}  // namespace chatflow::runtime
