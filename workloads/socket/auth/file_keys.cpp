#include "workloads/socket/auth/file_keys.hpp"

#include "libs/async/with_deadline.hpp"

#include <chrono>
#include <utility>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenReads = 5s;

}  // namespace

FileKeys::FileKeys(const std::string& path, Log log) : file_(path), log_(std::move(log)) {}

std::shared_ptr<const auth::KeySet> FileKeys::keys() const { return file_.keys(); }

// Whoever rotates keys puts the new one into the file long before it signs with it.
awaitable<Renewal> FileKeys::renew(Deadline) { co_return Renewal::Same; }

awaitable<void> FileKeys::run() {
    for (;;) {
        co_await sleep_until(Deadline::after(kBetweenReads));
        const auto changed = file_.refresh();
        if (!changed) log_.error("Keys cannot be used", {{"error", changed.error()}});
        if (changed && *changed) log_.info("Keys have changed");
    }
}

}  // namespace chatflow::socket
