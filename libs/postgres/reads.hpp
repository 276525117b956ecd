#pragma once

#include "libs/postgres/errors.hpp"
#include "libs/postgres/lsn.hpp"
#include "libs/postgres/pool.hpp"
#include "libs/postgres/read_floor.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <type_traits>
#include <utility>

namespace chatflow::postgres {

/// Who has served a read.
enum class ReadSource {
    Primary,  // there is no replica, or the caller wanted the primary
    Replica,
    PrimaryForBehind,  // the replica has not yet replayed what the read has to show
    PrimaryForFailed,  // the replica is away, slow or overloaded
};

/// Hears of each read. Called from the executors of the readers.
class ReadObserver {
 public:
    virtual ~ReadObserver() = default;
    virtual void on_read(ReadSource source) = 0;
};

struct ReadOptions {
    std::chrono::milliseconds lag_max{5'000};       // older than this nobody reads
    std::chrono::milliseconds replica_time{1'000};  // then the primary is asked
};

/// Where replicas have come, and what a connection knows of its server. In the thread of the
/// connection; asks the server only when what it knows is not enough.
[[nodiscard]] bool has_replayed(pqxx::connection& connection, Lsn needed);
/// `prepare` for a pool of replicas: a new connection may be to another server.
[[nodiscard]] PooledConnection::Prepare for_replica(PooledConnection::Prepare prepare);
/// Up to where a primary has written: all that was committed before.
[[nodiscard]] Lsn written_up_to(pqxx::connection& connection);

/// Reads that a replica serves when it is new enough, and else the primary. Any thread.
class Reads {
 public:
    /// `replica` null: the primary serves all. All outlive it.
    Reads(Pool& primary, Pool* replica, ReadOptions options, ReadObserver& observer);

    /// As Pool::run. The result shows all that was committed before `after`; kNewest asks the
    /// primary. `work` changes nothing, and is copied: it may run a second time.
    template <class Work>
    [[nodiscard]] awaitable<std::invoke_result_t<Work, pqxx::connection&>> run(Work work, Lsn after,
                                                                               Deadline deadline);

    [[nodiscard]] bool has_replica() const { return replica_ != nullptr; }

    /// Watches how far the primary is, until cancelled. One executor spawns it once.
    [[nodiscard]] awaitable<void> follow_primary();

 private:
    Pool& primary_;
    Pool* replica_;
    ReadOptions options_;
    ReadObserver& observer_;
    ReadFloor floor_;                   // of follow_primary()
    std::atomic<Lsn> oldest_{kNewest};  // what every read has to show
};

template <class Work>
awaitable<std::invoke_result_t<Work, pqxx::connection&>> Reads::run(Work work, Lsn after,
                                                                    Deadline deadline) {
    using Result = std::invoke_result_t<Work, pqxx::connection&>;
    auto source = ReadSource::Primary;
    if (replica_ != nullptr && after != kNewest) {
        const Lsn needed = std::max(after, oldest_.load());
        auto read = [work, needed](pqxx::connection& connection) -> std::optional<Result> {
            if (!has_replayed(connection, needed)) return std::nullopt;
            return std::optional<Result>(std::in_place, work(connection));
        };
        source = ReadSource::PrimaryForBehind;
        std::optional<Result> result;
        try {
            result =
                co_await replica_->run(std::move(read), deadline.but_within(options_.replica_time));
        } catch (const Error&) {
            source = ReadSource::PrimaryForFailed;
        }
        if (result) {
            observer_.on_read(ReadSource::Replica);
            co_return std::move(*result);
        }
    }
    observer_.on_read(source);
    co_return co_await primary_.run(std::move(work), deadline);
}

}  // namespace chatflow::postgres
