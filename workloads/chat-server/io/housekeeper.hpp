#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace chatflow::chat {

/// Takes away what has had its time, a bounded piece after the other, again and again. Each pod
/// does it: a chore skips what another pod has in hand. One executor.
class Housekeeper {
 public:
    /// Does a piece of work; how many things it took away. Called again at once while that is
    /// `piece` or more. What it throws is tried again later.
    using Chore = std::function<awaitable<int>(Deadline deadline)>;

    Housekeeper(std::chrono::seconds pause, Log log) : pause_(pause), log_(std::move(log)) {}

    void add(std::string name, int piece, Chore chore);

    /// Until cancelled.
    [[nodiscard]] awaitable<void> run();

 private:
    struct Named {
        std::string name;
        int piece;
        Chore chore;
    };
    awaitable<void> do_one(const Named& named);

    std::chrono::seconds pause_;  // between two rounds
    Log log_;
    std::vector<Named> chores_;
};

}  // namespace chatflow::chat
