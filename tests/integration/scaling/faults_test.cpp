#include "tests/integration/scaling/scaling_bench.hpp"
#include "tests/support/scripted_http_server.hpp"

#include <atomic>
#include <functional>
#include <mutex>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::ScalingBench;
using test::ScriptedConnection;
using test::ScriptedHttpServer;
using test::ScriptedRequest;

constexpr std::int32_t kWindow = 30;
constexpr int kPods = 4;
constexpr int kEvaluations = 6;  // under each fault
constexpr std::size_t kQueriesMax = 200;

/// A Prometheus that tells any usage, or fails in the way that a test asks for.
class FaultyPrometheus {
 public:
    using Answer = std::function<void(int query, ScriptedConnection&)>;

    void answer_with(Answer answer) {
        const std::scoped_lock lock(mutex_);
        answer_ = std::move(answer);
    }
    [[nodiscard]] std::string url() const { return server_.url(); }

 private:
    void reply(ScriptedConnection& peer) {
        Answer answer;
        {
            const std::scoped_lock lock(mutex_);
            answer = answer_;
        }
        answer(queries_++, peer);
    }

    std::mutex mutex_;
    Answer answer_;
    std::atomic<int> queries_ = 0;
    ScriptedHttpServer server_{std::vector<ScriptedHttpServer::Step>(
        kQueriesMax, [this](const ScriptedRequest&, ScriptedConnection& peer) { reply(peer); })};
};

std::string vector_of(const std::vector<std::string>& samples) {
    return fmt::format(R"({{"status":"success","data":{{"resultType":"vector","result":[{}]}}}})",
                       fmt::join(samples, ","));
}

/// Policy "web" keeps four pods of which each may use 30 to 70 % of 100m.
class FaultsTest : public testing::Test {
 protected:
    /// What all four pods use, measured so long ago.
    std::string usage(const std::string& cores, std::chrono::seconds age = 2s) {
        const double now =
            std::chrono::duration<double>(bench_.clock().now().time_since_epoch()).count();
        std::vector<std::string> samples;
        for (int i = 0; i < kPods; ++i) {
            const auto labels = fmt::format(R"("namespace":"{}","pod":"web-{}","container":"app")",
                                            bench_.name_space(), i);
            samples.push_back(
                fmt::format(R"({{"metric":{{"chatflow":"usage",{}}},"value":[{:.3f},"{}"]}})",
                            labels, now, cores));
            samples.push_back(
                fmt::format(R"({{"metric":{{"chatflow":"time",{}}},"value":[{:.3f},"{:.3f}"]}})",
                            labels, now, now - static_cast<double>(age.count())));
        }
        return vector_of(samples);
    }

    void tell(const std::string& body) {
        prometheus_.answer_with([body](int, ScriptedConnection& peer) { peer.reply(200, body); });
    }

    void start(std::int32_t window) {
        bench_.deploy(kPods);
        tell(usage("0.05"));
        bench_.create_policy(
            {{"behavior", {{"scaleDown", {{"stabilizationWindowSeconds", window}}}}}});
        ASSERT_TRUE(bench_.reconcile_until("MetricsAvailable", "True"));
        ASSERT_EQ(bench_.replicas(), kPods);
    }

    void evaluate() {
        for (int i = 0; i < kEvaluations; ++i) bench_.reconcile();
    }

    FaultyPrometheus prometheus_;
    ScalingBench bench_{prometheus_.url(), kWindow};
};

// The load stays in the band throughout: no controller has a reason to scale down, and without a
// window nothing but its judgement keeps ours from it.

TEST_F(FaultsTest, NoAnswerOfAFailingPrometheusScalesDown) {
    start(0);
    const std::vector<std::pair<const char*, FaultyPrometheus::Answer>> faults = {
        {"empty", [](int, ScriptedConnection& peer) { peer.reply(200, vector_of({})); }},
        {"NaN", [&](int, ScriptedConnection& peer) { peer.reply(200, usage("NaN")); }},
        {"stale", [&](int, ScriptedConnection& peer) { peer.reply(200, usage("0.001", 5min)); }},
        {"503 every second query",
         [&](int query, ScriptedConnection& peer) {
             if (query % 2 == 0) return peer.reply(503, "overloaded");
             peer.reply(200, usage("0.05"));
         }},
        {"an error",
         [](int, ScriptedConnection& peer) {
             peer.reply(422, R"({"status":"error","error":"too many samples"})");
         }},
        {"half an answer", [&](int, ScriptedConnection& peer) {
             peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" +
                        usage("0.001").substr(0, 300));
             peer.close();
         }}};
    for (const auto& [name, answer] : faults) {
        prometheus_.answer_with(answer);
        evaluate();
        EXPECT_EQ(bench_.replicas(), kPods) << name;
        tell(usage("0.05"));
        evaluate();
        EXPECT_EQ(bench_.replicas(), kPods) << "after " << name;
    }
}

TEST_F(FaultsTest, ADeadTargetIsNoFresherToAClockThatIsBehind) {
    start(0);
    const std::string idle_and_old = usage("0.001", 5min);
    bench_.clock().step(-10min);  // by which its samples lie in the future
    tell(idle_and_old);
    evaluate();
    EXPECT_EQ(bench_.replicas(), kPods);
    EXPECT_EQ(bench_.condition("MetricsAvailable")["reason"], "StaleSample");
}

TEST_F(FaultsTest, AHealthyOneDoes) {
    start(0);
    tell(usage("0.01"));
    evaluate();
    EXPECT_EQ(bench_.replicas(), 2);
}

TEST_F(FaultsTest, AClockThatIsSteppedInsideTheWindowEndsItNoEarlier) {
    start(300);
    tell(usage("0.01"));
    evaluate();
    // Together more than the window; the long ones also more than a leader may be silent for.
    for (const std::chrono::seconds step : {100s, 100s, 100s, 100s, 3600s, -7200s}) {
        bench_.clock().step(step);
        tell(usage("0.01"));
        evaluate();
        EXPECT_EQ(bench_.replicas(), kPods) << step.count();
        EXPECT_EQ(bench_.condition("AbleToScale")["reason"], "ScaleDownStabilized");
    }
}

bool is_scale(const clients::HttpRequest& request) {
    return request.method == "PATCH" && request.target.contains("/scale");
}

bool is_status(const clients::HttpRequest& request) {
    return request.method == "PATCH" && request.target.contains("/status");
}

TEST_F(FaultsTest, AScaleWithoutAnAnswerCountsAgainstTheRates) {
    start(0);
    bench_.change_policy(json::parse(R"({"behavior": {"scaleUp": {
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": 600}]}}})"));
    tell(usage("0.09"));
    bench_.lose([](const clients::HttpRequest& request) {
        return is_scale(request) ? test::Fate::Unanswered : test::Fate::Answered;
    });
    EXPECT_THROW(bench_.reconcile(), clients::TransportError);
    bench_.lose({});
    evaluate();
    EXPECT_EQ(bench_.replicas(), kPods + 1);
    EXPECT_EQ(bench_.policy()["status"]["changes"].size(), 1U);
    EXPECT_TRUE(bench_.policy()["status"].contains("lastScaleTime"));
}

TEST_F(FaultsTest, AChangeWhoseStatusWasNotWrittenIsToldByTheNext) {
    start(0);
    tell(usage("0.09"));
    bench_.lose([](const clients::HttpRequest& request) {
        return is_status(request) ? test::Fate::Unheard : test::Fate::Answered;
    });
    EXPECT_THROW(bench_.reconcile(), clients::TransportError);
    EXPECT_THROW(bench_.reconcile(), clients::TransportError);
    bench_.lose({});
    evaluate();
    const json status = bench_.policy()["status"];
    ASSERT_EQ(status["changes"].size(), 1U);
    EXPECT_EQ(status["changes"][0]["from"], kPods);
    EXPECT_TRUE(status.contains("lastScaleTime"));
}

TEST_F(FaultsTest, ALeaderThatIsKilledInsideTheWindowLeavesItToTheNext) {
    start(300);
    tell(usage("0.01"));
    evaluate();
    for (int leader = 0; leader < 3; ++leader) {
        bench_.kill_leader();
        evaluate();
        EXPECT_EQ(bench_.replicas(), kPods);
        EXPECT_EQ(bench_.condition("AbleToScale")["reason"], "ScaleDownStabilized");
    }
}

}  // namespace
}  // namespace chatflow
