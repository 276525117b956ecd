#include "controller/reconcilers/scaling/usage_cache.hpp"

#include "controller/clients/cpprest_transport.hpp"
#include "libs/async/clock.hpp"
#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_http_server.hpp"

#include <future>
#include <memory>
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

constexpr std::chrono::seconds kFreshness{3};
const api::ObjectKey kPod{"chat", "web-0"};

std::string usage(const char* cores) {
    constexpr auto kSample = R"({{"metric":{{"namespace":"chat","pod":"web-0","container":"app",
        "chatflow":"usage"}},"value":[1700000000,"{}"]}})";
    return R"({"status":"success","data":{"resultType":"vector","result":[)" +
           fmt::format(kSample, cores) + "]}}";
}

std::int64_t millicores(const std::shared_ptr<const UsageCache::Snapshot>& snapshot) {
    return (*snapshot)->find(kPod).at(0).usage.milli();
}

/// A cache over a Prometheus that answers as the script says.
class Bench {
 public:
    explicit Bench(std::vector<ScriptedHttpServer::Step> script) : server_(std::move(script)) {}
    ~Bench() {
        tasks_.cancel();
        test::run(io_, tasks_.wait());
    }

    void keep_current() { tasks_.spawn(cache_.keep_current(prom::Resource::Cpu)); }
    [[nodiscard]] std::shared_ptr<const UsageCache::Snapshot> read(
        std::chrono::milliseconds within = 30s) {
        return test::run(io_, cache_.read(prom::Resource::Cpu, "chat", Deadline::after(within)));
    }
    void wait(std::chrono::milliseconds time) { test::run(io_, clock_.sleep_for(time)); }
    [[nodiscard]] std::size_t queries() const { return server_.requests().size(); }

 private:
    ScriptedHttpServer server_;
    asio::io_context io_;
    std::unique_ptr<clients::HttpTransport> transport_ =
        clients::make_cpprest_transport({.base_url = server_.url()});
    prom::Client client_{
        io_.get_executor(), *transport_, {.query_timeout = 20s}, [](auto, auto) {}};
    SystemClock clock_;
    UsageCache cache_{io_.get_executor(),
                      client_,
                      clock_,
                      [] { return std::set<std::string>{"chat"}; },
                      {.freshness = kFreshness}};
    TaskGroup tasks_{io_.get_executor(),
                     [](const std::exception_ptr& error) { std::rethrow_exception(error); }};
};

TEST(UsageCache, ServesWhatItKnowsWhileASlowQueryRunsAndThenWhatThatTold) {
    std::promise<void> go_on;
    auto may_go_on = go_on.get_future();
    Bench bench({
        [](const ScriptedRequest&, ScriptedConnection& peer) { peer.reply(200, usage("1")); },
        [&](const ScriptedRequest&, ScriptedConnection& peer) {
            may_go_on.wait_for(20s);
            peer.reply(200, usage("2"));
        },
    });
    bench.keep_current();
    ASSERT_EQ(millicores(bench.read()), 1000);
    bench.wait(kFreshness);

    // Nor does the first, for whom it is read, wait for it.
    EXPECT_EQ(millicores(bench.read()), 1000);
    EXPECT_EQ(millicores(bench.read()), 1000);

    go_on.set_value();
    for (auto until = Deadline::after(20s); millicores(bench.read()) != 2000;) {
        ASSERT_FALSE(until.has_passed());
        bench.wait(10ms);
    }
    EXPECT_EQ(bench.queries(), 2U);
}

TEST(UsageCache, WaitsNoLongerThanItMay) {
    Bench bench({});
    EXPECT_THROW(static_cast<void>(bench.read(50ms)), DeadlineExceeded);
    EXPECT_EQ(bench.queries(), 0U);
}

}  // namespace
}  // namespace chatflow
