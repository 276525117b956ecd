#include "tests/integration/postgres/probers.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <pqxx/pqxx>

namespace chatflow::test {

namespace {

using namespace std::chrono_literals;

constexpr auto kPeriod = 200ms;
// A primary takes longer to lose its role and to get it back.
constexpr auto kRoleMoves = 3s;

}  // namespace

Probers::Probers(std::vector<std::string> connections) {
    for (std::size_t i = 0; i < connections.size(); ++i) {
        threads_.emplace_back([this, i, connection = connections[i]] { probe(i, connection); });
    }
}

Probers::~Probers() { stop(); }

void Probers::stop() {
    is_over_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Probers::probe(std::size_t member, const std::string& connection) {
    std::unique_ptr<pqxx::connection> opened;
    while (!is_over_) {
        try {
            if (!opened) opened = std::make_unique<pqxx::connection>(connection);
            const auto begin = Clock::now();
            pqxx::nontransaction work(*opened);
            work.exec("INSERT INTO probe VALUES ($1)", pqxx::params{member}).no_rows();
            const std::scoped_lock lock(mutex_);
            writes_.push_back({member, begin, Clock::now()});
        } catch (const std::exception&) {
            opened.reset();  // a standby, or one that is away
        }
        std::this_thread::sleep_for(kPeriod);
    }
}

std::size_t Probers::dual_primaries() {
    const std::scoped_lock lock(mutex_);
    std::ranges::sort(writes_, {}, &Write::end);
    std::size_t found = 0;
    std::map<std::size_t, Clock::time_point> last;
    std::optional<std::size_t> previous;
    for (const Write& write : writes_) {
        const auto before = last.find(write.member);
        const bool has_changed = previous && *previous != write.member;
        if (has_changed && before != last.end() && write.begin - before->second < kRoleMoves) {
            ++found;
        }
        last[write.member] = write.end;
        previous = write.member;
    }
    return found;
}

std::size_t Probers::acknowledged() {
    const std::scoped_lock lock(mutex_);
    return writes_.size();
}

}  // namespace chatflow::test
