#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <chrono>
#include <string>

namespace chatflow::postgres {
class Pool;
}

namespace chatflow::chat {

/// An answer that is kept, to be given again.
struct KeptAnswer {
    int status = 0;
    std::string location;
    std::string body;
};

/// What is known of a request with a key.
struct Claim {
    enum class State {
        Ours,       // carry it out, under `operation_id`
        Running,    // another does
        Answered,   // `answer` is what it was answered
        Different,  // the key belongs to a request that differs
    };
    State state = State::Running;
    std::string operation_id;
    KeptAnswer answer;
};

/// Which request a key belongs to.
struct KeyedRequest {
    std::string owner;
    std::string key;
    std::string fingerprint;
};

/// Idempotency keys in PostgreSQL: a lost cache must not make anything happen twice. Throws what
/// postgres::Pool::run throws. Any executor.
class IdempotencyStore {
 public:
    /// `life`: how long an answer is kept.
    IdempotencyStore(postgres::Pool& pool, std::chrono::hours life) : pool_(pool), life_(life) {}

    /// Of several that claim at once one gets it. A claim whose owner vanished is given to the next
    /// after 15 s, with the same operation id.
    [[nodiscard]] awaitable<Claim> claim(KeyedRequest request, std::string operation_id,
                                         Deadline deadline);
    [[nodiscard]] awaitable<void> keep(KeyedRequest request, KeptAnswer answer, Deadline deadline);
    /// It may have been carried out or not: the next one tries under the same operation id.
    [[nodiscard]] awaitable<void> let_go(KeyedRequest request, Deadline deadline);
    /// It was refused and has done nothing: the key is free again.
    [[nodiscard]] awaitable<void> forget(KeyedRequest request, Deadline deadline);
    /// Takes at most 1,000 old answers away; how many.
    [[nodiscard]] awaitable<int> remove_old(Deadline deadline);

 private:
    postgres::Pool& pool_;
    std::chrono::hours life_;
};

}  // namespace chatflow::chat
