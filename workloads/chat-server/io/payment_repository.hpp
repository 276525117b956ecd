#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/postgres/lsn.hpp"
#include "workloads/chat-server/domain/payment.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::postgres {
class Pool;
class Reads;
}  // namespace chatflow::postgres

namespace chatflow::chat {

/// Payments in PostgreSQL, and the jobs that carry them out. Throws what postgres::Pool::run
/// throws. Any executor.
class PaymentRepository {
 public:
    /// `notifies`: payers of how it ended, by jobs for the worker.
    PaymentRepository(postgres::Pool& pool, postgres::Reads& reads, bool notifies)
        : pool_(pool), reads_(reads), notifies_(notifies) {}

    /// Judged by the risk rules, and with the job that has it charged, where it is to be. A second
    /// time for the same id: what is there.
    [[nodiscard]] awaitable<Payment> insert(std::string id, std::string user_id, NewPayment what,
                                            std::string traceparent, Deadline deadline);
    [[nodiscard]] awaitable<std::optional<Payment>> find(std::string id, postgres::Lsn after_write,
                                                         Deadline deadline);
    /// Newest first, one more than the limit when there are more. `user_id` "": those that wait for
    /// people, whoever's they are.
    [[nodiscard]] awaitable<std::vector<Payment>> list(std::string user_id,
                                                       std::optional<std::string> after, int limit,
                                                       postgres::Lsn after_write,
                                                       Deadline deadline);

    enum class Told { Applied, NoNews, Known, NoSuchPayment };
    [[nodiscard]] awaitable<Told> tell(PaymentEvent event, Deadline deadline);

    /// The worker has given up. Nothing happens to a payment that is settled.
    [[nodiscard]] awaitable<void> ask_people(std::string id, std::string reason, Deadline deadline);
    /// The same for those of which the gateway has told nothing for a day, kSilentPiece at most;
    /// how many.
    static constexpr int kSilentPiece = 100;
    [[nodiscard]] awaitable<int> ask_people_about_silent(Deadline deadline);
    /// What they decided; nothing when the payment does not wait for them.
    [[nodiscard]] awaitable<std::optional<Payment>> decide(std::string id, PaymentReview review,
                                                           std::string by, std::string traceparent,
                                                           Deadline deadline);

 private:
    postgres::Pool& pool_;
    postgres::Reads& reads_;
    bool notifies_;
};

}  // namespace chatflow::chat
