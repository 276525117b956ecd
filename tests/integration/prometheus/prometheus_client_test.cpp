#include "controller/clients/cpprest_transport.hpp"
#include "controller/clients/prometheus/client.hpp"
#include "controller/clients/prometheus/instant_vector.hpp"
#include "controller/clients/prometheus/pod_usage.hpp"
#include "libs/async/clock.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/run.hpp"
#include "tests/support/test_prometheus.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::prom {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               system_clock::now().time_since_epoch())
        .count();
}

/// A Prometheus and a client of it. One for all tests: starting it takes seconds.
class PrometheusClient : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        exporter_ = std::make_unique<test::TestExporter>();
        server_ = std::make_unique<test::TestPrometheus>(*exporter_);
    }
    static void TearDownTestSuite() {
        server_.reset();
        exporter_.reset();
    }

    std::expected<std::string, api::MetricError> query(std::string expression,
                                                       QueryOptions options = {}) {
        return test::run(io_, client_.query(std::move(expression), options, Deadline::after(10s)));
    }

    /// Asks until `is_wanted` holds, for at most 20 s: scraping takes its time.
    template <class Wanted>
    bool eventually(const std::string& expression, Wanted is_wanted) {
        for (const auto until = Deadline::after(20s); !until.has_passed();) {
            const auto body = query(expression);
            if (body && is_wanted(*body)) return true;
            std::this_thread::sleep_for(200ms);
        }
        return false;
    }

    static std::unique_ptr<test::TestExporter> exporter_;
    static std::unique_ptr<test::TestPrometheus> server_;

    asio::io_context io_;
    std::unique_ptr<clients::HttpTransport> transport_ =
        clients::make_cpprest_transport({.base_url = server_->url()});
    std::string failed_;
    Client client_{io_.get_executor(),
                   *transport_,
                   {.query_timeout = 2000ms},
                   [this](auto, std::string_view failed) { failed_ = failed; }};
};

std::unique_ptr<test::TestExporter> PrometheusClient::exporter_;
std::unique_ptr<test::TestPrometheus> PrometheusClient::server_;

TEST_F(PrometheusClient, ReadsTheUsageOfEveryPodWithTheTimeOfItsNewestSample) {
    double used = 100;
    const auto measure = [&] {
        used += 0.1;  // shown each 200 ms: half a core
        exporter_->show(
            fmt::format("container_cpu_usage_seconds_total{{namespace=\"chat\",pod=\"web-1\","
                        "container=\"app\"}} "
                        "{} {}\n",
                        used, now_ms()));
    };
    const std::string expression = usage_query(Resource::Cpu, {"chat"}, 5);
    EXPECT_TRUE(eventually(expression, [&](const std::string& body) {
        measure();
        const auto snapshot = UsageSnapshot::parse(body, SystemClock().now());
        if (!snapshot) return false;
        const auto pod = snapshot->find({"chat", "web-1"});
        if (pod.empty()) return false;
        const auto age = system_clock::now() - pod.front().at;
        return pod.front().usage > api::Quantity::from_milli(100) &&
               pod.front().usage < api::Quantity::from_milli(1000) && age < 5s && age > -1s;
    }));
}

// As after a restart of Prometheus: rate() would tell a third of what is used, and shrink a target.
TEST_F(PrometheusClient, AWindowThatIsMostlyEmptyIsNoUsage) {
    std::string page;
    for (const int age_ms : {5000, 0}) {
        page += fmt::format(
            "container_cpu_usage_seconds_total{{namespace=\"late\",pod=\"web-1\","
            "container=\"app\"}} {} {}\n",
            100 - age_ms / 2000.0, now_ms() - age_ms);
    }
    exporter_->show(page);
    const auto has_both = [](const std::string& body) {
        return body.find("\"2\"") != std::string::npos;
    };
    ASSERT_TRUE(eventually(
        R"(count_over_time(container_cpu_usage_seconds_total{namespace="late"}[30s]))", has_both));
    const auto body = query(usage_query(Resource::Cpu, {"late"}, 30));
    ASSERT_TRUE(body);
    const auto snapshot = UsageSnapshot::parse(*body, SystemClock().now());
    ASSERT_TRUE(snapshot);
    EXPECT_TRUE(snapshot->find({"late", "web-1"}).empty());
}

TEST_F(PrometheusClient, AQueryWithoutSamplesIsAnEmptyAnswer) {
    const auto body = query("no_such_metric");
    ASSERT_TRUE(body);
    int samples = 0;
    EXPECT_TRUE(read_instant_vector(*body, {}, [&](const VectorSample&) { ++samples; }));
    EXPECT_EQ(samples, 0);
}

TEST_F(PrometheusClient, AnOldSampleIsNotThereWithinAShortLookback) {
    exporter_->show(fmt::format("old_metric 7 {}\n", now_ms() - 100'000));
    ASSERT_TRUE(eventually("old_metric", [](const std::string& body) {
        return body.find("\"7\"") != std::string::npos;
    }));
    const auto within_a_minute = query("old_metric", {.lookback = 60s});
    ASSERT_TRUE(within_a_minute);
    EXPECT_EQ(within_a_minute->find("\"7\""), std::string::npos);
}

TEST_F(PrometheusClient, AQueryThatIsNoPromQLFailsInPrometheusWords) {
    const auto body = query("sum(");
    ASSERT_FALSE(body);
    EXPECT_EQ(body.error().reason, "QueryFailed");
    EXPECT_THAT(body.error().message, testing::HasSubstr("parse error"));
    EXPECT_EQ(failed_, "QueryFailed");
}

TEST_F(PrometheusClient, AServerThatWasKilledIsUnreachableAndComesBack) {
    ASSERT_TRUE(query("1"));
    server_->kill();
    const auto while_down = query("1");
    ASSERT_FALSE(while_down);
    EXPECT_EQ(while_down.error().reason, "SourceUnreachable");
    server_->start();
    EXPECT_TRUE(query("1"));
}

TEST_F(PrometheusClient, AServerThatSaysNothingTimesOut) {
    // Listens, accepts by the kernel's backlog, and never answers.
    asio::ip::tcp::acceptor silent(io_, {asio::ip::address_v4::loopback(), 0});
    const auto transport = clients::make_cpprest_transport(
        {.base_url = fmt::format("http://127.0.0.1:{}", silent.local_endpoint().port())});
    Client client(io_.get_executor(), *transport, {.query_timeout = 300ms}, [](auto, auto) {});
    const auto body = test::run(io_, client.query("1", {}, Deadline::after(10s)));
    ASSERT_FALSE(body);
    EXPECT_EQ(body.error().reason, "QueryTimedOut");
}

}  // namespace
}  // namespace chatflow::prom
