#include "libs/postgres/pool.hpp"

#include "libs/postgres/errors.hpp"
#include "tests/support/run.hpp"
#include "tests/support/test_postgres.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

namespace chatflow::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;

class CountingObserver final : public PoolObserver {
 public:
    void on_call(Outcome outcome, std::chrono::nanoseconds /*waited*/,
                 std::chrono::nanoseconds /*ran*/) override {
        if (outcome == Outcome::Timeout) ++timeouts;
    }
    void on_refusal(Outcome outcome) override {
        if (outcome == Outcome::Overloaded) ++overloaded;
        if (outcome == Outcome::Timeout) ++timeouts;
    }
    void on_connect(bool succeeded) override { ++(succeeded ? connects : failed_connects); }

    std::atomic<int> timeouts = 0;
    std::atomic<int> overloaded = 0;
    std::atomic<int> connects = 0;
    std::atomic<int> failed_connects = 0;
};

class PoolTest : public testing::Test {
 protected:
    static void SetUpTestSuite() { server = std::make_unique<test::TestPostgres>(); }
    static void TearDownTestSuite() { server.reset(); }

    static Options options() {
        return {.host = "127.0.0.1",
                .port = static_cast<std::uint16_t>(server->port()),
                .database = "postgres",
                .pool_size = 1,
                .check_interval = 300ms,
                .retry_interval = 100ms};
    }

    void open(const Options& options, PooledConnection::Prepare prepare = {}) {
        pool_.emplace(options, std::move(prepare), observer_, Log("test", LogLevel::Error));
    }

    // After a success the next check is far away; it would wait in the same queue as the calls.
    void open_without_checks(Options options) {
        options.check_interval = kPatience;
        open(options);
        static_cast<void>(backend());
        EXPECT_TRUE(eventually([&] { return pool_->state().busy == 0; }));
    }

    awaitable<std::string> ask(std::string sql) {
        auto work = [sql = std::move(sql)](pqxx::connection& connection) {
            return pqxx::nontransaction(connection).query_value<std::string>(sql);
        };
        return pool_->run(std::move(work), Deadline::after(kPatience));
    }
    std::string answer_to(const std::string& sql) { return test::run(io_, ask(sql)); }
    std::string backend() { return answer_to("SELECT pg_backend_pid()::text"); }

    // Asked at the same time as what follows; its end does not matter.
    void ask_beside(const std::string& sql) {
        auto forget = [](std::exception_ptr, const std::string&) {};
        asio::co_spawn(io_, ask(sql), forget);
        io_.restart();
        io_.poll();
    }

    bool eventually(const std::function<bool()>& is_so) {
        const auto end = std::chrono::steady_clock::now() + kPatience;
        while (!is_so()) {
            if (std::chrono::steady_clock::now() >= end) return false;
            std::this_thread::sleep_for(10ms);
        }
        return true;
    }

    static inline std::unique_ptr<test::TestPostgres> server;
    asio::io_context io_;
    CountingObserver observer_;
    std::optional<Pool> pool_;
};

TEST_F(PoolTest, WhoWaitsTooLongForAConnectionIsToldSo) {
    Options few = options();
    few.acquire_timeout = 200ms;
    open_without_checks(few);
    ask_beside("SELECT pg_sleep(2)::text");
    EXPECT_TRUE(eventually([&] { return pool_->state().busy == 1; }));
    EXPECT_THROW(answer_to("SELECT 'late'"), Timeout);
    EXPECT_TRUE(eventually([&] { return observer_.timeouts == 1; }));
    EXPECT_TRUE(eventually([&] { return pool_->state().busy == 0; }));
    EXPECT_EQ(answer_to("SELECT 'now'"), "now");
}

TEST_F(PoolTest, OneMoreThanMayWaitIsRefusedAtOnce) {
    Options few = options();
    few.waiting_max = 2;
    open_without_checks(few);
    ask_beside("SELECT pg_sleep(1)::text");
    EXPECT_TRUE(eventually([&] { return pool_->state().busy == 1; }));
    ask_beside("SELECT 'first'");
    ask_beside("SELECT 'second'");
    EXPECT_THROW(answer_to("SELECT 'third'"), Overloaded);
    EXPECT_TRUE(eventually([&] { return observer_.overloaded == 1; }));
    EXPECT_TRUE(eventually([&] { return pool_->state().waiting == 0; }));
    EXPECT_EQ(answer_to("SELECT 'later'"), "later");
}

TEST_F(PoolTest, AStatementThatTakesTooLongIsEndedByTheServerAndTheConnectionKept) {
    Options hasty = options();
    hasty.statement_timeout = 200ms;
    open(hasty);
    const std::string before = backend();
    EXPECT_THROW(answer_to("SELECT pg_sleep(30)::text"), Timeout);
    EXPECT_EQ(backend(), before);
}

TEST_F(PoolTest, AConnectionServesUntilItIsOld) {
    open(options());
    const std::string first = backend();
    EXPECT_EQ(backend(), first);
    Options brief = options();
    brief.lifetime_max = 0min;
    pool_.reset();
    open(brief);
    const std::string old = backend();
    EXPECT_NE(backend(), old);
}

TEST_F(PoolTest, AConnectionThatTheServerEndedWhileIdleIsReplacedBeforeItIsUsed) {
    open(options());
    const std::string ended = backend();
    {
        pqxx::connection other(server->connection_string("postgres"));
        pqxx::nontransaction(other).exec("SELECT pg_terminate_backend($1)",
                                         pqxx::params{std::stoi(ended)});
    }
    std::this_thread::sleep_for(100ms);
    EXPECT_NE(backend(), ended);
}

TEST_F(PoolTest, AnIdlePoolNoticesThatItsServerGoesAndComesBack) {
    open(options());
    EXPECT_TRUE(eventually([&] { return pool_->state().available; }));
    server->stop();
    EXPECT_TRUE(eventually([&] { return !pool_->state().available; }));
    EXPECT_FALSE(pool_->state().reason.empty());
    EXPECT_THROW(answer_to("SELECT 'x'"), Unavailable);
    server->start();
    EXPECT_TRUE(eventually([&] { return pool_->state().available; }));
    EXPECT_EQ(answer_to("SELECT 'x'"), "x");
}

TEST_F(PoolTest, WhileSomeConnectionsCannotBeMadeTheOthersServe) {
    Options some = options();
    some.pool_size = 4;
    auto made = std::make_shared<std::atomic<int>>(0);
    open(some, [made](pqxx::connection&) {
        if (++*made > 2) throw pqxx::broken_connection("too many clients already");
    });
    static_cast<void>(backend());
    int answered = 0;
    for (int i = 0; i < 6; ++i) {
        auto note = [&answered](std::exception_ptr error, const std::string&) {
            if (!error) ++answered;
        };
        asio::co_spawn(io_, ask("SELECT pg_sleep(0.2)::text"), note);
    }
    io_.restart();
    io_.run();
    EXPECT_EQ(answered, 6);
    EXPECT_GT(observer_.failed_connects, 0);
    EXPECT_TRUE(pool_->state().available);
}

TEST_F(PoolTest, AServerWhoseConnectionsCannotBePreparedIsNotAvailableForAMoment) {
    open(options(), [](pqxx::connection&) { throw Unavailable("there is no schema"); });
    EXPECT_TRUE(eventually([&] { return pool_->state().reason == "there is no schema"; }));
    const auto end = std::chrono::steady_clock::now() + 1s;
    while (std::chrono::steady_clock::now() < end) {
        const auto state = pool_->state();
        ASSERT_FALSE(state.available);
        ASSERT_EQ(state.reason, "there is no schema");
        std::this_thread::sleep_for(5ms);
    }
}

}  // namespace
}  // namespace chatflow::postgres
