#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/postgres/lsn.hpp"
#include "workloads/chat-server/domain/error_report.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::postgres {
class Pool;
class Reads;
}  // namespace chatflow::postgres

namespace chatflow::chat {

/// Alike errors, taken together.
struct ErrorGroup {
    std::string fingerprint;
    std::string sample;  // the newest report, JSON
    std::int64_t count = 0;
    std::int64_t last_five_minutes = 0;
    std::int64_t hour_before = 0;  // those five minutes
    std::string first_seen;
    std::string last_seen;
};

/// Errors of clients, counted by kind and minute. Throws what postgres::Pool::run throws.
class ErrorRepository {
 public:
    ErrorRepository(postgres::Pool& pool, postgres::Reads& reads) : pool_(pool), reads_(reads) {}

    /// The fingerprint of its group.
    [[nodiscard]] awaitable<std::string> add(ErrorReport report, Deadline deadline);
    /// Those seen last first.
    [[nodiscard]] awaitable<std::vector<ErrorGroup>> list(int limit, postgres::Lsn after_write,
                                                          Deadline deadline);
    /// Groups not seen for 30 days, and minutes older than a day, at most 1,000 of each.
    [[nodiscard]] awaitable<int> remove_old(Deadline deadline);

 private:
    postgres::Pool& pool_;
    postgres::Reads& reads_;
};

}  // namespace chatflow::chat
