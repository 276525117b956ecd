#include "tests/integration/redis/write_ledger.hpp"

#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>

namespace chatflow::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kCallTimeout = 6s;  // above the longest pause of writes
constexpr auto kBetweenAttempts = 20ms;
constexpr auto kBetweenWrites = 2ms;
constexpr int kWritesPerConnection = 100;

std::string prefix_of_its_own() {
    static std::atomic<int> ledgers{0};
    return fmt::format("w{}:", ++ledgers);
}

}  // namespace

WriteLedger::WriteLedger(Ensemble& ensemble, redis_topology::Endpoint route)
    : ensemble_(ensemble),
      keys_(prefix_of_its_own()),
      route_(std::move(route)),
      tasks_(ensemble.io().get_executor(), [](const std::exception_ptr&) {}) {}

WriteLedger::~WriteLedger() { stop(); }

void WriteLedger::start(int writers) {
    for (int i = 0; i < writers; ++i) tasks_.spawn(write(i));
}

void WriteLedger::stop() {
    tasks_.cancel();
    run(ensemble_.io(), tasks_.wait());
}

awaitable<void> WriteLedger::write(int writer) {
    for (std::int64_t sequence = 0;;) {
        try {
            co_await write_until_error(writer, sequence);
        } catch (const redis::Error&) {
            ++errors_;
        }
        co_await ensemble_.clock().sleep_for(kBetweenAttempts);
    }
}

awaitable<void> WriteLedger::write_until_error(int writer, std::int64_t& sequence) {
    redis::Options options;
    options.host = route_.host;
    options.port = route_.port;
    options.password = Ensemble::kPassword;
    if (const auto trust = ensemble_.credentials().trust) {
        options.tls.enabled = true;
        options.tls.authorities = trust->authorities;
        options.tls.server_name = trust->server_name;
    }
    const auto connection = co_await redis::Connection::open(options);
    for (int i = 0; i < kWritesPerConnection; ++i) {
        const std::string key = fmt::format("{}{}-{}", keys_, writer, ++sequence);
        const redis::Command set{"SET", key, "1"};
        co_await connection->call(set, Deadline::after(kCallTimeout));
        note(key);
        co_await ensemble_.clock().sleep_for(kBetweenWrites);
    }
}

void WriteLedger::note(std::string key) {
    const auto now = std::chrono::steady_clock::now();
    if (last_ != std::chrono::steady_clock::time_point{}) {
        longest_gap_ = std::max(longest_gap_,
                                std::chrono::duration_cast<std::chrono::milliseconds>(now - last_));
    }
    last_ = now;
    acknowledged_.insert(std::move(key));
}

std::size_t WriteLedger::lost_on(int node) {
    const redis::Command all{"KEYS", keys_ + "*"};
    const auto reply = ensemble_.ask(node, all);
    std::set<std::string> kept;
    for (std::size_t i = 0; i < reply.size(); ++i) kept.emplace(reply[i].text());
    std::size_t lost = 0;
    for (const std::string& key : acknowledged_) lost += kept.contains(key) ? 0U : 1U;
    return lost;
}

}  // namespace chatflow::test
