#include "controller/clients/pooler/hold.hpp"

#include "libs/async/blocking_pool.hpp"
#include "libs/async/task_group.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_http_server.hpp"
#include "tests/support/test_pooler.hpp"
#include "tests/support/test_postgres.hpp"

#include <chrono>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace chatflow::pooler {
namespace {

using namespace std::chrono_literals;
using test::ScriptedConnection;
using test::ScriptedHttpServer;
using test::ScriptedRequest;

constexpr auto kLimit = 6s;

/// The page of a proxy that leads to chat-1 alone.
void leads_to_chat_1(const ScriptedRequest&, ScriptedConnection& connection) {
    connection.reply(200, "primary,chat-1,,,,,,,,,,,,,,,,UP,\n");
    connection.close();  // as HAProxy does: the client speaks HTTP/1.0
}
void says_nothing(const ScriptedRequest&, ScriptedConnection& connection) {
    connection.wait_until_peer_leaves();
}

std::uint16_t port_of(const ScriptedHttpServer& server) {
    const std::string url = server.url();
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

/// Two real PgBouncers, each beside a proxy that answers by its script.
class WhileHeld : public testing::Test {
 protected:
    static Pod pod(const char* name, const test::TestPooler& bouncer,
                   const ScriptedHttpServer& proxy) {
        return {.name = name,
                .ip = "127.0.0.1",
                .console_password = "",
                .console_port = static_cast<std::uint16_t>(bouncer.port()),
                .state_port = port_of(proxy)};
    }

    awaitable<bool> is_held(Pod pod) {
        const auto answer = co_await client_.ask(std::move(pod), Deadline::after(2s));
        co_return postgres::is_paused(answer.state);
    }

    asio::io_context io_;  // outlives the threads, which come back to it
    test::TestPostgres postgres_;
    test::TestPooler first_{postgres_.port()};
    test::TestPooler second_{postgres_.port()};
    BlockingPool threads_{4, 64};
    sql::Client sql_{threads_};
    Client client_{sql_};
    SystemClock clock_;
};

TEST_F(WhileHeld, APodWhoseProxyIsSilentHoldsUpNoOther) {
    const ScriptedHttpServer leads(std::vector<ScriptedHttpServer::Step>(200, leads_to_chat_1));
    const ScriptedHttpServer silent(std::vector<ScriptedHttpServer::Step>(200, says_nothing));
    const Pod healthy = pod("a", first_, leads);
    const Pod ill = pod("b", second_, silent);
    bool was_held = false;
    bool is_over = false;
    std::optional<Deadline::Clock::time_point> went_on;
    auto change = [&]() -> awaitable<void> { was_held = co_await is_held(healthy); };
    auto watch = [&]() -> awaitable<void> {
        while (!was_held) co_await clock_.sleep_for(10ms);
        while (co_await is_held(healthy)) co_await clock_.sleep_for(50ms);
        went_on = Deadline::Clock::now();
    };
    auto hold = [&]() -> awaitable<void> {
        co_await while_held(client_, {ill, healthy}, {.limit = kLimit}, "chat-1", true, change,
                            clock_);
        is_over = true;
    };
    const auto began = Deadline::Clock::now();
    asio::co_spawn(io_, watch, [](const std::exception_ptr&) {});
    test::run(io_, hold());
    EXPECT_TRUE(was_held);
    EXPECT_TRUE(is_over);
    ASSERT_TRUE(went_on) << "it was held as long as the silent one";
    EXPECT_LT(*went_on - began, kLimit / 2);
    EXPECT_FALSE(test::run(io_, is_held(ill))) << "the limit has come";
}

TEST_F(WhileHeld, AChangeThatFailsIsToldAndNobodyIsHeldAnyMore) {
    const ScriptedHttpServer silent(std::vector<ScriptedHttpServer::Step>(200, says_nothing));
    const Pod one = pod("a", first_, silent);
    auto change = []() -> awaitable<void> {
        throw std::runtime_error("refused");
        co_return;
    };
    auto hold = [&]() -> awaitable<void> {
        co_await while_held(client_, {one}, {.limit = kLimit}, "chat-1", false, change, clock_);
    };
    const auto began = Deadline::Clock::now();
    EXPECT_THROW(test::run(io_, hold()), std::runtime_error);
    EXPECT_LT(Deadline::Clock::now() - began, kLimit / 2);
    EXPECT_FALSE(test::run(io_, is_held(one)));
    // Of a pod that is not paused, too.
    test::run(io_, client_.resume(one, Deadline::after(2s)));
}

TEST_F(WhileHeld, AVisitThatIsStoppedHoldsNobodyAnyMore) {
    const ScriptedHttpServer silent(std::vector<ScriptedHttpServer::Step>(200, says_nothing));
    const Pod one = pod("a", first_, silent);
    bool was_held = false;
    auto change = [&]() -> awaitable<void> { was_held = co_await is_held(one); };
    auto hold = [&]() -> awaitable<void> {
        co_await while_held(client_, {one}, {.limit = kLimit}, "chat-1", true, change, clock_);
    };
    TaskGroup visit(io_.get_executor(), [](const std::exception_ptr&) {});
    auto stop = [&]() -> awaitable<void> {
        while (!was_held) co_await clock_.sleep_for(10ms);
        visit.cancel();
        co_await visit.join();
    };
    const auto began = Deadline::Clock::now();
    visit.spawn(hold());
    test::run(io_, stop());
    EXPECT_FALSE(test::run(io_, is_held(one)));
    EXPECT_LT(Deadline::Clock::now() - began, kLimit / 2);
}

}  // namespace
}  // namespace chatflow::pooler
