#include "tests/integration/scaling/scaling_bench.hpp"
#include "tests/support/scripted_http_server.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>

#include <fmt/format.h>
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
using testing::HasSubstr;

constexpr std::int32_t kWindow = 30;
constexpr const char* kCost = "controller.kubernetes.io/pod-deletion-cost";

/// Three pods, load for two of them, and an endpoint that every pod shares.
class DrainsTest : public testing::Test {
 protected:
    void SetUp() override {
        bench_.deploy(3);
        for (const char* name : {"web-0", "web-1", "web-2"}) {
            bench_.merge("pods", name, {{"status", {{"podIP", "127.0.0.1"}}}}, "status");
        }
    }

    void create_policy() {
        const std::string url = pods_->url();
        const int port = std::stoi(url.substr(url.rfind(':') + 1));
        json spec = json::parse(R"json({"minReplicas": 1,
            "metrics": [{"type": "Prometheus", "prometheus": {"name": "load",
                "query": "sum(load)", "target": {"type": "AverageValue", "averageValue": "10"}}}],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 0}},
            "drain": {"query": "sum by (pod) (sessions)", "endpoint": {"path": "/drain"}}})json");
        spec["drain"]["endpoint"]["port"] = port;
        bench_.create_policy(spec);
    }

    /// Sessions of web-0, web-1, web-2.
    void show(int load, int first, int second, int third) {
        exporter_.show(
            fmt::format("load {}\nsessions{{pod=\"web-0\"}} {}\n"
                        "sessions{{pod=\"web-1\"}} {}\nsessions{{pod=\"web-2\"}} {}\n",
                        load, first, second, third));
    }

    json annotations(const std::string& pod) {
        return bench_.get("pods", pod)["metadata"].value("annotations", json::object());
    }
    std::string message() { return bench_.condition("Ready").value("message", ""); }

    /// Reconciles until `is_so`, as Prometheus takes a second to see what is shown.
    template <class F>
    bool reconcile_until(F is_so) {
        for (const auto until = Deadline::after(30s); !until.has_passed();) {
            bench_.reconcile();
            if (is_so()) return true;
            bench_.session().run(bench_.session().clock().sleep_for(300ms));
        }
        return false;
    }

    test::TestExporter exporter_;
    test::TestPrometheus prometheus_{exporter_};
    ScalingBench bench_{exporter_, prometheus_, kWindow};
    std::optional<ScriptedHttpServer> pods_{std::vector<ScriptedHttpServer::Step>(
        32, [](const ScriptedRequest&, ScriptedConnection& peer) { peer.reply(202, "draining"); })};
};

TEST_F(DrainsTest, TheQuietestPodDrainsAndGoesWhenItIsEmpty) {
    show(20, 7, 3, 9);
    create_policy();
    ASSERT_TRUE(reconcile_until([&] { return annotations("web-1").contains(kCost); })) << message();

    EXPECT_EQ(bench_.replicas(), 3);
    EXPECT_EQ(annotations("web-1")[kCost], "-1000");
    EXPECT_TRUE(annotations("web-1").contains(api::kDrainingSince));
    EXPECT_FALSE(annotations("web-0").contains(kCost));
    EXPECT_EQ(bench_.condition("Ready")["reason"], "Draining");
    EXPECT_THAT(message(), HasSubstr("1 pod drains: 3 connections left"));

    show(20, 9, 0, 10);
    ASSERT_TRUE(reconcile_until([&] { return bench_.replicas() == 2; })) << message();
    const auto asked = pods_->requests();
    ASSERT_EQ(asked.size(), 1U);  // once, however often it was looked at
    EXPECT_EQ(asked[0].method + " " + asked[0].target, "POST /drain");
}

TEST_F(DrainsTest, WhenTheLoadComesBackThePodIsTakenBack) {
    show(20, 7, 3, 9);
    create_policy();
    ASSERT_TRUE(reconcile_until([&] { return annotations("web-1").contains(kCost); })) << message();
    show(30, 7, 3, 9);
    ASSERT_TRUE(reconcile_until([&] { return !annotations("web-1").contains(kCost); }))
        << message();
    EXPECT_EQ(bench_.replicas(), 3);
    EXPECT_FALSE(annotations("web-1").contains(api::kDrainingSince));
    ASSERT_EQ(pods_->requests().size(), 2U);
    EXPECT_EQ(pods_->requests()[1].method, "DELETE");
}

TEST_F(DrainsTest, APolicyThatDrainsNobodyAnyMoreReleasesItsVictims) {
    show(20, 7, 3, 9);
    create_policy();
    const json drain = bench_.policy()["spec"]["drain"];
    const auto drains = [&] { return annotations("web-1").contains(kCost); };
    const auto releases = [&](const char* when) {
        SCOPED_TRACE(when);
        ASSERT_TRUE(reconcile_until([&] { return !drains(); }));
        EXPECT_EQ(annotations("web-1"), json::object());
        EXPECT_EQ(pods_->requests().back().method, "DELETE");
        EXPECT_EQ(bench_.replicas(), 3);
    };
    ASSERT_TRUE(reconcile_until(drains)) << message();
    bench_.change_policy({{"mode", "Observe"}});
    releases("it observes");

    bench_.change_policy({{"mode", "Enforce"}});
    ASSERT_TRUE(reconcile_until(drains)) << message();
    bench_.change_policy({{"drain", nullptr}, {"maxReplicas", 3}, {"minReplicas", 3}});
    releases("without spec.drain");

    bench_.change_policy({{"drain", drain}, {"minReplicas", 1}});
    ASSERT_TRUE(reconcile_until(drains)) << message();
    bench_.create_policy(json::object(), "other");
    releases("stalled by another policy");

    bench_.delete_policy("other");
    ASSERT_TRUE(reconcile_until(drains)) << message();
    bench_.kill_leader();
    bench_.delete_policy();
    releases("deleted");
}

TEST_F(DrainsTest, ADeletionCostOfTheUserComesBack) {
    bench_.merge("pods", "web-1", {{"metadata", {{"annotations", {{kCost, "7"}}}}}});
    show(20, 7, 3, 9);
    create_policy();
    ASSERT_TRUE(reconcile_until([&] { return annotations("web-1")[kCost] == "-1000"; }));
    show(30, 7, 3, 9);
    ASSERT_TRUE(reconcile_until([&] { return annotations("web-1")[kCost] == "7"; }));
    EXPECT_EQ(annotations("web-1").size(), 1U);
}

/// Pods whose endpoint answers only when `pods` of them are asked at once.
class TogetherTest : public DrainsTest {
 protected:
    static constexpr int kPods = 2;

    TogetherTest() {
        pods_.emplace(std::vector<ScriptedHttpServer::Step>(
            8, [this](const ScriptedRequest&, ScriptedConnection& peer) {
                std::unique_lock lock(mutex_);
                ++asked_;
                changed_.notify_all();
                changed_.wait_for(lock, 1500ms, [this] { return asked_ >= kPods; });
                if (asked_ >= kPods) ++answered_;
                lock.unlock();
                peer.reply(202, "draining");
            }));
    }

    int answered() {
        const std::scoped_lock lock(mutex_);
        return answered_;
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int asked_ = 0;
    int answered_ = 0;
};

TEST_F(TogetherTest, TheVictimsOfABatchAreAskedSideBySide) {
    show(10, 7, 3, 9);
    create_policy();
    bench_.change_policy({{"drain", {{"batchPods", 2}}}});
    ASSERT_TRUE(reconcile_until([&] { return pods_->requests().size() >= 2; })) << message();
    EXPECT_EQ(answered(), kPods);
}

}  // namespace
}  // namespace chatflow
