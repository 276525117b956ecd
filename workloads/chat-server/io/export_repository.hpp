#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace chatflow::postgres {
class Pool;
}

namespace chatflow::chat {

/// Messages that somebody wants to have as a file.
struct Export {
    std::string id;  // UUID
    std::string created_at;
    bool is_queued = false;  // its job is on the way to the worker's queue
};

/// Who has asked for which export, in PostgreSQL. Throws what postgres::Pool::run throws.
class ExportRepository {
 public:
    explicit ExportRepository(postgres::Pool& pool) : pool_(pool) {}

    /// With its job for the worker. A second time for the same id: what is there. `room_id` "": all
    /// that the user has sent.
    [[nodiscard]] awaitable<Export> insert(std::string id, std::string user_id, std::string room_id,
                                           std::string traceparent, Deadline deadline);
    /// Nothing when it is not the user's.
    [[nodiscard]] awaitable<std::optional<Export>> find(std::string id, std::string user_id,
                                                        Deadline deadline);
    /// Forgets those that were asked for so long ago, kPiece at most; how many.
    [[nodiscard]] awaitable<int> remove_older(std::chrono::hours age, Deadline deadline);

    static constexpr int kPiece = 1000;

 private:
    postgres::Pool& pool_;
};

}  // namespace chatflow::chat
