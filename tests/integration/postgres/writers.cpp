#include "tests/integration/postgres/writers.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <pqxx/pqxx>

namespace chatflow::test {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kReconnect{200};

}  // namespace

milliseconds Ledger::longest_gap() const {
    const auto all = gaps(milliseconds{0});
    return all.empty() ? milliseconds{0} : *std::ranges::max_element(all);
}

std::vector<milliseconds> Ledger::gaps(milliseconds least) const {
    std::vector<milliseconds> found;
    for (std::size_t i = 1; i < at.size(); ++i) {
        const auto gap = std::chrono::round<milliseconds>(at[i] - at[i - 1]);
        if (gap >= least) found.push_back(gap);
    }
    return found;
}

std::size_t Ledger::failure_episodes(milliseconds apart) const {
    std::size_t episodes = failed_at.empty() ? 0 : 1;
    for (std::size_t i = 1; i < failed_at.size(); ++i) {
        if (failed_at[i] - failed_at[i - 1] > apart) ++episodes;
    }
    return episodes;
}

Writers::Writers(Options options) : options_(std::move(options)) {
    for (int client = 0; client < options_.clients; ++client) {
        threads_.emplace_back([this, client] { write(client); });
    }
}

Writers::~Writers() { stop(); }

Ledger Writers::stop() {
    is_over_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    const std::scoped_lock lock(mutex_);
    return std::exchange(ledger_, {});
}

std::size_t Writers::acknowledged() {
    const std::scoped_lock lock(mutex_);
    return ledger_.acknowledged.size();
}

milliseconds Writers::longest_gap_since(Ledger::Clock::time_point begin) {
    const std::scoped_lock lock(mutex_);
    milliseconds longest{0};
    for (std::size_t i = 1; i < ledger_.at.size(); ++i) {
        if (ledger_.at[i] < begin) continue;
        const auto gap = std::chrono::round<milliseconds>(ledger_.at[i] - ledger_.at[i - 1]);
        longest = std::max(longest, gap);
    }
    return longest;
}

void Writers::write(int client) {
    const auto period = milliseconds{1000} * options_.clients / options_.per_second;
    auto next = Ledger::Clock::now() + period * client / options_.clients;
    std::unique_ptr<pqxx::connection> connection;
    int carried = 0;
    for (long row = options_.first_row + client; !is_over_; row += options_.clients) {
        std::this_thread::sleep_until(next);
        // No client catches up on what it did not send: the rate stays.
        next = std::max(next + period, Ledger::Clock::now());
        try {
            if (!connection) {
                connection = std::make_unique<pqxx::connection>(options_.connection);
                connection->prepare("put", "INSERT INTO ledger VALUES ($1)");
            }
            pqxx::work work(*connection);
            work.exec(pqxx::prepped{"put"}, pqxx::params{row}).no_rows();
            work.commit();
            const std::scoped_lock lock(mutex_);
            ledger_.acknowledged.insert(row);
            ledger_.at.push_back(Ledger::Clock::now());
            if (options_.per_connection > 0 && ++carried % options_.per_connection == 0) {
                connection.reset();
            }
        } catch (const std::exception& error) {
            connection.reset();
            {
                const std::scoped_lock lock(mutex_);
                ledger_.failures.emplace_back(error.what());
                ledger_.failed_at.push_back(Ledger::Clock::now());
            }
            std::this_thread::sleep_for(kReconnect);
        }
    }
}

}  // namespace chatflow::test
