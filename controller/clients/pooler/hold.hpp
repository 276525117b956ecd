#pragma once

#include "controller/clients/pooler/client.hpp"
#include "libs/async/clock.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace chatflow::pooler {

struct HoldOptions {
    /// For the transactions under way to end. The change is made then, whether they have or not.
    std::chrono::milliseconds drain{5000};
    /// No transaction is held longer than this for the change.
    std::chrono::milliseconds limit{30'000};
    std::chrono::milliseconds poll{50};
};

struct HoldReport {
    std::chrono::milliseconds held{0};   // from the first PAUSE to the last RESUME
    std::vector<std::string> undrained;  // pods whose transactions had not ended in time
    std::vector<std::string> unheld;     // pods that did not take PAUSE
    std::vector<std::string> stuck;      // pods that did not take RESUME: their guard does it
};

/// Pauses the pods, calls `change` and resumes each as soon as its own proxy leads to `to` alone;
/// `change` is waited for, and what it throws is thrown when all have been resumed.
/// RESUME is sent on every path, at the latest after `limit`.
/// `at_once`: the proxies may tell the end of the change before `change` returns.
[[nodiscard]] awaitable<HoldReport> while_held(Client& client, std::vector<Pod> pods,
                                               HoldOptions options, std::string to, bool at_once,
                                               std::function<awaitable<void>()> change,
                                               Clock& clock);

}  // namespace chatflow::pooler
