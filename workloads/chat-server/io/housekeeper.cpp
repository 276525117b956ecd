#include "workloads/chat-server/io/housekeeper.hpp"

#include "libs/async/with_deadline.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr auto kPieceTime = 10s;

}  // namespace

void Housekeeper::add(std::string name, int piece, Chore chore) {
    chores_.push_back({std::move(name), piece, std::move(chore)});
}

awaitable<void> Housekeeper::run() {
    for (;;) {
        co_await sleep_until(Deadline::after(pause_));
        for (const Named& named : chores_) co_await do_one(named);
    }
}

awaitable<void> Housekeeper::do_one(const Named& named) {
    try {
        int done = 0;
        for (;;) {
            const int now = co_await named.chore(Deadline::after(kPieceTime));
            done += now;
            if (now < named.piece) break;
        }
        if (done > 0) log_.debug("Took old things away", {{"what", named.name}, {"count", done}});
    } catch (const std::exception& error) {
        log_.debug("Old things stay for now", {{"what", named.name}, {"error", error.what()}});
    }
}

}  // namespace chatflow::chat
