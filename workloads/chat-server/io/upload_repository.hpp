#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/postgres/lsn.hpp"
#include "workloads/chat-server/domain/upload.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::postgres {
class Pool;
class Reads;
}  // namespace chatflow::postgres

namespace chatflow::chat {

/// What is known of uploaded files, in PostgreSQL. Throws what postgres::Pool::run throws. Any
/// executor.
class UploadRepository {
 public:
    UploadRepository(postgres::Pool& pool, postgres::Reads& reads) : pool_(pool), reads_(reads) {}

    /// Before the file is written. A second time for the same id it changes nothing.
    [[nodiscard]] awaitable<void> announce(Upload upload, Deadline deadline);
    /// After it: the file counts now, and where `sizes` are wanted a job makes thumbnails.
    [[nodiscard]] awaitable<Upload> confirm(Upload upload, std::vector<int> sizes,
                                            std::string traceparent, Deadline deadline);

    [[nodiscard]] awaitable<std::optional<Upload>> find(std::string id, postgres::Lsn after_write,
                                                        Deadline deadline);
    [[nodiscard]] awaitable<std::vector<Upload>> of_message(std::string room_id, std::int64_t seq,
                                                            postgres::Lsn after_write,
                                                            Deadline deadline);

    enum class Attached { Done, Elsewhere, TooMany };
    [[nodiscard]] awaitable<Attached> attach(std::string id, std::string room_id, std::int64_t seq,
                                             Deadline deadline);
    /// False when there is none.
    [[nodiscard]] awaitable<bool> remove(std::string id, Deadline deadline);

    /// Files to be taken away: removed ones, those that were attached to nothing for a day, and
    /// those whose upload broke off. At most `limit`.
    [[nodiscard]] awaitable<std::vector<std::string>> due_for_removal(int limit, Deadline deadline);
    /// After the file has gone.
    [[nodiscard]] awaitable<void> forget(std::string id, Deadline deadline);

    static constexpr int kAttachmentsMax = 10;  // of one message

 private:
    postgres::Pool& pool_;
    postgres::Reads& reads_;
};

}  // namespace chatflow::chat
