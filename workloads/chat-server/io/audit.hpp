#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/postgres/lsn.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pqxx {
class transaction_base;
}
namespace chatflow::postgres {
class Reads;
}

namespace chatflow::chat {

/// Who did what to whom. Entries are appended and never changed.
struct AuditRecord {
    std::string actor;  // a user's id, or the command that somebody with the settings has run
    std::string action;
    std::string target;
    std::string details = "{}";  // JSON
    std::string recorded_at = {};
    std::string name = {};  // unique at its moment
};

/// Written with what it tells of: both are there or neither.
void put_audit(pqxx::transaction_base& transaction, const AuditRecord& record);

struct AuditQuery {
    std::string actor;                                          // "": anybody
    std::string action;                                         // "": anything
    std::optional<std::pair<std::string, std::string>> before;  // recorded_at and name of an entry
    int limit = 50;
};

/// Reads the log, which chatflow-worker writes as well. Throws what postgres::Pool::run throws.
class AuditLog {
 public:
    explicit AuditLog(postgres::Reads& reads) : reads_(reads) {}

    /// Newest first; one more than the limit when there are more.
    [[nodiscard]] awaitable<std::vector<AuditRecord>> list(AuditQuery query,
                                                           postgres::Lsn after_write,
                                                           Deadline deadline);

 private:
    postgres::Reads& reads_;
};

}  // namespace chatflow::chat
