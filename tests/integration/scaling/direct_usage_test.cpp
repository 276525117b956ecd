#include "controller/reconcilers/scaling/direct_usage.hpp"

#include "controller/clients/cpprest_transport.hpp"
#include "controller/clients/kube/configured_credentials.hpp"
#include "libs/async/blocking_pool.hpp"
#include "libs/async/clock.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_http_server.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;
using test::ScriptedConnection;
using test::ScriptedHttpServer;
using test::ScriptedRequest;

constexpr int kNodes = 3;

/// A cluster of three nodes with a pod each, asked through the API server that `steps` play.
class DirectUsageTest : public testing::Test {
 protected:
    void start(std::vector<ScriptedHttpServer::Step> steps) {
        api_.emplace(std::move(steps));
        transport_ = clients::make_cpprest_transport({.base_url = api_->url()});
        nobody_.emplace(kube::ClusterAccess{.server = api_->url()}, clock_, files_);
        kube_.emplace(*transport_, *nobody_, clock_);
        direct_.emplace(io_.get_executor(), *kube_);
        for (int i = 0; i < kNodes; ++i) {
            api::Pod pod;
            pod.metadata = {.name = fmt::format("web-{}", i), .name_space = "chat"};
            pod.node_name = fmt::format("node-{}", i);
            pods_.push_back(std::make_shared<const api::Pod>(std::move(pod)));
        }
    }

    api::MetricReading read() {
        return test::run(io_, direct_->read(prom::Resource::Cpu, pods_, 0ms, Deadline::after(20s)));
    }

    asio::io_context io_;
    SystemClock clock_;
    BlockingPool files_{1, 4};
    std::optional<ScriptedHttpServer> api_;
    std::unique_ptr<clients::HttpTransport> transport_;
    std::optional<kube::ConfiguredCredentials> nobody_;
    std::optional<kube::Client> kube_;
    std::optional<DirectUsage> direct_;
    std::vector<std::shared_ptr<const api::Pod>> pods_;
};

/// Of the pod web-N on the node whose page is asked for.
std::string page_for(const ScriptedRequest& request, double seconds, std::int64_t at_ms) {
    const auto node = request.target.find("node-");
    return fmt::format(
        "container_cpu_usage_seconds_total{{container=\"app\",namespace=\"chat\","
        "pod=\"web-{}\"}} {} {}\n",
        request.target.at(node + 5), seconds, at_ms);
}

TEST_F(DirectUsageTest, EachPodIsMeasuredOnItsNodeByTwoPages) {
    int asked = 0;
    std::mutex mutex;
    start(std::vector<ScriptedHttpServer::Step>(
        2 * kNodes, [&](const ScriptedRequest& request, ScriptedConnection& peer) {
            const std::scoped_lock lock(mutex);
            const bool is_second = asked++ >= kNodes;
            peer.reply(200, page_for(request, is_second ? 10.5 : 10.0,
                                     is_second ? 1'700'000'005'000 : 1'700'000'000'000));
        }));
    EXPECT_EQ(std::get<api::MetricError>(read()).reason, "EmptyResult");
    const auto samples = std::get<api::PodSamples>(read());
    ASSERT_EQ(samples.pods.size(), std::size_t{kNodes});
    for (const api::PodSample& sample : samples.pods) {
        ASSERT_EQ(sample.containers.size(), 1U);
        EXPECT_EQ(sample.containers[0].usage, api::Quantity::from_milli(100));  // 0.5 s in 5 s
    }
}

TEST_F(DirectUsageTest, NodesAreAskedSideBySide) {
    std::mutex mutex;
    std::condition_variable changed;
    int asked = 0;
    int together = 0;
    start(std::vector<ScriptedHttpServer::Step>(
        kNodes, [&](const ScriptedRequest&, ScriptedConnection& peer) {
            std::unique_lock lock(mutex);
            ++asked;
            changed.notify_all();
            if (changed.wait_for(lock, 800ms, [&] { return asked == kNodes; })) ++together;
            lock.unlock();
            peer.reply(200, "");
        }));
    read();
    const std::scoped_lock lock(mutex);
    EXPECT_EQ(together, kNodes);
}

TEST_F(DirectUsageTest, ANodeThatDoesNotAnswerIsNamedWhereNothingIsKnown) {
    start({});
    const auto reading = read();
    EXPECT_EQ(std::get<api::MetricError>(reading).reason, "SourceUnreachable");
}

}  // namespace
}  // namespace chatflow
