#include "controller/reconcilers/scaling/usage_cache.hpp"

#include "controller/clients/cpprest_transport.hpp"
#include "libs/async/clock.hpp"
#include "libs/async/task_group.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_http_server.hpp"

#include <future>

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

TEST(UsageCache, ServesWhatItKnowsWhileASlowQueryRunsAndThenWhatThatTold) {
    std::promise<void> go_on;
    auto may_go_on = go_on.get_future();
    ScriptedHttpServer server({
        [](const ScriptedRequest&, ScriptedConnection& peer) { peer.reply(200, usage("1")); },
        [&](const ScriptedRequest&, ScriptedConnection& peer) {
            may_go_on.wait_for(20s);
            peer.reply(200, usage("2"));
        },
    });
    asio::io_context io;
    const auto transport = clients::make_cpprest_transport({.base_url = server.url()});
    prom::Client client(io.get_executor(), *transport, {.query_timeout = 20s}, [](auto, auto) {});
    SystemClock clock;
    UsageCache cache(io.get_executor(), client, clock, [] { return std::set<std::string>{"chat"}; },
                     {.freshness = kFreshness});
    const auto read = [&cache] {
        return cache.read(prom::Resource::Cpu, "chat", Deadline::after(30s));
    };
    ASSERT_EQ(millicores(test::run(io, read())), 1000);
    test::run(io, clock.sleep_for(kFreshness));

    std::shared_ptr<const UsageCache::Snapshot> asked_for_it;
    TaskGroup tasks(io.get_executor(),
                    [](const std::exception_ptr& error) { std::rethrow_exception(error); });
    auto first = [&]() -> awaitable<void> { asked_for_it = co_await read(); };
    tasks.spawn(first());
    EXPECT_EQ(millicores(test::run(io, read())), 1000);
    EXPECT_EQ(asked_for_it, nullptr);

    go_on.set_value();
    test::run(io, tasks.wait());
    EXPECT_EQ(millicores(asked_for_it), 2000);
    EXPECT_EQ(millicores(test::run(io, read())), 2000);
    EXPECT_EQ(server.requests().size(), 2U);
}

}  // namespace
}  // namespace chatflow
